//! `passwd -l` before `passwd -d`: the lock is a mark before the hash, and deleting the hash deletes the mark too.

use std::collections::BTreeMap;

use super::shell::Command;
use super::subject::{At, Material};
use super::{Context, Findings};
use crate::code::Code;

/// What happened to a user's password so far.
enum State<'a> {
    Locked,
    /// Deleted here, after it had been locked.
    Blank(At<'a>),
}

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let mut users: BTreeMap<&str, State<'a>> = BTreeMap::new();
    for at in material.commands() {
        let Some(user) = at.command.operands().last() else {
            continue;
        };
        let user = user.text.as_str();
        match (locks(at.command), deletes(at.command)) {
            (true, false) => {
                users.insert(user, State::Locked);
            }
            (false, true) if users.contains_key(user) => {
                users.insert(user, State::Blank(at));
            }
            _ => {}
        }
    }
    for (user, state) in users {
        if let State::Blank(at) = state {
            found.error(
                Code::LockThenDelete,
                at.place(),
                format!("this unlocks `{user}` again, with a blank password"),
                format!("delete first, then lock: `passwd -d {user}`, `passwd -l {user}`"),
            );
        }
    }
}

fn locks(command: &Command) -> bool {
    match command.name() {
        "passwd" => command.has_option("-l") || command.has_option("--lock"),
        "usermod" => command.has_option("-L") || command.has_option("--lock"),
        _ => false,
    }
}

fn deletes(command: &Command) -> bool {
    command.name() == "passwd" && (command.has_option("-d") || command.has_option("--delete"))
}
