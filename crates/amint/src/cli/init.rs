//! The arguments of `amint init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Write a commented recipe to start from
///
/// It can be validated and built as it is. Beside it goes amint.schema.json, by which editors that know YAML complete and
/// check recipes.
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// Where to; `-` is stdout [default: NAME.yaml]
    pub(crate) file: Option<PathBuf>,

    /// What the image starts from
    #[arg(long, value_enum, value_name = "BASE")]
    pub(crate) base: InitBase,

    /// The recipe's name [default: that of the file, or my-image]
    #[arg(long, value_name = "NAME", value_parser = recipe_name)]
    pub(crate) name: Option<String>,

    /// Replace the file that is there
    #[arg(long)]
    pub(crate) force: bool,
}

/// Base images that there is a recipe for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum InitBase {
    /// Amazon Linux 2023, on AWS
    Al2023,
    /// Ubuntu 24.04, on AWS
    #[value(name = "ubuntu-24.04")]
    Ubuntu2404,
    /// Debian 12, on this computer
    #[value(name = "debian-12")]
    Debian12,
}

/// A name as recipes have them.
///
/// # Errors
/// When a recipe cannot have it.
pub(crate) fn recipe_name(text: &str) -> Result<String, String> {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let valid = text.len() <= 64
        && text.bytes().next().is_some_and(small)
        && text.bytes().all(|byte| small(byte) || byte == b'-');
    match valid {
        true => Ok(text.to_owned()),
        false => Err(
            "use small letters, digits and hyphens, a letter or digit first, at most 64".to_owned(),
        ),
    }
}
