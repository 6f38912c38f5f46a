//! How a recipe becomes a plan.

use std::collections::BTreeMap;

use amint_harden::{Profile, Waiver};
use amint_recipe::recipe::LocalBase;
use amint_recipe::{PLACEHOLDER_BUILD_ID, Recipe, Renderer};

use crate::aws;
use crate::digest::{digest, sha256};
use crate::error::PlanError;
use crate::machine::{Builder, LocalMachine, Machine};
use crate::plan::{Base, BuildPlan, Image, RecipeSource, Seal, SealStep};
use crate::publish::Publish;
use crate::target::Target;
use crate::{secret, steps};

/// The plan of the build `build_id` on `target`. What the recipe says about the other target is no part of it.
///
/// # Errors
/// When the recipe has no base image for the target, names an unknown profile or some that disagree, waives what cannot be waived or has a file
/// that cannot reach the builder, and when `build_id` is no word of 1 to 64 letters, digits and hyphens.
pub fn resolve(recipe: &Recipe, target: Target, build_id: &str) -> Result<BuildPlan, PlanError> {
    let profile = amint_harden::combine(&recipe.seal.profiles, &recipe.seal.choices)?;
    let comparable = undigested(recipe, target, profile, PLACEHOLDER_BUILD_ID)?;
    let digest = digest(&comparable)?;
    let plan = if build_id == PLACEHOLDER_BUILD_ID {
        comparable
    } else {
        undigested(recipe, target, profile, build_id)?
    };
    Ok(BuildPlan { digest, ..plan })
}

fn undigested(
    recipe: &Recipe,
    target: Target,
    profile: &Profile,
    build_id: &str,
) -> Result<BuildPlan, PlanError> {
    let renderer = recipe.renderer(build_id)?;
    let steps = steps::resolve(&recipe.steps, &renderer)?;
    let (base, machine) = match target {
        Target::Local => (base(recipe)?, Machine::Local(machine(recipe))),
        Target::Aws => {
            aws::check_files(recipe, &steps)?;
            (aws::base(recipe)?, Machine::Aws(aws::machine(recipe)))
        }
    };
    Ok(BuildPlan {
        build_id: build_id.to_owned(),
        digest: String::new(),
        recipe: RecipeSource {
            file: recipe.source().file_name(),
            sha256: sha256(recipe.source().text.as_bytes()),
            name: recipe.name.clone(),
            version: recipe.version.clone(),
        },
        matrix: recipe.matrix.clone(),
        variables: recipe.variables.clone(),
        secrets: secret::resolve(&recipe.secrets, target),
        base,
        locked: None,
        builder: Builder {
            timeout_seconds: recipe.builder.timeout.as_secs(),
            machine,
        },
        steps,
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
        image: image(recipe, target, &renderer)?,
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

fn machine(recipe: &Recipe) -> LocalMachine {
    LocalMachine {
        vcpus: recipe.builder.vcpus,
        memory_mib: recipe.builder.memory_mib,
        network: recipe.builder.network,
    }
}

/// What the recipe accepts, in its order.
///
/// # Errors
/// When it waives what cannot be waived.
pub fn waivers(recipe: &Recipe) -> Result<Vec<Waiver>, PlanError> {
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

fn image(recipe: &Recipe, target: Target, renderer: &Renderer) -> Result<Image, PlanError> {
    let mut tags = BTreeMap::new();
    for (key, value) in &recipe.image.tags {
        tags.insert(key.clone(), renderer.render(value)?);
    }
    Ok(Image {
        name: renderer.render(&recipe.image.name)?,
        description: renderer.render(&recipe.image.description)?,
        tags,
        // A recipe cannot say otherwise: Marketplace takes no other image (rule MP-ARCH-014).
        imds_v2: target == Target::Aws,
        publish: match target {
            Target::Local => Publish::default(),
            Target::Aws => aws::publish(&recipe.image.publish, renderer)?,
        },
    })
}
