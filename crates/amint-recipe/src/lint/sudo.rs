//! `sudo` in a script that runs as root already.

use super::shell::{Command, Word};
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

/// Options that make it do something else than become root.
const OTHER_USER: [&str; 4] = ["-u", "--user", "-g", "--group"];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let mut passage = std::ptr::null();
    for at in material.commands() {
        // Once a script is enough.
        if std::ptr::eq(passage, at.passage) {
            continue;
        }
        if let Some(sudo) = becomes_root(at.command) {
            passage = at.passage;
            found.warn(
                Code::Sudo,
                at.part(sudo.range.clone()),
                "scripts run as root, and not every base image has `sudo`",
                "leave it out",
            );
        }
    }
}

/// The `sudo` of a command, when it makes root of root.
fn becomes_root(command: &Command) -> Option<&Word> {
    // `sudo -i` runs nothing, and is the program itself.
    let before = match command.name() {
        "sudo" => &command.words[..],
        _ => command.wrappers(),
    };
    let other = |word: &Word| {
        let text = word.text.as_str();
        OTHER_USER.contains(&text) || text.starts_with("--user=") || text.starts_with("-u")
    };
    let sudo = before.iter().find(|word| word.text == "sudo")?;
    (!before.iter().any(other)).then_some(sudo)
}
