//! Files that every user and every service may change.

use super::subject::{Material, Place};
use super::{Context, Findings};
use crate::code::Code;
use crate::recipe::Action;

/// Write permission for everybody, and the bit that makes it harmless on a folder.
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let message = "every user and every service may change this";
    let hint = "give it an owner, and only the permissions that are needed: 0755 or 0644";
    for at in material
        .commands()
        .filter(|at| at.command.name() == "chmod")
    {
        if let Some(mode) = at
            .command
            .operands()
            .next()
            .filter(|mode| opens(&mode.text))
        {
            found.warn(
                Code::WorldWritable,
                at.part(mode.range.clone()),
                message,
                hint,
            );
        }
    }
    for (index, piece) in material.steps.iter().enumerate() {
        if let Some(step) = &piece.step
            && let Action::File(file) = &step.action
            && file.mode & (OTHERS_WRITE | STICKY) == OTHERS_WRITE
        {
            found.warn(
                Code::WorldWritable,
                Place::Span(step.span, Some(index)),
                message,
                hint,
            );
        }
    }
}

fn opens(mode: &str) -> bool {
    if let Ok(bits) = u32::from_str_radix(mode, 8) {
        return bits & (OTHERS_WRITE | STICKY) == OTHERS_WRITE;
    }
    mode.split(',').any(|clause| {
        let Some(operator) = clause.find(['+', '=']) else {
            return false;
        };
        let (who, what) = clause.split_at(operator);
        who.contains(['a', 'o']) && what.contains('w') && !mode.contains('t')
    })
}
