//! One line of sshd's configuration.

/// A line's keyword in lower case and its arguments; `None` for blank lines and comments.
///
/// As OpenSSH does: white space or one `=` after the keyword, double or single quotes, `\` before a
/// quote, another backslash or a space, and a comment where an argument would begin.
pub(super) fn line(text: &str) -> Option<(String, Vec<String>)> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let end = text
        .find(|c: char| c.is_whitespace() || c == '=')
        .unwrap_or(text.len());
    let (keyword, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    Some((
        keyword.trim_matches('"').to_ascii_lowercase(),
        arguments(rest),
    ))
}

fn arguments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut characters = text.chars().peekable();
    loop {
        while characters.next_if(|c| c.is_whitespace()).is_some() {}
        match characters.peek() {
            None | Some('#') => return found,
            Some(_) => {}
        }
        let mut argument = String::new();
        let mut quote = None;
        while let Some(character) = characters.next() {
            match (character, quote) {
                ('\\', _)
                    if characters
                        .peek()
                        .is_some_and(|c| ['\\', '"', '\'', ' '].contains(c)) =>
                {
                    argument.extend(characters.next());
                }
                ('"' | '\'', None) => quote = Some(character),
                (closing, Some(open)) if closing == open => quote = None,
                (space, None) if space.is_whitespace() => break,
                (other, _) => argument.push(other),
            }
        }
        found.push(argument);
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    fn parsed(text: &str) -> Option<(String, String)> {
        line(text).map(|(keyword, arguments)| (keyword, arguments.join("|")))
    }

    #[test]
    fn lines_are_read_as_sshd_reads_them() {
        for (text, keyword, arguments) in [
            ("PermitRootLogin no", "permitrootlogin", "no"),
            ("  permitrootlogin=yes", "permitrootlogin", "yes"),
            ("PermitRootLogin = yes # why", "permitrootlogin", "yes"),
            (
                "AuthorizedKeysFile .ssh/a \"/b c/%u\"",
                "authorizedkeysfile",
                ".ssh/a|/b c/%u",
            ),
            ("Banner 'it is'", "banner", "it is"),
            ("Banner a\\ b", "banner", "a b"),
            ("UsePAM", "usepam", ""),
        ] {
            assert_eq!(
                parsed(text),
                Some((keyword.to_owned(), arguments.to_owned())),
                "{text}"
            );
        }
        for text in ["", "   ", "#PermitRootLogin yes", "\t# x"] {
            assert_eq!(line(text), None, "{text}");
        }
    }
}
