//! A page for a terminal. Nothing of a recipe can steer it, or look like something else.

use std::fmt::Write;

use super::{Block, Page, Piece, Sentence};
use crate::render::text::{escaped, wrapped};

/// The whole page. Writing to a `String` cannot fail, hence the ignored results.
pub(crate) fn render(page: &Page) -> String {
    let mut text = format!("{}\n", line(&page.title));
    for sentence in &page.summary {
        let _ = writeln!(text, "\n{}", wrapped(&line(sentence), 0));
    }
    for section in &page.sections {
        let _ = writeln!(
            text,
            "\n{}\n{}",
            section.title,
            "-".repeat(section.title.len())
        );
        let mut before_item = false;
        for block in &section.blocks {
            let is_item = matches!(block, Block::Item(_));
            if !(is_item && before_item) {
                text.push('\n');
            }
            before_item = is_item;
            describe(&mut text, block);
        }
    }
    text
}

fn describe(text: &mut String, block: &Block) {
    let _ = match block {
        Block::Heading(sentence) => writeln!(text, "{}", wrapped(&line(sentence), 0)),
        Block::Paragraph(sentence) => writeln!(text, "  {}", wrapped(&line(sentence), 2)),
        Block::Item(sentence) => writeln!(text, "  - {}", wrapped(&line(sentence), 4)),
        Block::Verbatim(verbatim) => {
            for line in verbatim.lines() {
                // Tabs are what they look like.
                let parts: Vec<String> = line.split('\t').map(escaped).collect();
                let _ = writeln!(text, "{}", format!("      {}", parts.join("\t")).trim_end());
            }
            Ok(())
        }
    };
}

/// A value of several words, or of none, is told from the words around it.
fn line(sentence: &Sentence) -> String {
    let mut line = String::new();
    for piece in &sentence.0 {
        match piece {
            Piece::Words(words) => line.push_str(&escaped(words)),
            Piece::Value(value) if value.is_empty() || value.contains(char::is_whitespace) => {
                let _ = write!(line, "\"{}\"", escaped(value));
            }
            Piece::Value(value) => line.push_str(&escaped(value)),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::Section;
    use super::*;

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        let page = Page {
            title: Sentence::default().value("a\u{1b}]0;b\u{7}"),
            summary: vec![Sentence::from("\u{202e}reversed")],
            sections: vec![Section {
                title: "x",
                blocks: vec![Block::Verbatim("\techo \u{1b}[2J\u{202e}x".to_owned())],
            }],
        };
        let text = render(&page);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
        assert!(
            text.contains("      \techo \\u{1b}[2J\\u{202e}x"),
            "{text:?}"
        );
    }
}
