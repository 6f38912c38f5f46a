//! A recipe's text, made fit for its reader: nothing in it steers a terminal, a workflow or a page, and nothing in it looks
//! like something else than it is.

use std::fmt::Write;

/// One line of text for a terminal: control characters, and those that hide or turn round others, as Rust writes them.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => shown.push_str("    "),
            hidden if hidden.is_control() || is_invisible(hidden) => {
                shown.extend(hidden.escape_unicode());
            }
            other => shown.push(other),
        }
    }
    shown
}

/// Characters without a shape of their own, which can make one text look like another: formats and directions of writing
/// (CVE-2021-42574), joiners, separators, variations and tags.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// One line of text for Markdown on GitHub: no character of it is markup, and nothing becomes a mention, a reference or a
/// link, which are made of the text that comes out.
pub(super) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in shown(text).chars() {
        // Between these and what is around them, a mention, a reference, a link or an emoji would begin.
        let begins = match character {
            '@' | '#' | ':' => true,
            '.' => ends_with(&escaped, "www"),
            '-' => ends_with(&escaped, "gh"),
            _ => false,
        };
        push(&mut escaped, character, begins);
        if begins {
            escaped.push_str("<wbr>");
        }
    }
    escaped
}

/// Text as code in Markdown on GitHub, on one line; there is no markup in it, and GitHub looks for no mentions there.
pub(super) fn code(text: &str) -> String {
    let mut escaped = String::from("<code>");
    for character in shown(text).chars() {
        let begins = character == '.' && ends_with(&escaped, "www");
        push(&mut escaped, character, begins);
    }
    escaped.push_str("</code>");
    escaped
}

/// A character as itself where it means nothing else, by its number otherwise.
fn push(escaped: &mut String, character: char, by_number: bool) {
    let is_plain = character.is_alphanumeric() || !character.is_ascii();
    if !by_number && (is_plain || " ,.-/'".contains(character)) {
        escaped.push(character);
    } else {
        // Writing to a string cannot fail.
        let _ = write!(escaped, "&#{};", u32::from(character));
    }
}

fn ends_with(text: &str, word: &str) -> bool {
    let end = text
        .len()
        .checked_sub(word.len())
        .and_then(|start| text.get(start..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// A fence for a block of code: longer than any row of back quotes in it.
pub(super) fn fence(text: &str) -> String {
    let rows = text.split(|character| character != '`').map(str::len);
    "`".repeat(rows.max().unwrap_or_default().max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_hidden() {
        assert_eq!(
            shown("a\u{202e}b\u{1b}[31m\tgrün"),
            "a\\u{202e}b\\u{1b}[31m    grün"
        );
        assert_eq!(shown("zero\u{200b}width"), "zero\\u{200b}width");
    }

    #[test]
    fn markdown_holds_no_markup() {
        let hostile = "<img src=x> `a` **b** [c](https://evil.example) @everyone #1 |";
        for escaped in [markdown(hostile), code(hostile)] {
            let text = escaped
                .replace("<wbr>", "")
                .replace("<code>", "")
                .replace("</code>", "");
            for markup in ['<', '>', '`', '*', '[', ']', '(', '@', '|', ':'] {
                assert!(!text.contains(markup), "{markup} in {text}");
            }
        }
        assert_eq!(code("a/b.yaml-1"), "<code>a/b.yaml-1</code>");
        assert_eq!(markdown("WWW.x GH-1"), "WWW&#46;<wbr>x GH&#45;<wbr>1");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("x"), "```");
        assert_eq!(fence("a ```` b"), "`````");
    }
}
