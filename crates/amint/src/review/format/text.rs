//! For people, on a terminal or in a log.

use std::fmt::Write;

use amint_plan::Class;

use super::foreign::shown;
use super::lines::{self, Mark, Row};
use super::{entries, summary};
use crate::review::{Located, Review, Reviewed};

const RESET: &str = "\u{1b}[0m";
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
/// Added to a line's colour where its words differ.
const STRONG: &str = "\u{1b}[1;4m";
/// What each line below a change begins with: no line of a recipe is ever one of its own, which a log might take for a
/// command.
const MARGIN: &str = "      ";

/// All of it.
pub(super) fn document(review: &Review, color: bool) -> String {
    let paint = Paint(color);
    let mut text = String::new();
    for recipe in &review.recipes {
        let was = recipe
            .was
            .as_ref()
            .map(|was| format!(" (was {})", shown(was)));
        let path = paint.in_style(BOLD, &shown(&recipe.path));
        let _ = writeln!(text, "{path}{}", was.unwrap_or_default());
        for change in &recipe.changes {
            one(&mut text, recipe, change, &paint);
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "{}, from {} to {}",
        summary(review),
        shown(&review.old),
        shown(&review.new)
    );
    if review.approvals.is_some() {
        let entries = entries(review);
        if !entries.is_empty() {
            let _ = write!(text, "\n{entries}");
        }
    }
    text
}

fn one(text: &mut String, recipe: &Reviewed, located: &Located, paint: &Paint) {
    let change = &located.change;
    let style = match change.class {
        Class::Weakened => RED,
        Class::Changed => YELLOW,
        Class::Strengthened => GREEN,
        Class::Neutral => DIM,
    };
    let class = paint.in_style(style, &format!("{:<13}", change.class.word()));
    let labels = recipe.labels(located);
    let labels = match labels.as_slice() {
        [] => String::new(),
        labels => format!(" ({})", shown(&labels.join(", "))),
    };
    let file = match located.line.file == recipe.path {
        true => "line ".to_owned(),
        false => format!("{}:", shown(&located.line.file)),
    };
    let _ = writeln!(
        text,
        "  {class}{file}{}: {}{labels} {}",
        located.line.first,
        shown(&change.message),
        paint.in_style(DIM, &format!("[{}]", change.rule.id)),
    );
    if let Some(approval) = recipe
        .approval(located)
        .filter(|_| change.class == Class::Weakened)
    {
        let _ = writeln!(
            text,
            "{MARGIN}approved by {} on {}: {}",
            shown(&approval.by),
            approval.date,
            shown(&approval.reason)
        );
    }
    let (_, rows) = lines::of_change(change);
    for row in &rows {
        let _ = writeln!(text, "{MARGIN}{}", paint.row(row));
    }
}

/// Colours, or none.
struct Paint(bool);

impl Paint {
    fn in_style(&self, style: &str, text: &str) -> String {
        match self.0 {
            true => format!("{style}{text}{RESET}"),
            false => text.to_owned(),
        }
    }

    fn row(&self, row: &Row) -> String {
        let (sign, style) = match row.mark {
            Mark::Both => ('|', ""),
            Mark::Old => ('-', RED),
            Mark::New => ('+', GREEN),
            Mark::Gap => ('|', DIM),
        };
        let mut line = self.in_style(style, &sign.to_string());
        line.push(' ');
        for (differs, piece) in &row.pieces {
            let style = match differs {
                true => format!("{style}{STRONG}"),
                false => style.to_owned(),
            };
            line.push_str(&match style.is_empty() {
                true => shown(piece),
                false => self.in_style(&style, &shown(piece)),
            });
        }
        line.trim_end().to_owned()
    }
}
