//! `shell`: the script as given, stopping at the first command that fails and at unset variables.

use amint_recipe::recipe::Script;
use amint_recipe::{RenderError, Renderer};

use crate::plan::Action;

pub(super) fn actions(script: &Script, renderer: &Renderer) -> Result<Vec<Action>, RenderError> {
    let script = match script {
        Script::Inline(text) => renderer.render(text)?,
        Script::File { text, .. } => text.clone(),
    };
    Ok(vec![Action::Run {
        script: format!("set -eu\n{script}"),
    }])
}
