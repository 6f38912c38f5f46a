//! One line of sshd's configuration, taken apart as OpenSSH 8.7 and later do.
//!
//! Source: sshd_config(5), and the answers of `sshd -T` (see `tests/it/sshd`).

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// A line's keyword and what follows it.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Line<'a> {
    /// In lower case.
    pub(super) keyword: String,
    /// As it stands, up to the line's end; empty when there is nothing.
    pub(super) rest: &'a str,
}

/// The keyword of a line; `None` for what sshd passes over: blank lines, comments, and a keyword with a quote that is
/// never closed.
pub(super) fn line(text: &str) -> Option<Line<'_>> {
    let text = text.trim_start_matches([' ', '\t', '\r']);
    let first = text.chars().next()?;
    let (head, tail) = text.split_at(first.len_utf8());
    let tail = tail.trim_end_matches([' ', '\t', '\r', '\n', '\x0c']);
    let text = &text[..head.len() + tail.len()];
    let (mut keyword, mut rest) = token(text)?;
    if keyword.is_empty() {
        (keyword, rest) = token(rest)?;
    }
    if keyword.is_empty() || keyword.starts_with('#') {
        return None;
    }
    keyword.make_ascii_lowercase();
    Some(Line { keyword, rest })
}

/// The next token of a keyword's kind, and what follows it: ends at white space or one `=`; double quotes hold it
/// together. `None` when a quote is never closed.
pub(super) fn token(text: &str) -> Option<(String, &str)> {
    let Some(end) = text.find([' ', '\t', '\r', '\n', '"', '=']) else {
        return Some((text.to_owned(), ""));
    };
    let (before, after) = text.split_at(end);
    if let Some(quoted) = after.strip_prefix('"') {
        let (quoted, rest) = quoted.split_once('"')?;
        return Some((format!("{before}{quoted}"), rest.trim_start_matches(BLANKS)));
    }
    let rest = after[1..].trim_start_matches(BLANKS);
    let rest = match rest.strip_prefix('=') {
        Some(rest) if !after.starts_with('=') => rest.trim_start_matches(BLANKS),
        _ => rest,
    };
    Some((before.to_owned(), rest))
}

/// The arguments of a keyword: blanks between them, double or single quotes, `\` before a quote or another backslash
/// or, outside quotes, a space; a comment where an argument would begin. `None` when a quote is never closed.
pub(super) fn arguments(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut characters = text.chars().peekable();
    loop {
        while characters.next_if(|c| [' ', '\t'].contains(c)).is_some() {}
        match characters.peek() {
            None | Some('#') => return Some(found),
            Some(_) => {}
        }
        let mut argument = String::new();
        let mut quote = None;
        while let Some(character) = characters.next() {
            match (character, quote) {
                ('\\', _) => {
                    let escaped = characters
                        .next_if(|c| ['\\', '"', '\''].contains(c) || quote.is_none() && *c == ' ');
                    argument.push(escaped.unwrap_or('\\'));
                }
                ('"' | '\'', None) => quote = Some(character),
                (closing, Some(open)) if closing == open => quote = None,
                (' ' | '\t', None) => break,
                (other, _) => argument.push(other),
            }
        }
        if quote.is_some() {
            return None;
        }
        found.push(argument);
    }
}

#[cfg(test)]
mod tests {
    use super::{arguments, line};

    fn parsed(text: &str) -> Option<(String, Option<String>)> {
        line(text).map(|line| {
            let arguments = arguments(line.rest).map(|arguments| arguments.join("|"));
            (line.keyword, arguments)
        })
    }

    #[test]
    fn lines_are_read_as_sshd_reads_them() {
        for (text, keyword, arguments) in [
            ("PermitRootLogin no", "permitrootlogin", "no"),
            ("  permitrootlogin=yes", "permitrootlogin", "yes"),
            ("PermitRootLogin = yes # why", "permitrootlogin", "yes"),
            ("=PermitRootLogin yes\r", "permitrootlogin", "yes"),
            ("\"PermitRootLogin\" yes", "permitrootlogin", "yes"),
            ("\"PermitRootLogin\"=yes", "permitrootlogin", "=yes"),
            ("Port\"22\"", "port22", ""),
            (
                "AuthorizedKeysFile .ssh/a \"/b c/%u\"",
                "authorizedkeysfile",
                ".ssh/a|/b c/%u",
            ),
            ("Banner 'it is'", "banner", "it is"),
            ("Banner a\\ b", "banner", "a b"),
            ("Banner \"a\\ b\\\"\"", "banner", "a\\ b\""),
            ("Banner a#b #c", "banner", "a#b"),
            ("UsePAM", "usepam", ""),
            ("UsePAM \"\"", "usepam", ""),
        ] {
            assert_eq!(
                parsed(text),
                Some((keyword.to_owned(), Some(arguments.to_owned()))),
                "{text}"
            );
        }
        for text in [
            "",
            "   ",
            "#PermitRootLogin yes",
            "\t# x",
            "\"Port 22",
            "= # x",
        ] {
            assert_eq!(line(text), None, "{text}");
        }
        for text in ["Banner 'x", "Banner \"x\\\"", "Match User a'b"] {
            assert_eq!(
                parsed(text).map(|(_, arguments)| arguments),
                Some(None),
                "{text}"
            );
        }
    }
}
