//! Package managers that ask, where nobody answers.

use super::shell::Command;
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

/// What changes packages, and asks before it does.
const ASKING: [&str; 14] = [
    "autoremove",
    "dist-upgrade",
    "downgrade",
    "erase",
    "full-upgrade",
    "groupinstall",
    "install",
    "localinstall",
    "purge",
    "reinstall",
    "remove",
    "swap",
    "update",
    "upgrade",
];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for at in material.commands() {
        if let Some(option) = missing(at.command) {
            let name = at.command.name();
            found.warn(
                Code::AsksBack,
                at.place(),
                format!("`{name}` asks before it does this, and nobody answers"),
                format!("add `{option}`, or use the step `install-packages`"),
            );
        }
    }
}

/// The option that is missing.
fn missing(command: &Command) -> Option<&'static str> {
    let (option, others): (_, &[&str]) = match command.name() {
        "apt-get" | "apt" => (
            "-y",
            &[
                "--yes",
                "--assume-yes",
                "--assume-no",
                "-s",
                "--simulate",
                "--download-only",
            ],
        ),
        "yum" | "dnf" | "microdnf" => ("-y", &["--assumeyes", "--assumeno", "--downloadonly"]),
        "zypper" => ("-n", &["--non-interactive", "-y", "--no-confirm"]),
        _ => return None,
    };
    let verb = command.operands().next()?;
    // `apt-get update` reads lists; `yum update` installs.
    let reads = verb.text == "update" && command.name().starts_with("apt");
    let answered = command.has_option(option)
        || others.iter().any(|option| command.has_option(option))
        || command.arguments().iter().any(|word| word.text == "-qq");
    let asks = ASKING.contains(&verb.text.as_str()) && !reads && !answered;
    // An option in a variable may be the one.
    let hidden = command
        .arguments()
        .iter()
        .any(|word| word.literal().is_none() && word.text.starts_with('$'));
    (asks && !hidden).then_some(option)
}
