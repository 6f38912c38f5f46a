//! Shell quoting of interpolated values.

/// The value as one word of a POSIX shell command: as it is when nothing in it is special to a shell, in single
/// quotes otherwise.
pub(crate) fn shell_word(value: &str) -> String {
    if is_plain_word(value) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// Whether a shell reads the value as one word that means itself.
pub(crate) fn is_plain_word(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte))
}

/// Where in a shell script interpolations stand inside quotes, as `(byte offset, expression)`.
///
/// A lexical look: quotes, backslashes and comments, not here-documents.
pub(crate) fn quoted_interpolations(script: &str) -> Vec<(usize, &str)> {
    let bytes = script.as_bytes();
    let mut found = Vec::new();
    let mut quote = None;
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], quote) {
            (b'{', _) if script[at..].starts_with("{{") => {
                let Some(length) = script[at..].find("}}") else {
                    break;
                };
                if quote.is_some() {
                    found.push((at, &script[at + 2..at + length]));
                }
                at += length + 1;
            }
            (b'\\', None | Some(b'"')) => at += 1,
            (byte @ (b'\'' | b'"'), None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'#', None) if at == 0 || bytes[at - 1].is_ascii_whitespace() => {
                at = script[at..].find('\n').map_or(bytes.len(), |end| at + end);
            }
            _ => {}
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::{quoted_interpolations, shell_word};

    #[test]
    fn plain_words_stay_as_they_are() {
        assert_eq!(shell_word("2.3.1-rc+1"), "2.3.1-rc+1");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }

    #[test]
    fn interpolations_inside_quotes_are_seen() {
        let script = "# don't {{a}}\necho {{b}} \"x {{c}}\" '{{d}}' \\\"{{e}} \"\\\"{{f}}\"\n";
        let expressions: Vec<_> = quoted_interpolations(script)
            .into_iter()
            .map(|(_, expression)| expression)
            .collect();
        assert_eq!(expressions, ["c", "d", "f"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shell_reads_back_the_value(value in "[^\\x00\\r]{0,40}") {
            let script = format!("printf '%s.' {}", shell_word(&value));
            let output = Command::new("sh").arg("-c").arg(&script).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), value + ".");
        }

        #[test]
        fn any_script_is_looked_at_without_panic(script in "[\\\\'\"#{}\\sé]{0,40}") {
            for (at, expression) in quoted_interpolations(&script) {
                prop_assert!(script[at + 2..].starts_with(expression));
            }
        }
    }
}
