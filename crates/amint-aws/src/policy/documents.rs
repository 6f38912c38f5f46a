//! What `amint iam` prints.

use amint_cloud::InstanceProfile;
use serde::Serialize;
use serde_json::Value;

use super::input::profile_name;
use super::{PolicyInput, builder_policy, pipeline_policy, trust_policy};

/// The policies of one recipe.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct IamDocuments {
    /// For who runs the pipeline.
    pub pipeline: Value,
    /// For the builder's role.
    pub builder: BuilderDocuments,
    /// Name of the instance profile that the recipe asks for; absent when each build makes its own.
    pub instance_profile: Option<String>,
    /// Shell commands that make the instance profile and its role, once.
    pub commands: Vec<String>,
    /// What to know about it.
    pub notes: Vec<String>,
}

/// What the builder's role is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BuilderDocuments {
    /// Who may take the role.
    pub trust: Value,
    /// What it may do.
    pub policy: Value,
}

/// The policies that a recipe needs, and how the builder's instance profile is made.
pub fn documents(input: &PolicyInput) -> IamDocuments {
    let builder = BuilderDocuments {
        trust: trust_policy(&input.region),
        policy: builder_policy(
            &input.region,
            input.bucket.as_deref(),
            input.log_group.as_deref(),
        ),
    };
    let profile = match &input.machine.profile {
        InstanceProfile::Named(given) => Some(profile_name(given).to_owned()),
        InstanceProfile::Temporary { .. } => None,
    };
    IamDocuments {
        pipeline: pipeline_policy(input),
        commands: match (&profile, input.profile()) {
            (Some(name), Some(path_and_name)) => commands(name, path_and_name, &builder),
            _ => Vec::new(),
        },
        notes: notes(input),
        builder,
        instance_profile: profile,
    }
}

fn commands(name: &str, path_and_name: &str, builder: &BuilderDocuments) -> Vec<String> {
    let path = match path_and_name.strip_suffix(name).unwrap_or_default() {
        "" | "/" => String::new(),
        path => format!(" --path {}", quoted(&format!("/{path}"))),
    };
    let name = quoted(name);
    let trust = quoted(&builder.trust.to_string());
    let policy = quoted(&builder.policy.to_string());
    vec![
        format!(
            "aws iam create-role --role-name {name}{path} --assume-role-policy-document {trust}"
        ),
        format!(
            "aws iam put-role-policy --role-name {name} --policy-name builder --policy-document {policy}"
        ),
        format!("aws iam create-instance-profile --instance-profile-name {name}{path}"),
        format!(
            "aws iam add-role-to-instance-profile --instance-profile-name {name} --role-name {name}"
        ),
    ]
}

fn notes(input: &PolicyInput) -> Vec<String> {
    let mut notes = Vec::new();
    if input.account.is_none() {
        notes.push(
            "the account is not known here: put its number in place of `*` in the ARNs".to_owned(),
        );
    }
    if input.has_temporary_profile() && input.boundary().is_none() {
        notes.push(
            "a pipeline that makes roles without a permissions boundary can give a builder any right: set \
             `temporary-instance-profile.permissions-boundary`, or name an instance profile"
                .to_owned(),
        );
    }
    notes
}

/// One word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=+@:,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
