//! A page as GitHub's Markdown. Nothing of a recipe is markup in it, or calls for anybody.

use std::fmt::Write;

use super::{Block, Page, Piece, Sentence};
use crate::render::text::escaped;

/// The whole page. Writing to a `String` cannot fail, hence the ignored results.
pub(crate) fn render(page: &Page) -> String {
    let mut text = format!("# {}\n", line(&page.title));
    for sentence in &page.summary {
        let _ = writeln!(text, "\n{}", line(sentence));
    }
    for section in &page.sections {
        let _ = writeln!(text, "\n## {}", section.title);
        let mut before_item = false;
        for block in &section.blocks {
            let is_item = matches!(block, Block::Item(_));
            if !(is_item && before_item) {
                text.push('\n');
            }
            before_item = is_item;
            let _ = match block {
                Block::Heading(sentence) => writeln!(text, "### {}", line(sentence)),
                Block::Paragraph(sentence) => writeln!(text, "{}", line(sentence)),
                Block::Item(sentence) => writeln!(text, "- {}", line(sentence)),
                Block::Verbatim(verbatim) => write!(text, "{}", fenced(verbatim)),
            };
        }
    }
    text
}

fn line(sentence: &Sentence) -> String {
    let pieces = sentence.0.iter().map(|piece| match piece {
        Piece::Words(words) => plain(words),
        Piece::Value(value) => code(value),
    });
    pieces.collect()
}

/// Words that stay words.
fn plain(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for character in escaped(words).chars() {
        match character {
            // Neither a backslash nor an entity keeps them from being a mention or a link to an issue, which GitHub makes
            // of the text as it is shown; a comment cuts that text in two.
            '@' => text.push_str("@<!-- -->"),
            '#' => text.push_str("\\#<!-- -->"),
            '<' => text.push_str("&lt;"),
            '&' => text.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '>' | '$' => {
                text.extend(['\\', character]);
            }
            other => text.push(other),
        }
    }
    // What looks like an address becomes a link by itself.
    text.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A span of code, between more backticks than it has in a row.
fn code(value: &str) -> String {
    if value.is_empty() {
        return "(nothing)".to_owned();
    }
    let value = escaped(value);
    let ticks = "`".repeat(longest_run(&value) + 1);
    // One space on both sides is taken off again.
    let around = value.starts_with(['`', ' ']) || value.ends_with(['`', ' ']);
    let space = if around { " " } else { "" };
    format!("{ticks}{space}{value}{space}{ticks}")
}

/// A block of code, fenced by more backticks than it has in a row.
pub(crate) fn fenced(verbatim: &str) -> String {
    let fence = "`".repeat(longest_run(verbatim).max(2) + 1);
    let lines = verbatim.lines().map(|line| {
        let parts: Vec<String> = line.split('\t').map(escaped).collect();
        parts.join("\t") + "\n"
    });
    format!("{fence}\n{}{fence}\n", lines.collect::<String>())
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|character| character != '`').map(str::len);
    runs.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_no_markup() {
        assert_eq!(
            plain("<img src=x> @me [a](b) https://x"),
            "&lt;img src=x\\> @<!-- -->me \\[a\\](b) https&#58;//x"
        );
        assert_eq!(code("a`b``"), "``` a`b`` ```");
        assert_eq!(code("a\nb"), "`a\\nb`");
        assert_eq!(
            fenced("x\n```\n<!-- \u{202e}"),
            "````\nx\n```\n<!-- \\u{202e}\n````\n"
        );
    }
}
