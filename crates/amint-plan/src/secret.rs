//! Secrets: a plan knows where they come from, never what they are.

use std::fmt;

use amint_recipe::SECRETS_FOLDER;
use amint_recipe::recipe::{Secret as Wanted, SecretSource as From};
use serde::{Deserialize, Serialize};

use crate::plan::{Action, BuildPlan, Step};
use crate::target::Target;

/// A secret that steps can read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Secret {
    /// The variable's name, and that of its file on the builder.
    pub name: String,
    /// Where its value is read from when the build begins.
    pub source: SecretSource,
}

/// Where a secret's value is read from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSource {
    /// An environment variable of the process that builds.
    Environment {
        /// Its name.
        name: String,
    },
    /// An SSM parameter in the builder's region.
    Parameter {
        /// Its name.
        name: String,
    },
    /// A secret of Secrets Manager.
    SecretsManager {
        /// Its name or ARN.
        id: String,
        /// The key of the JSON object that it holds; the whole text when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
}

/// Reads after "from".
impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretSource::Environment { name } => write!(f, "the environment variable {name}"),
            SecretSource::Parameter { name } => write!(f, "the SSM parameter {name}"),
            SecretSource::SecretsManager { id, key: None } => write!(f, "Secrets Manager's {id}"),
            SecretSource::SecretsManager { id, key: Some(key) } => {
                write!(f, "`{key}` of Secrets Manager's {id}")
            }
        }
    }
}

/// What the recipe says about a build on AWS is no part of one on this machine: there a secret comes from the environment.
pub(crate) fn resolve(secrets: &[Wanted], target: Target) -> Vec<Secret> {
    let one = |secret: &Wanted| Secret {
        name: secret.name.clone(),
        source: match (&secret.source, target) {
            (From::Environment(name), _) => SecretSource::Environment { name: name.clone() },
            (_, Target::Local) => SecretSource::Environment {
                name: amint_recipe::given::environment_name(&secret.name),
            },
            (From::Parameter(name), Target::Aws) => SecretSource::Parameter { name: name.clone() },
            (From::SecretsManager { id, key }, Target::Aws) => SecretSource::SecretsManager {
                id: id.clone(),
                key: key.clone(),
            },
        },
    };
    secrets.iter().map(one).collect()
}

impl Step {
    /// Whether it names the folder that secrets are in on the builder, or brings a file that does.
    pub fn names_secrets(&self) -> bool {
        let folder = SECRETS_FOLDER.as_bytes();
        let names = |text: &[u8]| text.windows(folder.len()).any(|part| part == folder);
        self.actions.iter().any(|action| match action {
            Action::Run { script } => script.contains(SECRETS_FOLDER),
            Action::Upload { content, .. } => names(content),
            Action::Reboot => false,
        })
    }
}

impl BuildPlan {
    /// The position (from 1) of the first step that may read a secret; nothing where there is no secret, or no such step.
    pub fn first_use_of_secrets(&self) -> Option<usize> {
        let mut steps = self.steps.iter().filter(|_| !self.secrets.is_empty());
        steps
            .find(|step| step.names_secrets())
            .map(|step| step.index)
    }
}
