//! Whose event it is, where several builds run at the same time.

use std::collections::HashMap;

use amint_event::{Event, EventKind};

use super::text::visible;

/// The recipes of the builds that were heard of.
#[derive(Debug, Default)]
pub(crate) struct Labels(HashMap<String, String>);

impl Labels {
    /// The recipe's name; the build's id where that was never told.
    pub(crate) fn of<'a>(&'a mut self, event: &'a Event) -> &'a str {
        if let EventKind::RunStarted { recipe, .. } = &event.kind {
            let label = visible(recipe);
            self.0.insert(event.build.clone(), label);
        }
        self.0.get(&event.build).map_or(&event.build, |label| label)
    }
}
