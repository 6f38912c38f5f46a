//! Shell patterns, as `glob(7)` has them: `*`, `?` and `[…]`. On names as a shell expands them; on whole paths
//! with `**` and without the exception for leading dots.

/// Whether `name` matches `pattern`. A leading dot must be matched by a dot.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    (!name.starts_with('.') || pattern.starts_with('.')) && fits(pattern, name)
}

/// Whether `path` matches `pattern`, component by component. A component `**` stands for any number of them, at the
/// end for at least one; anywhere else two stars are one.
pub(crate) fn matches_path(pattern: &str, path: &str) -> bool {
    let names: Vec<&str> = path.split('/').collect();
    // Whether the pattern, as far as it was read, matches the first names: none of them, one, two, …
    let mut matched = vec![false; names.len() + 1];
    matched[0] = true;
    for component in components(pattern) {
        if component == "**" {
            if let Some(first) = matched.iter().position(|here| *here) {
                matched[first..].fill(true);
            }
        } else {
            for (index, name) in names.iter().enumerate().rev() {
                matched[index + 1] = matched[index] && fits(component, name);
            }
            matched[0] = false;
        }
    }
    matched.ends_with(&[true])
}

/// Whether `wide`, a pattern of [`matches_path`], certainly matches every path that the pattern `narrow` matches. Where a
/// component of `narrow` is a pattern itself, only an equal one and `*` are known to match all of it.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    let narrow: Vec<&str> = components(narrow).collect();
    // Whether the wide pattern, as far as it was read, covers the first components: none of them, one, two, …
    let mut covered = vec![false; narrow.len() + 1];
    covered[0] = true;
    for component in components(wide) {
        if component == "**" {
            if let Some(first) = covered.iter().position(|here| *here) {
                covered[first..].fill(true);
            }
        } else {
            for (index, inner) in narrow.iter().enumerate().rev() {
                covered[index + 1] = covered[index] && covers_component(component, inner);
            }
            covered[0] = false;
        }
    }
    covered.ends_with(&[true])
}

/// A pattern's components, with the one that a `**` at the end stands for at least.
fn components(pattern: &str) -> impl Iterator<Item = &str> {
    let at_least_one = pattern.ends_with("/**").then_some("*");
    pattern.split('/').chain(at_least_one)
}

fn covers_component(wide: &str, narrow: &str) -> bool {
    narrow != "**" && (wide == narrow || wide == "*" || (is_literal(narrow) && fits(wide, narrow)))
}

fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut position) = (0, 0);
    // Where to go back to: past the last star, and one character further each time.
    let mut retry: Option<(usize, usize)> = None;
    while position < name.len() {
        let step = match pattern.get(at) {
            Some('*') => {
                retry = Some((at + 1, position));
                at += 1;
                continue;
            }
            Some(_) => one(&pattern[at..], name[position]),
            None => None,
        };
        match (step, retry) {
            (Some(length), _) => {
                at += length;
                position += 1;
            }
            (None, Some((after_star, from))) => {
                retry = Some((after_star, from + 1));
                at = after_star;
                position = from + 1;
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

/// Whether `pattern` is a name as it stands.
pub(crate) fn is_literal(pattern: &str) -> bool {
    !pattern.contains(['*', '?', '[', '\\'])
}

/// How much of `pattern` matches the one character; `None` when it does not.
fn one(pattern: &[char], character: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == character).then_some(2),
        ['[', rest @ ..] => match class(rest, character) {
            Some((true, length)) => Some(length + 1),
            Some((false, _)) => None,
            // A bracket that is never closed stands for itself.
            None => (character == '[').then_some(1),
        },
        [plain, ..] => (*plain == character).then_some(1),
        [] => None,
    }
}

/// Whether the class whose text follows `[` holds the character, and the class's length with its `]`.
fn class(text: &[char], character: char) -> Option<(bool, usize)> {
    let negated = matches!(text.first(), Some('!' | '^'));
    let start = usize::from(negated);
    // A "]" right at the start belongs to the class.
    let end = text.iter().skip(start + 1).position(|c| *c == ']')? + start + 1;
    let members = &text[start..end];
    let mut held = false;
    let mut index = 0;
    while index < members.len() {
        match members[index..] {
            [low, '-', high, ..] => {
                held |= (low..=high).contains(&character);
                index += 3;
            }
            [member, ..] => {
                held |= member == character;
                index += 1;
            }
            [] => break,
        }
    }
    Some((held != negated, end + 1))
}

#[cfg(test)]
mod tests {
    use super::{covers, matches, matches_path};

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (pattern, name) in [
            ("*.conf", "50-cloud-init.conf"),
            ("*", "x"),
            ("?0-*", "50-x"),
            ("[0-9]*", "7up"),
            ("[!a]b", "cb"),
            ("[]]", "]"),
            ("a*b*c", "aXbYbZc"),
            ("\\*", "*"),
            ("[", "["),
            (".*", ".x"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.conf", "x.conf~"),
            ("*.conf", ".hidden.conf"),
            ("?", ""),
            ("[!a]b", "ab"),
            ("a*b", "acbd"),
            ("", "x"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn stars_stay_within_a_component_and_double_stars_do_not() {
        for (pattern, path) in [
            ("/etc/passwd", "/etc/passwd"),
            ("/home/*/.bash_history", "/home/demo/.bash_history"),
            ("/home/demo/*", "/home/demo/.bash_history"),
            ("/home/**", "/home/demo/.ssh/authorized_keys"),
            ("/home/**", "/home/demo"),
            ("/**", "/x"),
            ("/**/*.log", "/x.log"),
            ("/**/*.log", "/var/log/nginx/x.log"),
            ("/var/**/log/**/x", "/var/log/x"),
            ("/var/**/log/**/x", "/var/a/log/b/log/c/x"),
            ("/a/**/**/b", "/a/b"),
            ("/var/log**", "/var/logs"),
            ("/a[/]b", "/a[/]b"),
        ] {
            assert!(matches_path(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/etc/passwd", "/etc/passwd-"),
            ("/etc/passwd", "/etc"),
            ("/etc", "/etc/passwd"),
            ("/home/*", "/home/demo/.bash_history"),
            ("/home/*/x", "/home/x"),
            ("/home/**", "/home"),
            ("/home/**", "/homes/demo"),
            ("/**/*.log", "/var/log/x"),
            ("/var/log**", "/var/log/x"),
            ("/a?b", "/a/b"),
            ("/a[!x]b", "/a/b"),
            ("passwd", "/etc/passwd"),
        ] {
            assert!(!matches_path(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_wider_pattern_covers_a_narrower_one() {
        for (wide, narrow) in [
            ("/a", "/a"),
            ("/home/*", "/home/demo"),
            ("/home/*", "/home/d?mo"),
            ("/home/**", "/home/*"),
            ("/home/**", "/home/*/.ssh/**"),
            ("/home/**", "/home/**"),
            ("/**", "/home/**"),
            ("/**", "/x"),
            ("/**/*.log", "/var/*/x.log"),
            ("/**/*.log", "/**/*.log"),
            ("/var/l*", "/var/log"),
            ("/a/**/b", "/a/**/**/b"),
        ] {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("/a", "/b"),
            ("/home/*", "/home/**"),
            ("/home/demo", "/home/*"),
            ("/home/*/.ssh/**", "/home/**"),
            ("/home/**", "/home"),
            ("/**/*.log", "/var/log/x"),
            ("/a", "/**"),
            ("/home/**", "/**"),
        ] {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends() {
        assert!(!covers(&"/**/a".repeat(200), &"/a".repeat(199)));
        assert!(!matches(&"*a".repeat(200), &"a".repeat(199)));
        assert!(!matches_path(&"/**/a".repeat(200), &"/a".repeat(199)));
    }
}
