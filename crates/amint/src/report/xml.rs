//! Text in XML 1.0.

use std::borrow::Cow;

/// Text as it is written in an attribute's value. What XML can't hold at all, such as most control characters (XML 1.0,
/// 2.2), becomes U+FFFD; line breaks and tabs are written so that they are kept.
pub(super) fn attribute(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        shown.push_str(&match character {
            '&' => Cow::Borrowed("&amp;"),
            '<' => "&lt;".into(),
            '>' => "&gt;".into(),
            '"' => "&quot;".into(),
            '\t' | '\n' | '\r' => format!("&#{};", u32::from(character)).into(),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "\u{fffd}".into(),
            other => String::from(other).into(),
        });
    }
    shown
}

/// The same inside an element, whose lines stay lines.
pub(super) fn content(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(attribute).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{attribute, content};

    #[test]
    fn every_character_can_be_written() {
        assert_eq!(
            attribute("a<b>&\"c\"\n"),
            "a&lt;b&gt;&amp;&quot;c&quot;&#10;"
        );
        assert_eq!(content("a<b>\nc\r\n"), "a&lt;b&gt;\nc&#13;\n");
        assert_eq!(
            attribute("\u{1b}[31m\0\u{ffff}"),
            "\u{fffd}[31m\u{fffd}\u{fffd}"
        );
        assert_eq!(attribute("grün \u{7f}\u{1f512}"), "grün \u{7f}\u{1f512}");
    }
}
