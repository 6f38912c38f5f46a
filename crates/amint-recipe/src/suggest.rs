//! "Did you mean": the known word nearest to an unknown one.

/// The nearest of `known`, when it is near enough to be what was meant.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A long word is no typing mistake, and comparing is quadratic; any letter is one off from any other.
    if word.len() > 64 || word.chars().count() < 2 {
        return None;
    }
    let limit = (word.chars().count() / 3).max(1);
    known
        // The lengths differ by no more than the words do, and are far cheaper to compare.
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= limit)
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_near_words_are_suggested() {
        let known = ["name", "version", "variables", "steps"];
        assert_eq!(nearest("varialbes", known.into_iter()), Some("variables"));
        assert_eq!(nearest("step", known.into_iter()), Some("steps"));
        assert_eq!(nearest("owner", known.into_iter()), None);
        assert_eq!(nearest("x", known.into_iter()), None);
    }
}
