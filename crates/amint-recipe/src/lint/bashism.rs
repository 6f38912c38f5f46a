//! What bash knows and `/bin/sh` of Debian and Ubuntu does not.

use super::base::families;
use super::shell::Command;
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

/// Commands that dash does not have.
const BUILTINS: [&str; 11] = [
    "[[",
    "compgen",
    "declare",
    "let",
    "mapfile",
    "popd",
    "pushd",
    "readarray",
    "shopt",
    "source",
    "typeset",
];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    // Where all base images are known to have bash there, it works.
    let families = families(material.base.as_ref());
    if families.is_some_and(|all| all.iter().all(|family| family.has_bash_as_sh())) {
        return;
    }
    for at in material.commands() {
        if let Some((what, instead)) = bashism(at.command) {
            found.warn(
                Code::Bashism,
                at.place(),
                format!("`{what}` is bash's; /bin/sh of Debian and Ubuntu does not know it"),
                instead,
            );
        }
    }
}

/// What it is, and what to write instead.
fn bashism(command: &Command) -> Option<(&str, &'static str)> {
    let name = command.name();
    if BUILTINS.contains(&name) {
        let instead = match name {
            "[[" => "use `[ … ]` or `case`",
            "source" => "write `. FILE`",
            _ => {
                "write it for a POSIX shell, or install a bash script with a `file` step and run it"
            }
        };
        return Some((name, instead));
    }
    let texts = || command.operands().map(|word| word.text.as_str());
    match name {
        "set" if texts().any(|word| word == "pipefail") => Some((
            "pipefail",
            "leave it out; write to a file what has to be checked",
        )),
        "[" | "test" if texts().any(|word| word == "==") => Some(("==", "write `=`")),
        _ => None,
    }
}
