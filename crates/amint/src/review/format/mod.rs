//! A review for its readers.
//!
//! - [`text`]: for people. [`markdown`]: as a comment of a pull request, for people who do not program.
//! - [`json`], [`sarif`], [`github`]: for programs.
//! - `lines`: the lines in which two texts differ. `foreign`: a recipe's text, made fit for its reader.

mod foreign;
mod github;
mod json;
mod lines;
mod markdown;
mod sarif;
mod text;

use amint_plan::Class;

use super::Review;
use super::approvals::entry_for;
use crate::cli::DiffFormat;
use crate::error::CommandError;
use crate::render::terminal;

/// The review in a format.
///
/// # Errors
/// When it has no JSON form.
pub(crate) fn text_of(review: &Review, format: DiffFormat) -> Result<String, CommandError> {
    let json = |document: &serde_json::Value| {
        let text = serde_json::to_string_pretty(document).map_err(CommandError::Unprintable)?;
        Ok(format!("{text}\n"))
    };
    match format {
        DiffFormat::Text => Ok(text::document(review, terminal::stdout_has_color())),
        DiffFormat::Markdown => Ok(markdown::document(review)),
        DiffFormat::Json => json(&json::document(review)?),
        DiffFormat::Sarif => json(&sarif::document(review)),
        DiffFormat::Github => Ok(github::document(review)),
    }
}

/// Whether a format has the entries that would approve what got weaker.
pub(crate) fn names_entries(format: DiffFormat) -> bool {
    !matches!(format, DiffFormat::Github | DiffFormat::Sarif)
}

/// The entries that would approve what got weaker, each to be filled in; empty when nothing is left to approve.
pub(crate) fn entries(review: &Review) -> String {
    let mut text = String::new();
    for recipe in &review.recipes {
        for pair in recipe.to_approve() {
            text.push_str(&entry_for(
                &recipe.path,
                pair.old.as_deref(),
                pair.new.as_deref(),
            ));
        }
    }
    if text.is_empty() {
        return text;
    }
    let list = review.approvals.as_deref().unwrap_or("a list of approvals");
    format!(
        "what would approve it, in {}:\n\namint-approvals: 1\napprovals:\n{text}",
        foreign::shown(list)
    )
}

/// In one sentence, without a full stop.
fn summary(review: &Review) -> String {
    let recipes = match (review.recipes.len(), review.broken) {
        (0, 0) => return "no recipe builds anything else than before".to_owned(),
        (0, _) => None,
        (1, _) => Some("1 recipe differs".to_owned()),
        (count, _) => Some(format!("{count} recipes differ")),
    };
    let broken = match review.broken {
        0 => None,
        1 => Some("1 recipe cannot be used".to_owned()),
        count => Some(format!("{count} recipes cannot be used")),
    };
    let recipes: Vec<String> = broken.into_iter().chain(recipes).collect();
    let weakened = match (review.count(Class::Weakened), review.unapproved()) {
        (0, _) if review.broken > 0 => None,
        (0, _) => Some("nothing got weaker".to_owned()),
        (count, 0) => Some(format!("{count} weakened, all approved")),
        (count, _) => Some(format!("{count} weakened")),
    };
    let others = [Class::Changed, Class::Strengthened, Class::Neutral]
        .into_iter()
        .map(|class| (review.count(class), class.word().to_lowercase()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"));
    let all: Vec<String> = weakened.into_iter().chain(others).collect();
    match all.is_empty() {
        true => recipes.join(", "),
        false => format!("{}: {}", recipes.join(", "), all.join(", ")),
    }
}
