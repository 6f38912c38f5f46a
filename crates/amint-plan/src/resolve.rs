//! How a recipe becomes a plan.

use amint_harden::{Profile, Waiver, WaiverError};
use amint_recipe::recipe::LocalBase;
use amint_recipe::{PLACEHOLDER_BUILD_ID, Recipe, RenderError, Renderer};

use crate::digest::{digest, sha256};
use crate::plan::{Base, BuildPlan, Builder, Image, RecipeSource, Seal, SealStep};
use crate::steps;

/// Why a recipe has no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The recipe only says what builders on AWS start from.
    #[error("the recipe has no base image for this machine")]
    NoLocalBase,
    /// The catalogue has no such profile.
    #[error("there is no profile `{name}`")]
    UnknownProfile {
        /// The name that the recipe gives.
        name: String,
    },
    /// A waiver accepts what cannot be accepted.
    #[error("a waiver of `{rule}` cannot be used")]
    Waiver {
        /// The rule's id as the recipe gives it.
        rule: String,
        /// Why not.
        source: WaiverError,
    },
    /// A string could not be rendered.
    #[error("a string of the recipe could not be rendered")]
    Render(#[from] RenderError),
    /// The plan could not be written in canonical form.
    #[error("the plan could not be written as canonical JSON")]
    Canonical(#[from] serde_json::Error),
}

impl PlanError {
    /// What to do about it, where the user can do something.
    pub fn hint(&self) -> Option<String> {
        match self {
            PlanError::NoLocalBase => {
                Some("add `local: { debian: bookworm }` to `base`".to_owned())
            }
            PlanError::UnknownProfile { .. } => {
                let names: Vec<_> = amint_harden::profiles()
                    .iter()
                    .map(|profile| profile.name)
                    .collect();
                Some(format!("there are `{}`", names.join("`, `")))
            }
            PlanError::Waiver { source, .. } => Some(source.hint()),
            PlanError::Render(_) | PlanError::Canonical(_) => None,
        }
    }
}

/// The plan of the build `build_id` on this machine.
///
/// # Errors
/// When the recipe has no local base image, names an unknown profile or waives what cannot be waived, and when `build_id` is no word of 1 to 64 letters,
/// digits and hyphens.
pub fn resolve(recipe: &Recipe, build_id: &str) -> Result<BuildPlan, PlanError> {
    let profile =
        amint_harden::profile(&recipe.seal.profile).ok_or_else(|| PlanError::UnknownProfile {
            name: recipe.seal.profile.clone(),
        })?;
    let comparable = undigested(recipe, profile, PLACEHOLDER_BUILD_ID)?;
    let digest = digest(&comparable)?;
    let plan = if build_id == PLACEHOLDER_BUILD_ID {
        comparable
    } else {
        undigested(recipe, profile, build_id)?
    };
    Ok(BuildPlan { digest, ..plan })
}

fn undigested(recipe: &Recipe, profile: &Profile, build_id: &str) -> Result<BuildPlan, PlanError> {
    let renderer = recipe.renderer(build_id)?;
    Ok(BuildPlan {
        build_id: build_id.to_owned(),
        digest: String::new(),
        recipe: RecipeSource {
            file: recipe.source.file_name(),
            sha256: sha256(recipe.source.text.as_bytes()),
            name: recipe.name.clone(),
            version: recipe.version.clone(),
        },
        variables: recipe.variables.clone(),
        base: base(recipe)?,
        builder: Builder {
            vcpus: recipe.builder.vcpus,
            memory_mib: recipe.builder.memory_mib,
            network: recipe.builder.network,
            timeout_seconds: recipe.builder.timeout.as_secs(),
        },
        steps: steps::resolve(&recipe.steps, &renderer)?,
        seal: Seal {
            profile: profile.reference(),
            steps: profile
                .steps
                .iter()
                .map(|step| SealStep {
                    id: step.id.to_owned(),
                    sha256: step.digest(),
                })
                .collect(),
            application_logs: recipe.seal.application_logs.clone(),
        },
        image: image(recipe, &renderer)?,
        waivers: waivers(recipe)?,
    })
}

fn base(recipe: &Recipe) -> Result<Base, PlanError> {
    match &recipe.base.local {
        Some(LocalBase::Debian(release)) => Ok(Base::Debian {
            release: release.clone(),
        }),
        Some(LocalBase::Image { path, sha256 }) => Ok(Base::Image {
            path: path.clone(),
            sha256: sha256.clone(),
        }),
        None => Err(PlanError::NoLocalBase),
    }
}

fn waivers(recipe: &Recipe) -> Result<Vec<Waiver>, PlanError> {
    let waiver = |one: &amint_recipe::recipe::Waiver| {
        Waiver::new(&one.rule, one.path.as_deref(), &one.reason, &one.expires).map_err(|source| {
            PlanError::Waiver {
                rule: one.rule.clone(),
                source,
            }
        })
    };
    recipe.waivers.iter().map(waiver).collect()
}

fn image(recipe: &Recipe, renderer: &Renderer) -> Result<Image, PlanError> {
    let mut tags = std::collections::BTreeMap::new();
    for (key, value) in &recipe.image.tags {
        tags.insert(key.clone(), renderer.render(value)?);
    }
    Ok(Image {
        name: renderer.render(&recipe.image.name)?,
        description: renderer.render(&recipe.image.description)?,
        tags,
    })
}
