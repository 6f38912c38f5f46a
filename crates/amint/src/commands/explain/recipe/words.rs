//! Numbers and rights in words.

/// `1 hour`, `90 minutes`, `45 seconds`: a whole number of the largest unit that fits.
pub(super) fn duration(seconds: u64) -> String {
    const DAY: u64 = 24 * 3600;
    for (unit, name) in [(DAY, "day"), (3600, "hour"), (60, "minute")] {
        if seconds != 0 && seconds.is_multiple_of(unit) {
            return counted(seconds / unit, name);
        }
    }
    counted(seconds, "second")
}

/// `1 step`, `2 steps`.
pub(super) fn counted(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// Permission bits: who may do what, and the bits themselves. `owner` and `group` are names.
pub(super) fn rights(mode: u32, owner: &str, group: &str) -> String {
    let mut rights = Vec::new();
    let mut who = vec![
        (owner.to_owned(), mode >> 6),
        (format!("the group {group}"), mode >> 3),
        ("everybody else".to_owned(), mode),
    ];
    if mode >> 3 & 7 == mode & 7 {
        who.remove(1);
    }
    for (who, bits) in who {
        let can: Vec<&str> = [(4, "read"), (2, "change"), (1, "run")]
            .into_iter()
            .filter_map(|(bit, verb)| (bits & bit != 0).then_some(verb))
            .collect();
        match can.as_slice() {
            [] => {}
            [one] => rights.push(format!("{who} may {one} it")),
            [most @ .., last] => {
                rights.push(format!("{who} may {} and {last} it", most.join(", ")));
            }
        }
    }
    if rights.is_empty() {
        rights.push("nobody but root may do anything with it".to_owned());
    }
    if mode & 0o4000 != 0 {
        rights.push(format!("whoever runs it acts as {owner}"));
    }
    if mode & 0o2000 != 0 {
        rights.push(format!("whoever runs it acts as the group {group}"));
    }
    format!("{} (mode {mode:04o})", rights.join(", "))
}

/// With a capital letter, as a sentence begins.
pub(super) fn capital(words: &str) -> String {
    let mut rest = words.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}

/// The first sentence of some, without its full stop.
pub(super) fn first_sentence(text: &str) -> &str {
    let end = text.find(". ").unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_largest_unit_that_fits() {
        let told = [0, 1, 60, 90, 5400, 3600, 2 * 86_400].map(duration);
        assert_eq!(
            told,
            [
                "0 seconds",
                "1 second",
                "1 minute",
                "90 seconds",
                "90 minutes",
                "1 hour",
                "2 days"
            ]
        );
    }

    #[test]
    fn rights_are_told_of_whoever_has_some() {
        for (mode, told) in [
            (
                0o644,
                "root may read and change it, everybody else may read it (mode 0644)",
            ),
            (
                0o640,
                "root may read and change it, the group adm may read it (mode 0640)",
            ),
            (0o700, "root may read, change and run it (mode 0700)"),
            (0o000, "nobody but root may do anything with it (mode 0000)"),
            (
                0o4750,
                "root may read, change and run it, the group adm may read and run it, \
                 whoever runs it acts as root (mode 4750)",
            ),
        ] {
            assert_eq!(rights(mode, "root", "adm"), told);
        }
    }

    #[test]
    fn a_sentence_ends_where_the_next_begins() {
        assert_eq!(first_sentence("See 1.2.3. Then go."), "See 1.2.3");
        assert_eq!(first_sentence("Only one."), "Only one");
    }
}
