//! `runcmd` of cloud-init in an image: a buyer's user data with a `runcmd` of its own replaces it.
//!
//! Source: cloud-init, "Merging user data sections": lists are replaced unless the user data asks for something else.

use std::ops::Range;

use super::subject::{Material, Place, Role};
use super::{Context, Findings};
use crate::code::Code;

const KEYS: [&str; 2] = ["runcmd:", "bootcmd:"];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let mut report = |place, key: &str| {
        found.warn(
            Code::Runcmd,
            place,
            format!("a buyer's user data with `{key}` replaces this one, and it never runs"),
            "use `first-boot-secret`, or a systemd unit that runs once",
        );
    };
    for at in material.commands() {
        for (range, text) in at.documents() {
            if let Some((key, found)) = first(text) {
                report(
                    at.part(range.start + found.start..range.start + found.end),
                    key,
                );
            }
        }
        let writes = matches!(at.command.name(), "echo" | "printf" | "tee");
        for word in at.command.arguments().iter().filter(|_| writes) {
            if let Some((key, _)) = first(&word.text) {
                report(at.part(word.range.clone()), key);
            }
        }
    }
    for (step, passage) in material.passages() {
        if let Role::Content(to) = &passage.role
            && (to.starts_with("/etc/cloud/") || passage.text.starts_with("#cloud-config"))
            && let Some((key, range)) = first(&passage.text)
        {
            report(Place::Passage(passage, range, step), key);
        }
    }
}

/// The first line that begins with one of the keys.
fn first(text: &str) -> Option<(&'static str, Range<usize>)> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(key) = KEYS.iter().find(|key| line.starts_with(*key)) {
            return Some((key.trim_end_matches(':'), start..start + key.len()));
        }
        start += line.len();
    }
    None
}
