//! The secrets of a plan: read when its build begins, masked in all that is written, and looked for on its disk.

use std::env::{self, VarError};

use amint_cloud::{Clock, Cloud, SecretValue};
use amint_engine::secret::{LARGEST, Secret, fetch};
use amint_engine::{Cancel, request};
use amint_plan::{BuildPlan, SecretSource};
use amint_recipe::given::environment_name;
use amint_recipe::{Recipe, recipe};

use super::{SecretError, add};

/// The shortest secret of a plan, in bytes: what is shorter is found in any disk.
const LEAST: usize = 8;

/// Those that the environment has.
///
/// # Errors
/// When one is not there, or cannot be used.
pub(crate) fn from_environment(plan: &BuildPlan) -> Result<Vec<Secret>, SecretError> {
    let mut values = Vec::new();
    for secret in &plan.secrets {
        let SecretSource::Environment { name: variable } = &secret.source else {
            continue;
        };
        let (name, variable) = (secret.name.clone(), variable.clone());
        let value = env::var(&variable).map_err(|error| match error {
            VarError::NotPresent => SecretError::NotSet {
                secret: name,
                variable,
            },
            VarError::NotUnicode(_) => SecretError::NotText {
                secret: name,
                variable,
            },
        })?;
        values.push(learned(secret, SecretValue::new(value))?);
    }
    Ok(values)
}

/// Learns those of a recipe that the environment has: a disk that was made from it must not hold them.
pub(crate) fn learn_of(recipe: &Recipe) {
    for secret in &recipe.secrets {
        let variable = match &secret.source {
            recipe::SecretSource::Environment(name) => name.clone(),
            _ => environment_name(&secret.name),
        };
        if let Ok(value) = env::var(variable)
            && value.trim().len() >= LEAST
        {
            add(&secret.name, SecretValue::new(value));
        }
    }
}

/// Those that the cloud keeps.
///
/// # Errors
/// When one is not handed out, or cannot be used.
pub(crate) async fn from_cloud(
    plan: &BuildPlan,
    cloud: &dyn Cloud,
    clock: &dyn Clock,
    cancel: &Cancel,
) -> Result<Vec<Secret>, SecretError> {
    let mut values = Vec::new();
    for secret in &plan.secrets {
        let Some(source) = request::secret(&secret.source) else {
            continue;
        };
        let value = fetch(&source, &plan.build_id, cloud, clock, cancel).await;
        let value = value.map_err(|source| SecretError::Fetch {
            secret: secret.name.clone(),
            place: secret.source.to_string(),
            source: Box::new(source),
        })?;
        let value = value.ok_or(SecretError::Interrupted)?;
        values.push(learned(secret, value)?);
    }
    Ok(values)
}

/// A secret that can be told from other text; from now on it is masked.
fn learned(secret: &amint_plan::Secret, value: SecretValue) -> Result<Secret, SecretError> {
    let (name, place) = (secret.name.clone(), secret.source.to_string());
    let text = value.expose();
    if text.trim().len() < LEAST {
        return Err(SecretError::TooShort {
            secret: name,
            place,
            least: LEAST,
        });
    }
    if text.len() > LARGEST {
        return Err(SecretError::TooLarge {
            secret: name,
            place,
            most: LARGEST,
        });
    }
    if text.contains('\0') {
        return Err(SecretError::ZeroByte {
            secret: name,
            place,
        });
    }
    add(&name, value.clone());
    // Steps take single values out of an object.
    if let Ok(serde_json::Value::Object(values)) = serde_json::from_str(text) {
        let texts = values.values().filter_map(serde_json::Value::as_str);
        for one in texts.filter(|one| one.trim().len() >= LEAST) {
            add(&name, SecretValue::new(one.to_owned()));
        }
    }
    Ok(Secret { name, value })
}
