//! What each kind of step does to the builder: one file a kind.

mod file;
pub(crate) mod first_boot_secret;
pub(crate) mod install_packages;
mod shell;
mod upgrade_packages;

use amint_recipe::recipe::{Action as Wanted, Step as RecipeStep};
use amint_recipe::{RenderError, Renderer};

use crate::digest::sha256;
use crate::plan::{Action, Step};

/// When a step that says nothing about it counts as hung, in seconds (30 minutes).
const DEFAULT_TIMEOUT: u64 = 30 * 60;

pub(crate) fn resolve(steps: &[RecipeStep], renderer: &Renderer) -> Result<Vec<Step>, RenderError> {
    steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            Ok(Step {
                index: index + 1,
                name: step.name.clone(),
                kind: step.action.kind().to_owned(),
                timeout_seconds: step
                    .timeout
                    .map_or(DEFAULT_TIMEOUT, |timeout| timeout.as_secs()),
                actions: actions(&step.action, renderer)?,
            })
        })
        .collect()
}

fn actions(wanted: &Wanted, renderer: &Renderer) -> Result<Vec<Action>, RenderError> {
    match wanted {
        Wanted::Shell(script) => shell::actions(script, renderer),
        Wanted::File(file) => file::actions(file, renderer),
        Wanted::UpgradePackages => Ok(upgrade_packages::actions()),
        Wanted::InstallPackages(packages) => Ok(install_packages::actions(packages)),
        Wanted::Reboot => Ok(vec![Action::Reboot]),
        Wanted::FirstBootSecret {
            name,
            command,
            length,
        } => Ok(first_boot_secret::actions(
            name,
            &renderer.render(command)?,
            *length,
        )),
    }
}

/// A file of root's.
fn upload(to: String, mode: u32, content: Vec<u8>) -> Action {
    Action::Upload {
        to,
        owner: None,
        group: None,
        mode,
        sha256: sha256(&content),
        size: content.len() as u64,
        content,
    }
}
