//! `rm -rf` on `/`, or on what is `/` when a variable is empty.

use std::collections::BTreeSet;

use super::shell::{Command, Guard, Part, Word};
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

/// Folders without which no system is left.
const SYSTEM: [&str; 10] = [
    "bin", "boot", "dev", "etc", "lib", "lib64", "sbin", "sys", "usr", "var",
];

/// Folders that stand directly below `/`.
const TOP: [&str; 9] = [
    "home", "media", "mnt", "opt", "proc", "root", "run", "srv", "tmp",
];

/// Variables that every script has.
const ALWAYS_SET: [&str; 4] = ["HOME", "OLDPWD", "PATH", "PWD"];

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let mut set = BTreeSet::new();
    let mut passage = std::ptr::null();
    for at in material.commands() {
        // Each script is a shell of its own.
        if !std::ptr::eq(passage, at.passage) {
            passage = at.passage;
            set = BTreeSet::from(ALWAYS_SET);
        }
        learn(&mut set, at.command);
        if at.command.name() != "rm" || !is_recursive(at.command) {
            continue;
        }
        for word in at.command.operands() {
            if let Some(path) = word.literal() {
                if is_system(path) {
                    found.error(
                        Code::RemoveRoot,
                        at.part(word.range.clone()),
                        format!("`rm -r {path}` leaves no system behind"),
                        "name the folder that is meant",
                    );
                }
            } else if let Some(name) = empty_is_root(word, &set, at.command.in_function) {
                found.warn(
                    Code::RemoveEmpty,
                    at.part(word.range.clone()),
                    format!("if `${name}` is empty, this removes what is not meant"),
                    format!(
                        "write `${{{name}:?}}`: the script then stops when it is empty or not set"
                    ),
                );
            }
        }
    }
}

fn is_recursive(command: &Command) -> bool {
    ["-r", "-R", "--recursive"]
        .iter()
        .any(|option| command.has_option(option))
}

fn is_system(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else {
        return false;
    };
    let path = path.trim_start_matches('/');
    let top = path.trim_end_matches(['*', '.', '/']);
    // `/..` and `/.*` are as much as `/`.
    top.is_empty() || (SYSTEM.contains(&top) && !path.contains("./"))
}

/// The variable that a path begins with, when the path is `/`, all of it or a folder directly below without it.
fn empty_is_root<'w>(word: &'w Word, set: &BTreeSet<&str>, in_function: bool) -> Option<&'w str> {
    let mut parts = word
        .parts
        .iter()
        .filter(|part| !matches!(part, Part::Text { text, .. } if text.is_empty()));
    let Some(Part::Variable { name, guard }) = parts.next() else {
        return None;
    };
    let positional = name.starts_with(|c: char| !c.is_ascii_alphabetic() && c != '_');
    if matches!(guard, Guard::Required | Guard::Default)
        || set.contains(name.as_str())
        || (positional && in_function)
    {
        return None;
    }
    let mut rest = String::new();
    for part in parts {
        match part {
            Part::Text { text, .. } => rest.push_str(text),
            _ => return None,
        }
    }
    let below = rest.strip_prefix('/')?.trim_start_matches('/');
    let top = below.trim_end_matches(['*', '.', '/']);
    (top.is_empty() || SYSTEM.contains(&top) || TOP.contains(&top)).then_some(name.as_str())
}

/// What is known not to be empty after a command.
fn learn<'w>(set: &mut BTreeSet<&'w str>, command: &'w Command) {
    if command.words.is_empty() {
        for (name, value) in &command.assignments {
            if never_empty(&value.parts, set) {
                set.insert(name);
            } else {
                set.remove(name.as_str());
            }
        }
    }
    match command.name() {
        "export" | "readonly" | "local" | "declare" => {
            for word in command.operands() {
                if let Some((name, value)) = word.text.split_once('=')
                    && !value.is_empty()
                {
                    set.insert(name);
                }
            }
        }
        "for" => {
            let mut words = command.arguments().iter();
            if let Some(name) = words.next()
                && words.next().is_some_and(|word| word.text == "in")
                && words.all(|word| never_empty(&word.parts, set))
            {
                set.insert(&name.text);
            }
        }
        // `[ -n "$X" ] || exit`, `: "${X:?}"`: somebody has thought of it.
        _ => {
            let looks = matches!(command.name(), "[" | "test");
            for part in command.words.iter().flat_map(|word| &word.parts) {
                if let Part::Variable { name, guard } = part
                    && (looks || *guard == Guard::Required)
                {
                    set.insert(name);
                }
            }
        }
    }
}

/// Whether parts hold at least one that is not empty. A substitution counts as one: a script stops where it fails.
fn never_empty(parts: &[Part], set: &BTreeSet<&str>) -> bool {
    parts.iter().any(|part| match part {
        Part::Text { text, .. } => !text.is_empty(),
        Part::Variable { name, guard } => {
            matches!(guard, Guard::Required | Guard::Default) || set.contains(name.as_str())
        }
        Part::Substitution => true,
    })
}
