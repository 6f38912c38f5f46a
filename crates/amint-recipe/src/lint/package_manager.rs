//! A package manager that the base image does not have.

use super::base::families;
use super::shell::Script;
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

const APT: [&str; 4] = ["apt", "apt-get", "dpkg", "add-apt-repository"];
const RPM: [&str; 5] = ["yum", "dnf", "rpm", "amazon-linux-extras", "zypper"];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let Some(families) = families(material.base.as_ref()) else {
        return;
    };
    let all_apt = families.iter().all(|family| family.has_apt());
    let none_apt = families.iter().all(|family| !family.has_apt());
    let Some(family) = families.first() else {
        return;
    };
    let mut passage = std::ptr::null();
    let mut asks = false;
    for at in material.commands() {
        if !std::ptr::eq(passage, at.passage) {
            passage = at.passage;
            asks = asks_first(at.script);
        }
        let name = at.command.name();
        let missing = (all_apt && RPM.contains(&name)) || (none_apt && APT.contains(&name));
        if missing && !asks {
            found.warn(
                Code::OtherPackageManager,
                at.place(),
                format!("the base image is {}, and has no `{name}`", family.name()),
                "use the step `install-packages`, which takes the one that is there",
            );
        }
    }
}

/// Whether a script looks which tools or which system it has.
fn asks_first(script: &Script) -> bool {
    script.commands.iter().any(|command| {
        let looks = matches!(command.name(), "command" | "which" | "type" | "hash");
        looks
            || command
                .words
                .iter()
                .any(|word| word.text.contains("os-release") || word.text.contains("/apt"))
            || command
                .words
                .first()
                .is_some_and(|word| word.text == "command")
    })
}
