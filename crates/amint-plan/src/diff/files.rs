//! The files that steps put in place: what they hold, and who may change and run them.

use super::change::{Change, Class, Detail, Place};
use super::changes::{Changes, quoted};
use super::facts::Steps;
use super::pairing::Pairing;
use super::rule::{DiffRule, both_ways, pair};
use crate::plan::{Action, Step};

static CONTENT: DiffRule = both_ways(
    "DIFF-FILE-001",
    Class::Changed,
    "a file holds something else",
    "What it does is for a reader to see. Where it guards something, its lines are compared by themselves.",
);
static WIDER: DiffRule = pair(
    "DIFF-FILE-002",
    Class::Weakened,
    "DIFF-FILE-003",
    "more may be done with a file",
    "More accounts may read, change or run it, or it runs with the rights of its owner.",
);
static NARROWER: DiffRule = pair(
    "DIFF-FILE-003",
    Class::Strengthened,
    "DIFF-FILE-002",
    "less may be done with a file",
    "Fewer accounts may read, change or run it.",
);
static NOT_ROOTS: DiffRule = pair(
    "DIFF-FILE-004",
    Class::Weakened,
    "DIFF-FILE-005",
    "a file no longer belongs to root",
    "Its owner can change it at any time, and whatever runs it runs what the owner wrote.",
);
static ROOTS: DiffRule = pair(
    "DIFF-FILE-005",
    Class::Strengthened,
    "DIFF-FILE-004",
    "a file belongs to root",
    "Only root can change it.",
);
static OWNER: DiffRule = both_ways(
    "DIFF-FILE-006",
    Class::Changed,
    "a file belongs to another account or group",
    "Another account may change it, or another group has the rights of the group.",
);
static SPELLING: DiffRule = both_ways(
    "DIFF-FILE-007",
    Class::Neutral,
    "a file's owner is written in another way",
    "Root owns what names no owner, and the group is the owner's where none is named.",
);
static PUT: DiffRule = pair(
    "DIFF-FILE-008",
    Class::Changed,
    "DIFF-FILE-009",
    "a file is put in place",
    "It is on every instance.",
);
static NOT_PUT: DiffRule = pair(
    "DIFF-FILE-009",
    Class::Changed,
    "DIFF-FILE-008",
    "a file is no longer put in place",
    "It is missing, or what the base image has in its place stays.",
);

pub(super) static RULES: &[&DiffRule] = &[
    &CONTENT, &WIDER, &NARROWER, &NOT_ROOTS, &ROOTS, &OWNER, &SPELLING, &PUT, &NOT_PUT,
];

/// What files may be without being remarked on: changed by their owner, read and run by everybody.
const USUAL_MODE: u32 = 0o755;

/// Keeps everybody but a file's owner from taking it out of the folder that has this bit.
const STICKY: u32 = 0o1000;

/// A file that a step puts in place.
#[derive(Clone, Copy, Debug)]
struct File<'a> {
    step: usize,
    to: &'a str,
    owner: Option<&'a str>,
    group: Option<&'a str>,
    mode: u32,
    sha256: &'a str,
    content: &'a [u8],
}

impl File<'_> {
    fn owned_by(&self) -> &str {
        self.owner.unwrap_or("root")
    }

    /// Two words, as chown takes them.
    fn owners(&self) -> String {
        format!(
            "{}:{}",
            self.owned_by(),
            self.group.unwrap_or(self.owned_by())
        )
    }

    fn written(&self) -> String {
        let (to, owners, sha256) = (self.to, self.owners(), self.sha256);
        format!(
            "{to}, owned by {owners}, mode {:04o}, SHA-256 {sha256}",
            self.mode
        )
    }

    /// The content, where it is text that can be shown. A plan that was written and read again has none.
    fn text(&self) -> Option<String> {
        shown_text(self.content)
    }
}

/// A content that is text and not too long to be shown.
pub(super) fn shown_text(content: &[u8]) -> Option<String> {
    let shown = !content.is_empty() && content.len() <= Detail::MAX_FILE_BYTES;
    let text = std::str::from_utf8(content)
        .ok()
        .filter(|text| !text.contains('\0'));
    text.filter(|_| shown).map(str::to_owned)
}

pub(super) fn compare(steps: Steps<'_>, changes: &mut Changes) {
    let (old, new) = (files(steps.old), files(steps.new));
    let mut pairing = Pairing::new(old.len(), new.len());
    pairing.by_key(
        |at| Some((old[at].to, Some(steps.pairing.of_old[old[at].step]?))),
        |at| {
            Some((
                new[at].to,
                steps.pairing.of_new[new[at].step].map(|_| new[at].step),
            ))
        },
    );
    pairing.by_key(|at| Some(old[at].to), |at| Some(new[at].to));
    for (before, after) in pairing.pairs() {
        let (before, after) = (old[before], new[after]);
        compare_pair(
            &before,
            &after,
            || steps.place(before.step, after.step),
            changes,
        );
    }
    for file in pairing.added().map(|at| &new[at]) {
        let place = steps.place_of_new(file.step);
        // A step that is new says itself what it puts in place.
        if steps.pairing.of_new[file.step].is_some() {
            put(file, &place, changes);
        }
        modes(
            file.to,
            (file.mode & USUAL_MODE, file.mode),
            &place,
            changes,
        );
    }
    for file in pairing.removed().map(|at| &old[at]) {
        let place = steps.place_of_old(file.step);
        if steps.pairing.of_old[file.step].is_some() {
            taken(file, &place, changes);
        }
        modes(
            file.to,
            (file.mode, file.mode & USUAL_MODE),
            &place,
            changes,
        );
    }
}

fn files(steps: &[Step]) -> Vec<File<'_>> {
    let mut files = Vec::new();
    for (step, one) in steps.iter().enumerate() {
        // What amint itself writes for a secret is told by the secret.
        let told = one.kind == "first-boot-secret";
        for action in one.actions.iter().filter(|_| !told) {
            if let Action::Upload {
                to,
                owner,
                group,
                mode,
                sha256,
                // Equal digests have equal sizes.
                size: _,
                content,
            } = action
            {
                files.push(File {
                    step,
                    to,
                    owner: owner.as_deref(),
                    group: group.as_deref(),
                    mode: *mode,
                    sha256,
                    content,
                });
            }
        }
    }
    files
}

fn put(file: &File<'_>, place: &Place, changes: &mut Changes) {
    let message = format!("the file {} is now put in place", quoted(file.to));
    let change = Change::by(&PUT, place.clone(), message);
    let detail = file.text().map(|text| detail(file, None, Some(text)));
    changes.push(change.is(file.written()).with(detail));
}

fn taken(file: &File<'_>, place: &Place, changes: &mut Changes) {
    let message = format!("the file {} is no longer put in place", quoted(file.to));
    let change = Change::by(&NOT_PUT, place.clone(), message);
    let detail = file.text().map(|text| detail(file, Some(text), None));
    changes.push(change.was(file.written()).with(detail));
}

fn detail(file: &File<'_>, old: Option<String>, new: Option<String>) -> Detail {
    Detail::File {
        path: file.to.to_owned(),
        old,
        new,
    }
}

fn compare_pair(old: &File<'_>, new: &File<'_>, place: impl Fn() -> Place, changes: &mut Changes) {
    let path = quoted(new.to);
    if old.sha256 != new.sha256 {
        let message = format!("the file {path} holds something else");
        let texts = (old.text(), new.text());
        let detail = match texts {
            (None, None) => None,
            (old, text) => Some(detail(new, old, text)),
        };
        let change = Change::by(&CONTENT, place(), message).with(detail);
        changes.push(change.was(old.sha256).is(new.sha256));
    }
    modes(new.to, (old.mode, new.mode), &place(), changes);
    if old.owners() != new.owners() {
        let rule = match (old.owned_by(), new.owned_by()) {
            ("root", owner) if owner != "root" => &NOT_ROOTS,
            (owner, "root") if owner != "root" => &ROOTS,
            _ => &OWNER,
        };
        let what = format!("the owner of the file {path}");
        changes.replaced(rule, place(), &what, &old.owners(), &new.owners());
    } else if (old.owner, old.group) != (new.owner, new.group) {
        let message = format!("the owner of the file {path} is written in another way");
        changes.push(Change::by(&SPELLING, place(), message));
    }
}

/// Bits that came and bits that went are two changes: one does not make up for the other.
fn modes(path: &str, (old, new): (u32, u32), place: &Place, changes: &mut Changes) {
    // The sticky bit takes a right away.
    let (allowed, allows) = (old ^ STICKY, new ^ STICKY);
    for (rule, bits, says) in [
        (&WIDER, allows & !allowed, "more may be done with"),
        (&NARROWER, allowed & !allows, "less may be done with"),
    ] {
        if bits != 0 {
            let message = format!(
                "{says} the file {}: its mode was {old:04o} and is {new:04o} ({})",
                quoted(path),
                words(bits)
            );
            let change = Change::by(rule, place.clone(), message);
            changes.push(change.was(format!("{old:04o}")).is(format!("{new:04o}")));
        }
    }
}

/// Permission bits in words.
fn words(bits: u32) -> String {
    let names = [
        (0o4000, "runs as its owner"),
        (0o2000, "runs as its group"),
        (STICKY, "taken from a shared folder by everybody"),
        (0o400, "read by the owner"),
        (0o200, "changed by the owner"),
        (0o100, "run by the owner"),
        (0o040, "read by the group"),
        (0o020, "changed by the group"),
        (0o010, "run by the group"),
        (0o004, "read by everybody"),
        (0o002, "changed by everybody"),
        (0o001, "run by everybody"),
    ];
    let set = names.iter().filter(|(bit, _)| bits & bit != 0);
    set.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}
