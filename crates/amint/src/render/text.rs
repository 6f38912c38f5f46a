//! How durations and foreign text are written.

/// A duration for people: `0.4s`, `12.3s`, `2m 05s`.
pub(crate) fn duration(milliseconds: u64) -> String {
    let tenths = milliseconds / 100;
    match tenths / 600 {
        0 => format!("{}.{}s", tenths / 10, tenths % 10),
        minutes => format!("{minutes}m {:02}s", tenths / 10 % 60),
    }
}

/// Text from elsewhere, fit for a terminal: no escape sequences, no control characters, and of a
/// line that overwrote itself only what stayed to be seen.
pub(crate) fn visible(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let line = line.rsplit('\r').next().unwrap_or(line);
    let mut shown = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => skip_escape(&mut rest),
            '\t' => shown.push_str("    "),
            other if other.is_control() => {}
            other => shown.push(other),
        }
    }
    shown
}

/// Text whose every character counts, on one line: control characters, and those that nobody sees, as they are written
/// in Rust.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            hidden if hidden.is_control() || is_hidden(hidden) => {
                shown.extend(hidden.escape_default());
            }
            other => shown.push(other),
        }
    }
    shown
}

/// Characters that are not seen themselves but change what others look like, or make two texts look alike: spaces of no
/// width, and marks that turn the direction around (Unicode Technical Report 36, §2.5 and §3.5).
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

/// A paragraph in lines of at most 80 characters, as far as its words allow, beside a margin that the first line's own
/// beginning fills.
pub(crate) fn wrapped(paragraph: &str, margin: usize) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 80 {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', margin));
            width = 0;
        }
        if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text
}

/// Skips what follows an ESC: a control sequence up to its final byte, a string up to its end, or
/// one character (ECMA-48 §5.3 to §5.6).
fn skip_escape(rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        Some('[') => {
            rest.find(|character| matches!(character, '\u{40}'..='\u{7e}'));
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.find(|character| matches!(character, '\u{7}' | '\u{9c}' | '\\'));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, escaped, visible, wrapped};

    #[test]
    fn durations_read_well() {
        let written: Vec<String> = [0, 49, 450, 12_345, 59_999, 60_000, 125_900]
            .map(duration)
            .into();
        assert_eq!(
            written,
            ["0.0s", "0.0s", "0.4s", "12.3s", "59.9s", "1m 00s", "2m 05s"]
        );
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(visible("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(visible("\u{1b}]0;title\u{7}text"), "text");
        assert_eq!(
            visible("\u{1b}]8;;http://example.com\u{1b}\\link\u{1b}]8;;\u{1b}\\"),
            "link"
        );
        assert_eq!(visible("10%\r50%\r100%\r"), "100%");
        assert_eq!(visible("a\u{8}b\tc\u{0}"), "ab    c");
        assert_eq!(visible("\u{1b}["), "");
        assert_eq!(visible("grün"), "grün");
    }

    #[test]
    fn a_value_stays_on_its_line() {
        assert_eq!(escaped("it's\ngrün \u{1b}[31m"), r"it's\ngrün \u{1b}[31m");
        assert_eq!(escaped("a\u{202e}b\u{200b}"), r"a\u{202e}b\u{200b}");
    }

    #[test]
    fn paragraphs_are_wrapped_beside_their_margin() {
        let paragraph = "word ".repeat(40);
        let text = wrapped(&paragraph, 9);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        let indented = |line: &&str| line.starts_with("         word");
        assert!(lines[1..].iter().all(indented));
        assert!(lines.iter().all(|line| line.trim().len() <= 80));
        let long = "x".repeat(100);
        assert_eq!(wrapped(&long, 9), long);
    }
}
