//! Secrets in shell scripts: the value itself is nowhere, only code that reads it on the builder.

/// The folder on the builder, in memory and root's alone, that holds each secret in a file of its name while steps run.
pub const SECRETS_FOLDER: &str = "/run/amint/secrets";

/// What stands for a secret while a template is rendered. No variable's value can hold a zero byte.
const MARK: &str = "\0secret:";

/// What a template is given in a secret's place.
pub(crate) fn stand_in(name: &str) -> String {
    format!("{MARK}{name}")
}

/// The shell code that reads a secret, where `value` stands for one: one word, whatever the secret holds.
pub(crate) fn code(value: &str) -> Option<String> {
    let name = value.strip_prefix(MARK)?;
    Some(format!("\"$(cat {SECRETS_FOLDER}/{name})\""))
}

/// Whether something that stands for a secret was left in a rendered string.
pub(crate) fn is_left_in(rendered: &str) -> bool {
    rendered.contains(MARK)
}
