//! What a rule is, and all of them. An id, once published, keeps its meaning.

use super::change::Class;
use super::touches::subjects;

/// How one kind of difference is classified.
#[derive(Debug, Eq, PartialEq)]
pub struct DiffRule {
    /// Its stable id, such as `DIFF-SEAL-001`.
    pub id: &'static str,
    /// What changed, in a few words.
    pub title: &'static str,
    /// Why it has its class.
    pub why: &'static str,
    /// The class of every change that it is about.
    pub class: Class,
    /// The id of the rule about the same difference the other way round; absent when that is this rule itself.
    pub opposite: Option<&'static str>,
}

/// All rules, subject by subject.
pub fn diff_rules() -> impl Iterator<Item = &'static DiffRule> {
    let parts = super::SUBJECTS.iter().copied().flatten().copied();
    let subjects = subjects().flat_map(|subject| [&subject.touched, &subject.untouched]);
    parts.chain(subjects)
}

/// The rule with this id.
pub fn diff_rule(id: &str) -> Option<&'static DiffRule> {
    diff_rules().find(|rule| rule.id == id)
}

/// A rule whose difference has another rule the other way round.
pub(super) const fn pair(
    id: &'static str,
    class: Class,
    opposite: &'static str,
    title: &'static str,
    why: &'static str,
) -> DiffRule {
    DiffRule {
        id,
        title,
        why,
        class,
        opposite: Some(opposite),
    }
}

/// A rule that holds both ways round.
pub(super) const fn both_ways(
    id: &'static str,
    class: Class,
    title: &'static str,
    why: &'static str,
) -> DiffRule {
    DiffRule {
        id,
        title,
        why,
        class,
        opposite: None,
    }
}
