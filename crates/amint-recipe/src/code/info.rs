//! What a code stands for, in words.

/// What a diagnostic's code stands for.
#[derive(Debug)]
pub struct CodeInfo {
    /// The code, such as `AM0012`.
    pub id: &'static str,
    /// It in a few words.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// A piece of a recipe that is wrong.
    pub wrong: &'static str,
    /// The same as it should be.
    pub right: &'static str,
    /// Why that is so.
    pub why: &'static str,
    /// Whether it is a lint: what can be said, and is likely not meant.
    pub is_lint: bool,
    /// Whether a recipe may silence it with `allow`.
    pub can_be_allowed: bool,
}

/// A problem that keeps a recipe from being used, or makes its meaning doubtful.
pub(super) const fn problem(
    id: &'static str,
    title: &'static str,
    meaning: &'static str,
    wrong: &'static str,
    right: &'static str,
    why: &'static str,
) -> CodeInfo {
    CodeInfo {
        id,
        title,
        meaning,
        wrong,
        right,
        why,
        is_lint: false,
        can_be_allowed: false,
    }
}

/// A lint that `allow` may silence.
pub(super) const fn lint(
    id: &'static str,
    title: &'static str,
    meaning: &'static str,
    wrong: &'static str,
    right: &'static str,
    why: &'static str,
) -> CodeInfo {
    CodeInfo {
        is_lint: true,
        can_be_allowed: true,
        ..problem(id, title, meaning, wrong, right, why)
    }
}

/// A lint that guards secrets: nothing silences it.
pub(super) const fn guard(
    id: &'static str,
    title: &'static str,
    meaning: &'static str,
    wrong: &'static str,
    right: &'static str,
    why: &'static str,
) -> CodeInfo {
    CodeInfo {
        can_be_allowed: false,
        ..lint(id, title, meaning, wrong, right, why)
    }
}
