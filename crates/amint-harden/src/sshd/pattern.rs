//! Patterns as sshd has them (PATTERNS in ssh_config(5)): `*` and `?`, lists with commas, `!` before what must not
//! match.

/// Longest entry of a list in bytes; sshd takes a list with a longer one for one that nothing matches.
const MAX_ENTRY: usize = 1022;

/// What a list says of a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Match {
    /// An entry matches and none with `!` does.
    Yes,
    /// No entry matches.
    No,
    /// An entry with `!` matches.
    Negated,
}

/// Whether the whole of `name` matches `pattern`, byte by byte.
pub(super) fn matches(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.as_bytes(), pattern.as_bytes());
    let (mut at, mut position) = (0, 0);
    // Where to go back to: past the last star, and one byte further each time.
    let mut retry: Option<(usize, usize)> = None;
    while position < name.len() {
        match (pattern.get(at), retry) {
            (Some(b'*'), _) => {
                at += 1;
                retry = Some((at, position));
            }
            (Some(one), _) if *one == b'?' || *one == name[position] => {
                at += 1;
                position += 1;
            }
            (_, Some((after_star, from))) => {
                at = after_star;
                position = from + 1;
                retry = Some((at, position));
            }
            _ => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// What a list with commas says of `name`. Patterns are compared in lower case when `lower` is set.
pub(super) fn list(name: &str, list: &str, lower: bool) -> Match {
    let mut found = Match::No;
    let mut rest = Some(list).filter(|list| !list.is_empty());
    while let Some(text) = rest {
        let (entry, further) = match text.split_once(',') {
            Some((entry, further)) => (entry, Some(further).filter(|text| !text.is_empty())),
            None => (text, None),
        };
        rest = further;
        let (negated, pattern) = match entry.strip_prefix('!') {
            Some(pattern) => (true, pattern),
            None => (false, entry),
        };
        if pattern.len() > MAX_ENTRY {
            return Match::No;
        }
        let matched = match lower {
            true => matches(name, &pattern.to_ascii_lowercase()),
            false => matches(name, pattern),
        };
        match (matched, negated) {
            (true, true) => return Match::Negated,
            (true, false) => found = Match::Yes,
            (false, _) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Match, list, matches};

    #[test]
    fn stars_and_question_marks_are_all_there_is() {
        for (name, pattern) in [
            ("git", "git"),
            ("git", "g?t"),
            ("", "*"),
            ("abc", "a*c*"),
            ("[x]", "[x]"),
        ] {
            assert!(matches(name, pattern), "{name} {pattern}");
        }
        for (name, pattern) in [
            ("git", "gi"),
            ("x", "[x]"),
            ("", "?"),
            ("Git", "git"),
            ("aab", "a*ba"),
        ] {
            assert!(!matches(name, pattern), "{name} {pattern}");
        }
    }

    #[test]
    fn what_is_negated_wins_wherever_it_stands() {
        assert_eq!(list("git", "*,!git", false), Match::Negated);
        assert_eq!(list("git", "!git,*", false), Match::Negated);
        assert_eq!(list("git", "!root", false), Match::No);
        assert_eq!(list("git", "!root,g*", false), Match::Yes);
        assert_eq!(list("", "", false), Match::No);
        assert_eq!(list("host", "HO*", true), Match::Yes);
        assert_eq!(list("host", "HO*", false), Match::No);
    }
}
