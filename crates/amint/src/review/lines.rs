//! Where in a recipe's text a change is shown.

use amint_plan::Place;
use amint_recipe::{Outline, Recipe};

/// Lines of a file, from 1.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Line {
    pub(crate) file: String,
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// Of the first line, in characters.
    pub(crate) column: usize,
}

impl Line {
    /// The beginning of a file.
    pub(crate) fn start(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            first: 1,
            last: 1,
            column: 1,
        }
    }

    /// Where a place of a recipe stands, given its cells; what is gone, where it would be.
    pub(crate) fn of(place: &Place, recipes: &[Recipe], outline: &Outline) -> Self {
        let key = |parts: &[&str]| outline.span(parts);
        let below = |section: &'static str, key: &'static str| {
            let path: Vec<&str> = std::iter::once(section).chain(key.split('.')).collect();
            outline.span(&path)
        };
        let span = match place {
            Place::Recipe => key(&["name"]),
            Place::Variable { name } => key(&["variables", name]),
            Place::Base => key(&["base"]),
            Place::Builder { key } => below("builder", key),
            Place::Step { new, .. } => {
                let steps = recipes.iter().flat_map(|recipe| &recipe.steps);
                let step = steps
                    .into_iter()
                    .find(|step| Some(&step.name) == new.as_ref());
                step.map_or_else(|| key(&["steps"]), |step| step.span)
            }
            Place::Seal { key } => below("seal", key),
            Place::HardeningStep { .. } | Place::Check { .. } => key(&["seal"]),
            Place::Image { key } | Place::Publish { key } => below("image", key),
            Place::Waiver { new, .. } => {
                let waivers = recipes.first().map(|recipe| &recipe.waivers);
                let waiver = new.and_then(|index| waivers?.get(index));
                waiver.map_or_else(|| key(&["waivers"]), |waiver| waiver.span)
            }
        };
        let Some(sources) = recipes.first().map(|recipe| &recipe.sources) else {
            return Self::start("");
        };
        let (first, column) = sources.position(span);
        Self {
            file: sources.shown_path(span.file),
            first,
            last: sources.last_line(span),
            column,
        }
    }
}
