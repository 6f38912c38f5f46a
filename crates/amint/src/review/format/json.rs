//! For programs: one versioned document.

use serde_json::{Value, json};

use crate::error::CommandError;
use crate::review::{Located, Review, Reviewed};

/// Grows with every change that a reader would notice.
const SCHEMA: &str = "amint.review/1";

/// All of it.
///
/// # Errors
/// When a change has no JSON form.
pub(super) fn document(review: &Review) -> Result<Value, CommandError> {
    let recipes: Result<Vec<Value>, CommandError> = review.recipes.iter().map(recipe).collect();
    Ok(json!({
        "schema": SCHEMA,
        "old": review.old,
        "new": review.new,
        "approvals": review.approvals,
        "unapproved": review.unapproved(),
        "broken": review.broken,
        "recipes": recipes?,
    }))
}

fn recipe(recipe: &Reviewed) -> Result<Value, CommandError> {
    let pairs = recipe.pairs.iter().map(|pair| {
        json!({
            "of": pair.label,
            "old-digest": pair.old,
            "new-digest": pair.new,
            "approval": pair.approval,
        })
    });
    let changes: Result<Vec<Value>, CommandError> = recipe
        .changes
        .iter()
        .map(|located| change(recipe, located))
        .collect();
    Ok(json!({
        "recipe": recipe.path,
        "was": recipe.was,
        "compared": pairs.collect::<Vec<_>>(),
        "changes": changes?,
    }))
}

fn change(recipe: &Reviewed, located: &Located) -> Result<Value, CommandError> {
    let mut change = serde_json::to_value(&located.change).map_err(CommandError::Unprintable)?;
    let pairs = located
        .of
        .iter()
        .filter_map(|index| recipe.pairs.get(*index));
    change["of"] = pairs.map(|pair| pair.label.as_str()).collect();
    change["approved"] = json!(recipe.approval(located).is_some());
    change["file"] = json!(located.line.file);
    change["line"] = json!(located.line.first);
    change["end-line"] = json!(located.line.last);
    change["column"] = json!(located.line.column);
    Ok(change)
}
