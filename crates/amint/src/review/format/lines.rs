//! The lines in which two texts differ, and the words in which lines do.

use amint_plan::{Change, Detail};
use similar::{ChangeTag, TextDiff};

/// The longest text that is compared line by line, in bytes: the time grows with the square of what differs.
const LONGEST: usize = 64 << 10;
/// As many lines.
const MOST_LINES: usize = 2000;
/// The longest value that a message has all of, in bytes.
const LONGEST_QUOTE: usize = 100;
/// How many equal lines are shown around those that differ.
const AROUND: usize = 2;

/// A line of either text, or what stands for many.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Row {
    pub(super) mark: Mark,
    /// Pieces of the line, and whether they are what differs in it.
    pub(super) pieces: Vec<(bool, String)>,
}

/// Where a line is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mark {
    Both,
    Old,
    New,
    /// Lines that are left out.
    Gap,
}

impl Row {
    fn plain(mark: Mark, text: impl Into<String>) -> Self {
        Self {
            mark,
            pieces: vec![(false, text.into())],
        }
    }

    /// The line without marks.
    pub(super) fn text(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }
}

impl Mark {
    /// As in a unified diff.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Both => ' ',
            Self::Old => '-',
            Self::New => '+',
            Self::Gap => '@',
        }
    }
}

/// What the two texts of a change are of, and how they differ; no rows where the message says it all.
pub(super) fn of_change(change: &Change) -> (String, Vec<Row>) {
    let Some(detail) = &change.detail else {
        let (old, new) = (change.old.as_deref(), change.new.as_deref());
        // Messages shorten what they quote, and quote what is alone in any case.
        let is_long = |value: &str| value.len() > LONGEST_QUOTE || value.contains('\n');
        let is_said = |value: &str| change.message.contains(&value.escape_debug().to_string());
        let is_told = match (old, new) {
            (Some(old), Some(new)) => is_said(old) && is_said(new),
            (one, other) => !one.into_iter().chain(other).any(is_long),
        };
        let rows = match is_told {
            true => Vec::new(),
            false => rows(old, new),
        };
        return (change.rule.title.to_owned(), rows);
    };
    match detail {
        Detail::Script { old, new } => (
            "the script as it runs".to_owned(),
            rows(old.as_deref(), new.as_deref()),
        ),
        Detail::File { path, old, new } => (
            format!("the file {path}"),
            rows(old.as_deref(), new.as_deref()),
        ),
    }
}

/// How two texts differ, line by line.
pub(super) fn rows(old: Option<&str>, new: Option<&str>) -> Vec<Row> {
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    let is_long = |text: &str| text.len() > LONGEST || text.lines().count() > MOST_LINES;
    if is_long(old) || is_long(new) {
        let said = |text: &str| format!("{} lines, {} bytes", text.lines().count(), text.len());
        return vec![
            Row::plain(Mark::Old, said(old)),
            Row::plain(Mark::New, said(new)),
            Row::plain(Mark::Gap, "too long to be compared here"),
        ];
    }
    // A last line is the same line with and without its end.
    let ended = |text: &str| match text.is_empty() || text.ends_with('\n') {
        true => text.to_owned(),
        false => format!("{text}\n"),
    };
    let (old_lines, new_lines) = (ended(old), ended(new));
    let diff = TextDiff::from_lines(&old_lines, &new_lines);
    let mut rows = Vec::new();
    for group in diff.grouped_ops(AROUND) {
        let starts_later = group.first().is_some_and(|op| op.old_range().start > 0);
        if starts_later || !rows.is_empty() {
            rows.push(Row::plain(Mark::Gap, "…"));
        }
        for op in &group {
            for change in diff.iter_inline_changes(op) {
                let mark = match change.tag() {
                    ChangeTag::Equal => Mark::Both,
                    ChangeTag::Delete => Mark::Old,
                    ChangeTag::Insert => Mark::New,
                };
                let pieces = change.iter_strings_lossy();
                let pieces = pieces.map(|(differs, text)| {
                    let text = text.trim_end_matches('\n');
                    (differs, text.to_owned())
                });
                let pieces = pieces.filter(|(_, text)| !text.is_empty()).collect();
                rows.push(Row { mark, pieces });
            }
        }
    }
    if rows.is_empty() && old != new {
        // Only ends of lines differ.
        rows.push(Row::plain(Mark::Gap, "only the last line's end differs"));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(old: &str, new: &str) -> String {
        let rows = rows(Some(old), Some(new));
        let line = |row: &Row| {
            let pieces = row.pieces.iter();
            let pieces = pieces.map(|(differs, text)| match differs {
                true => format!("[{text}]"),
                false => text.clone(),
            });
            format!("{}{}\n", row.mark.sign(), pieces.collect::<String>())
        };
        rows.iter().map(line).collect()
    }

    #[test]
    fn words_that_differ_are_known() {
        let old = "set -eu\necho one two\n1\n2\n3\n4\n5\n";
        let new = "set -eu\necho one three\n1\n2\n3\n4\n5\n";
        assert_eq!(
            written(old, new),
            " set -eu\n-echo one [two]\n+echo one [three]\n 1\n 2\n"
        );
        assert_eq!(written("a\n", "a\n"), "");
        assert_eq!(written("", "a\n"), "+a\n");
        assert_eq!(written("a", "a\nb\n"), " a\n+b\n");
        assert_eq!(written("a", "a\n"), "@only the last line's end differs\n");
    }

    #[test]
    fn long_texts_are_not_compared() {
        let (old, new) = ("a\n".repeat(3000), "b\n".repeat(3000));
        assert_eq!(rows(Some(&old), Some(&new)).len(), 3);
    }
}
