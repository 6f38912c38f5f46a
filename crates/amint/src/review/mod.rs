//! How recipes differ between two versions, and who approved it.
//!
//! - [`version`]: a revision or the working tree, and one recipe's text and files in it.
//! - [`pairs`]: which recipe is compared with which, renamed and copied ones included; what is skipped unread.
//! - [`compare`]: two texts to plans, plans to what changed. [`cells`]: which plan is compared with which. [`unplanned`]: what
//!   no plan shows, in the recipe and in what it includes ([`included`]). [`placeholders`]: values for variables that have none.
//! - [`lines`]: where in the new text a change is shown.
//! - [`approvals`]: the signed-off list.
//! - [`format`](mod@format): for people, pull requests and programs.
//! - [`error`]: why there is nothing to tell.
//!
//! Recipes are foreign text: what a review says has passed the masks, and each format makes it fit for its reader.

pub(crate) mod approvals;
mod cells;
pub(crate) mod compare;
pub(crate) mod error;
pub(crate) mod format;
mod included;
mod lines;
pub(crate) mod pairs;
mod placeholders;
mod unplanned;
pub(crate) mod version;

use amint_plan::{Change, Class};

use approvals::Approval;
pub(crate) use error::ReviewError;
pub(crate) use lines::Line;

/// How the recipes of two versions differ.
#[derive(Debug)]
pub(crate) struct Review {
    /// What the old version is called.
    pub(crate) old: String,
    /// What the new one is called.
    pub(crate) new: String,
    /// Those that differ, by path.
    pub(crate) recipes: Vec<Reviewed>,
    /// The number of those that can't be used after the change, of which nothing else is known.
    pub(crate) broken: usize,
    /// Where approvals are written down, if anybody asked for them.
    pub(crate) approvals: Option<String>,
}

/// How one recipe differs.
#[derive(Debug)]
pub(crate) struct Reviewed {
    /// Its file; the old one when it is gone.
    pub(crate) path: String,
    /// The file that it was, or was copied from, when that is another one.
    pub(crate) was: Option<String>,
    /// What was compared: at least one pair.
    pub(crate) pairs: Vec<Pair>,
    /// The worst class first.
    pub(crate) changes: Vec<Located>,
}

/// Two plans that were compared; or the texts, for what no plan shows.
#[derive(Debug)]
pub(crate) struct Pair {
    /// What the plans are for: a target, with the matrix's cell.
    pub(crate) label: String,
    /// The old plan's digest.
    pub(crate) old: Option<String>,
    /// The new plan's digest.
    pub(crate) new: Option<String>,
    /// Who approved that this one becomes that one.
    pub(crate) approval: Option<Approval>,
}

/// One change, and where it is shown.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) change: Change,
    /// The pairs that differ so: positions in [`Reviewed::pairs`], ascending.
    pub(crate) of: Vec<usize>,
    pub(crate) line: Line,
}

impl Review {
    /// The number of changes of a class.
    pub(crate) fn count(&self, class: Class) -> usize {
        let changes = self.recipes.iter().flat_map(|recipe| &recipe.changes);
        changes.filter(|one| one.change.class == class).count()
    }

    /// The number of recipes that got weaker without anybody's approval.
    pub(crate) fn unapproved(&self) -> usize {
        let recipes = self.recipes.iter();
        recipes
            .filter(|recipe| recipe.to_approve().next().is_some())
            .count()
    }
}

impl Reviewed {
    /// What a change is in, where that is not every pair.
    pub(crate) fn labels(&self, located: &Located) -> Vec<&str> {
        let plans = self.pairs.iter().filter(|pair| pair.label != Pair::TEXT);
        if located.of.len() >= plans.count() {
            return Vec::new();
        }
        let pairs = located.of.iter().filter_map(|index| self.pairs.get(*index));
        let labels = pairs.map(|pair| pair.label.as_str());
        labels.filter(|label| *label != Pair::TEXT).collect()
    }

    /// Who approved a change, when somebody approved it wherever it is.
    pub(crate) fn approval(&self, located: &Located) -> Option<&Approval> {
        let mut approvals = located
            .of
            .iter()
            .map(|index| self.pairs.get(*index)?.approval.as_ref());
        let first = approvals.next()??;
        approvals
            .all(|approval| approval.is_some())
            .then_some(first)
    }

    /// The pairs that got weaker and that nobody approved.
    pub(crate) fn to_approve(&self) -> impl Iterator<Item = &Pair> {
        let pairs = self.pairs.iter().enumerate();
        pairs.filter_map(|(index, pair)| {
            let weakened =
                |one: &Located| one.change.class == Class::Weakened && one.of.contains(&index);
            (pair.approval.is_none() && self.changes.iter().any(weakened)).then_some(pair)
        })
    }
}

impl Pair {
    /// The label of what is about the texts.
    pub(crate) const TEXT: &'static str = "text";
}
