//! Text for a POSIX shell.

/// `text` as one word, whatever it holds.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A command that writes `content` to `path` by a quoted here-document. `path` is already fit for a shell.
pub(crate) fn write_file(path: &str, content: &str) -> String {
    let newline = if content.ends_with('\n') { "" } else { "\n" };
    format!("cat >{path} <<'{HEREDOC_END}'\n{content}{newline}{HEREDOC_END}\n")
}

/// The line that ends a here-document; no script of the catalogue holds it.
pub(crate) const HEREDOC_END: &str = "AMINT_END_OF_FILE";

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(quote("/opt/my app's logs"), r"'/opt/my app'\''s logs'");
        assert_eq!(quote(""), "''");
    }
}
