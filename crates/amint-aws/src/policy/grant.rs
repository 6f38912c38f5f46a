//! On what an action is allowed, and under which condition.

use amint_cloud::{BaseQuery, PublicState};
use serde_json::{Value, json};

use super::PolicyInput;
use super::input::ec2_service;
use crate::names::IAM_PATH;
use crate::tags::{BUILD, STATE};

/// One statement of the pipeline's policy, in the order of a build.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Grant {
    /// Reading, which AWS allows for everything in a region or not at all.
    Look,
    /// Whoever runs the pipeline, and the builder's role, to find out what they may do.
    Principal,
    /// The parameter that names the base image.
    BaseParameter,
    /// The parameters that hold secrets of the recipe.
    SecretParameter,
    /// The recipe's secrets in Secrets Manager.
    Secret,
    /// The keys of the account's own that those parameters are encrypted with.
    ParameterKey,
    /// The same of those secrets.
    SecretKey,
    /// The builder's instance profile.
    Profile,
    /// The builder's role, given to EC2.
    PassRole,
    /// A role that is made for one build, within its permissions boundary.
    TemporaryRole,
    /// The same, once it is there.
    OwnRole,
    /// A security group that is tagged when it is made.
    NewGroup,
    /// Where that is made.
    GroupNetwork,
    /// A security group that a build made.
    OwnGroup,
    /// The network's default security group, which lets a build's own one go early.
    LeaveGroup,
    /// What a builder is launched from and in.
    LaunchFrom,
    /// A builder and its disks, tagged when they are made.
    NewInstance,
    /// Tags in the call that creates.
    TagAtCreation,
    /// A builder that a build made.
    OwnInstance,
    /// The one document that commands use.
    CommandDocument,
    /// Builders that a build made.
    CommandTarget,
    /// Files on their way to a builder.
    Stage,
    /// An image and its snapshots, tagged when they are made.
    NewImage,
    /// A snapshot, tagged when it is made.
    NewSnapshot,
    /// The blocks of a build's snapshots.
    OwnBlocks,
    /// Images and snapshots that a build made.
    OwnImage,
    /// Their copies in other regions, tagged when they are made.
    NewCopy,
    /// The snapshots of these; a copy of an image needs both.
    CopySnapshot,
    /// The parameter that names the newest image.
    ImageParameter,
    /// Reading wherever builds may have been.
    LookEverywhere,
    /// What outlived a builder that a build made.
    Leftover,
    /// Images and snapshots that a build made and nobody was given.
    UnpublishedImage,
}

impl Grant {
    /// The statement's id.
    pub(crate) fn sid(self) -> String {
        format!("{self:?}")
    }

    /// ARNs, or patterns of them.
    pub(crate) fn resources(self, input: &PolicyInput) -> Vec<String> {
        let home = input.region.as_str();
        let copies = input.copies();
        let own = |what: &str| input.arn("ec2", home, input.account(), what);
        // Images and snapshots have no account in their ARNs.
        let images = |regions: &[&str], kinds: &[&str]| -> Vec<String> {
            let of = |region: &&str| -> Vec<String> {
                let arn = |kind: &&str| input.arn("ec2", region, "", &format!("{kind}/*"));
                kinds.iter().map(arn).collect()
            };
            regions.iter().flat_map(of).collect()
        };
        match self {
            Grant::Look | Grant::LookEverywhere => vec!["*".to_owned()],
            Grant::Principal => vec![input.iam("role/*"), input.iam("user/*")],
            Grant::BaseParameter => base_parameter(input),
            Grant::SecretParameter => secret_parameters(input),
            Grant::Secret => secrets(input),
            // Which keys those are, only the account knows; the conditions say what for.
            Grant::ParameterKey | Grant::SecretKey => vec![input.arn("kms", "*", "*", "key/*")],
            Grant::Profile => vec![input.instance_profile()],
            Grant::PassRole => vec![input.role()],
            Grant::TemporaryRole | Grant::OwnRole => {
                vec![input.iam(&format!("role{IAM_PATH}*"))]
            }
            Grant::NewGroup | Grant::OwnGroup | Grant::LeaveGroup => {
                vec![own("security-group/*")]
            }
            // Networks may be shared by another account.
            Grant::GroupNetwork => vec![input.arn("ec2", home, "*", "vpc/*")],
            Grant::LaunchFrom => launch_from(input),
            Grant::NewInstance => {
                let kinds = ["instance/*", "network-interface/*", "volume/*"];
                kinds.map(own).to_vec()
            }
            Grant::TagAtCreation => {
                let mut arns = vec![
                    own("instance/*"),
                    own("network-interface/*"),
                    own("volume/*"),
                ];
                if input.has_temporary_group() {
                    arns.push(own("security-group/*"));
                }
                arns.extend(images(&input.regions(), &["image", "snapshot"]));
                arns
            }
            Grant::OwnInstance | Grant::CommandTarget => vec![own("instance/*")],
            Grant::CommandDocument => {
                // AWS's own documents have no account.
                vec![input.arn("ssm", home, "", "document/AWS-RunShellScript")]
            }
            Grant::Stage => {
                let bucket = input.bucket.as_deref().unwrap_or("*");
                vec![input.arn("s3", "", "", &format!("{bucket}/amint/*"))]
            }
            Grant::NewImage => images(&[home], &["image", "snapshot"]),
            Grant::NewSnapshot | Grant::OwnBlocks => images(&[home], &["snapshot"]),
            Grant::OwnImage | Grant::UnpublishedImage => {
                images(&input.regions(), &["image", "snapshot"])
            }
            Grant::Leftover => ["network-interface/*", "volume/*"].map(own).to_vec(),
            Grant::NewCopy => images(&copies, &["image"]),
            Grant::CopySnapshot => images(&copies, &["snapshot"]),
            Grant::ImageParameter => {
                let name = input.publish.parameter.as_deref().unwrap_or("/*");
                vec![input.arn("ssm", home, input.account(), &parameter(name))]
            }
        }
    }

    /// The statement's condition.
    pub(crate) fn condition(self, input: &PolicyInput) -> Option<Value> {
        // `Null` with `false`: the key is there, whatever its value is.
        let present = |key: &str| Some(json!({ "Null": { format!("{key}/{BUILD}"): "false" } }));
        match self {
            Grant::Look => {
                Some(json!({ "StringEquals": { "aws:RequestedRegion": input.regions() } }))
            }
            Grant::PassRole => {
                let service = ec2_service(&input.region);
                Some(json!({ "StringEquals": { "iam:PassedToService": service } }))
            }
            Grant::ParameterKey => {
                let service = format!("ssm.{}.amazonaws.com*", input.region);
                Some(json!({ "StringLike": {
                    "kms:ViaService": service,
                    "kms:EncryptionContext:PARAMETER_ARN": secret_parameters(input),
                } }))
            }
            Grant::SecretKey => Some(json!({ "StringLike": {
                "kms:ViaService": "secretsmanager.*.amazonaws.com*",
                "kms:EncryptionContext:SecretARN": secrets(input),
            } })),
            Grant::TemporaryRole => {
                let boundary = input.boundary()?;
                Some(json!({ "StringEquals": { "iam:PermissionsBoundary": boundary } }))
            }
            Grant::NewGroup
            | Grant::NewInstance
            | Grant::NewImage
            | Grant::NewSnapshot
            | Grant::NewCopy => present("aws:RequestTag"),
            Grant::OwnGroup
            | Grant::OwnInstance
            | Grant::OwnBlocks
            | Grant::OwnImage
            | Grant::Leftover => present("aws:ResourceTag"),
            Grant::UnpublishedImage => {
                let published = PublicState::Published.name();
                Some(json!({
                    "Null": { format!("aws:ResourceTag/{BUILD}"): "false" },
                    "StringNotEquals": { format!("aws:ResourceTag/{STATE}"): published },
                }))
            }
            Grant::CommandTarget => present("ssm:resourceTag"),
            Grant::TagAtCreation => {
                Some(json!({ "StringEquals": { "ec2:CreateAction": creators(input) } }))
            }
            Grant::Principal
            | Grant::BaseParameter
            | Grant::SecretParameter
            | Grant::Secret
            | Grant::Profile
            | Grant::OwnRole
            | Grant::GroupNetwork
            | Grant::LeaveGroup
            | Grant::LaunchFrom
            | Grant::CommandDocument
            | Grant::Stage
            | Grant::CopySnapshot
            | Grant::ImageParameter
            | Grant::LookEverywhere => None,
        }
    }
}

/// The calls that create and tag at once.
fn creators(input: &PolicyInput) -> Vec<&'static str> {
    let mut actions = vec![
        "CreateImage",
        "RegisterImage",
        "RunInstances",
        "StartSnapshot",
    ];
    if input.is_copied() {
        actions.push("CopyImage");
    }
    if input.has_temporary_group() {
        actions.push("CreateSecurityGroup");
    }
    actions.sort_unstable();
    actions
}

fn base_parameter(input: &PolicyInput) -> Vec<String> {
    let name = match &input.base {
        Some(BaseQuery::Parameter { name }) => name.as_str(),
        _ => "/*",
    };
    // AWS's own parameters have no account in their ARNs.
    let account = match name.starts_with("/aws/") {
        true => "*",
        false => input.account(),
    };
    vec![input.arn("ssm", &input.region, account, &parameter(name))]
}

fn secret_parameters(input: &PolicyInput) -> Vec<String> {
    let arn = |name: &str| {
        let what = parameter(name);
        input.arn("ssm", &input.region, input.account(), &what)
    };
    input.secret_parameters().map(arn).collect()
}

/// A secret's ARN ends with six characters that are no part of its name.
fn secrets(input: &PolicyInput) -> Vec<String> {
    let arns = |id: &str| match id.starts_with("arn:") {
        true => vec![id.to_owned(), format!("{id}-??????")],
        false => {
            let what = format!("secret:{id}-??????");
            vec![input.arn("secretsmanager", &input.region, input.account(), &what)]
        }
    };
    input.managed_secrets().flat_map(arns).collect()
}

/// A hierarchical name's slash is not doubled.
fn parameter(name: &str) -> String {
    format!("parameter/{}", name.trim_start_matches('/'))
}

/// Images, subnets and security groups, which other accounts may share.
fn launch_from(input: &PolicyInput) -> Vec<String> {
    let home = input.region.as_str();
    let image = match &input.base {
        Some(BaseQuery::Id { id }) => id.as_str(),
        _ => "*",
    };
    let mut arns = vec![
        input.arn("ec2", home, "", &format!("image/{image}")),
        // What the image's disks, or others that are asked for, are made from.
        input.arn("ec2", home, "", "snapshot/*"),
    ];
    let mut given = |kind: &str, ids: &[String]| {
        let arn = |id: &str| input.arn("ec2", home, "*", &format!("{kind}/{id}"));
        match ids.is_empty() {
            true => arns.push(arn("*")),
            false => arns.extend(ids.iter().map(|id| arn(id))),
        }
    };
    given("security-group", &input.machine.security_groups);
    given("subnet", &input.machine.subnets);
    arns
}
