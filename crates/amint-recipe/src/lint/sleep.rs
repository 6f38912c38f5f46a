//! Waits of a fixed time: too long on most days, too short on one.

use super::shell::Command;
use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

/// Shorter waits are looked over, in seconds.
const SHORTEST: f64 = 5.0;

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for at in material.commands() {
        // In a loop, something else decides when it is over.
        if !at.command.in_loop && seconds(at.command) >= SHORTEST {
            found.warn(
                Code::Sleep,
                at.place(),
                "this waits the same time however long it takes",
                "wait for what is meant: `until CHECK; do sleep 1; done`; the step's `timeout` ends it",
            );
        }
    }
}

fn seconds(command: &Command) -> f64 {
    if command.name() != "sleep" {
        return 0.0;
    }
    let words = command.operands().filter_map(super::shell::Word::literal);
    words
        .filter_map(|word| {
            let number = word.trim_end_matches(['s', 'm', 'h', 'd']);
            let unit = match &word[number.len()..] {
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                _ => 1.0,
            };
            number.parse::<f64>().ok().map(|number| number * unit)
        })
        .sum()
}
