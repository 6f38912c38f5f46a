//! Annotations of a GitHub workflow, the worst first: GitHub shows only the first ten of a kind.

use amint_plan::Class;

use super::foreign::shown;
use super::summary;
use crate::review::{Located, Review, Reviewed};

/// One workflow command a line.
pub(super) fn document(review: &Review) -> String {
    let recipes = review.recipes.iter();
    let mut all: Vec<(&Reviewed, &Located)> = recipes
        .flat_map(|recipe| recipe.changes.iter().map(move |change| (recipe, change)))
        .collect();
    // Stable: within a class, the order of the recipes stays.
    all.sort_by_key(|(_, located)| located.change.class);
    let mut text: String = all
        .into_iter()
        .map(|(recipe, located)| one(recipe, located))
        .collect();
    text.push_str(&format!(
        "::notice title=amint diff::{}\n",
        data(&summary(review))
    ));
    text
}

fn one(recipe: &Reviewed, located: &Located) -> String {
    let (change, line) = (&located.change, &located.line);
    let approval = recipe.approval(located);
    let command = match (change.class, approval) {
        (Class::Weakened, None) => "error",
        (Class::Changed, _) => "warning",
        _ => "notice",
    };
    let title = format!("{}: {}", change.class.word(), change.rule.title);
    let labels = recipe.labels(located);
    let mut message = change.message.clone();
    if !labels.is_empty() {
        message.push_str(&format!(" ({})", labels.join(", ")));
    }
    if let Some(approval) = approval.filter(|_| change.class == Class::Weakened) {
        message.push_str(&format!(
            "\napproved by {}: {}",
            approval.by, approval.reason
        ));
    }
    message.push_str(&format!("\n{} ({})", change.rule.why, change.rule.id));
    format!(
        "::{command} file={},line={},endLine={},col={},title={}::{}\n",
        property(&line.file),
        line.first,
        line.last,
        line.column,
        property(&title),
        data(&message),
    )
}

/// A command's message: a command ends with its line.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(shown).collect();
    lines
        .join("\n")
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A command's property, which ends at a comma or a colon too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_begins_no_command() {
        assert_eq!(data("a\n::error::b\r%0A"), "a%0A::error::b\\u{d}%250A");
        assert_eq!(property("a,line=1::x"), "a%2Cline=1%3A%3Ax");
    }
}
