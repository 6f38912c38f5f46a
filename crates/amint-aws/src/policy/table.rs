//! Every action that a build may ask for, and every one that cleaning up may.

use amint_cloud::BaseQuery;

use super::{Grant, PolicyInput};

/// How it is found out beforehand whether an action is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Check {
    /// The preflight makes the call itself, or whoever comes before it.
    Call,
    /// By EC2's `DryRun`, where what it asks for exists; simulated otherwise.
    DryRun,
    /// By `SimulatePrincipalPolicy`: there is no dry run, or what it would need does not exist yet.
    Simulate,
}

/// Actions on the same things.
pub(crate) struct Row {
    /// On what, and under which condition.
    pub(crate) grant: Grant,
    /// How it is checked.
    pub(crate) check: Check,
    /// Whether a recipe needs it.
    pub(crate) when: fn(&PolicyInput) -> bool,
    /// As IAM names them.
    pub(crate) actions: &'static [&'static str],
}

/// The rows that a recipe needs.
pub(crate) fn rows(input: &PolicyInput) -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(|row| (row.when)(input))
}

const fn row(
    grant: Grant,
    check: Check,
    when: fn(&PolicyInput) -> bool,
    actions: &'static [&'static str],
) -> Row {
    Row {
        grant,
        check,
        when,
        actions,
    }
}

/// The table.
pub(crate) const TABLE: &[Row] = &[
    row(
        Grant::Look,
        Check::Call,
        always,
        &[
            "ec2:DescribeImages",
            "ec2:DescribeInstanceTypeOfferings",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeRegions",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcs",
            "ec2:GetAllowedImagesSettings",
            "ec2:GetEbsEncryptionByDefault",
            "ec2:GetImageBlockPublicAccessState",
            "sts:GetCallerIdentity",
        ],
    ),
    row(
        Grant::Look,
        Check::Simulate,
        always,
        &[
            "ec2:DescribeImageAttribute",
            "ec2:DescribeInstanceAttribute",
            "ec2:DescribeInstanceStatus",
            "ec2:DescribeInstances",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSnapshots",
            "ssm:CancelCommand",
            "ssm:DescribeInstanceInformation",
            "ssm:GetCommandInvocation",
            "ssm:ListCommands",
        ],
    ),
    row(
        Grant::Look,
        Check::Simulate,
        retires,
        &["ec2:DescribeSnapshotAttribute"],
    ),
    row(
        Grant::Principal,
        Check::Call,
        always,
        &["iam:GetRole", "iam:SimulatePrincipalPolicy"],
    ),
    row(
        Grant::BaseParameter,
        Check::Call,
        base_parameter,
        &["ssm:GetParameter"],
    ),
    row(
        Grant::SecretParameter,
        Check::Call,
        secret_parameters,
        &["ssm:GetParameter"],
    ),
    row(
        Grant::Secret,
        Check::Call,
        managed_secrets,
        &["secretsmanager:GetSecretValue"],
    ),
    row(
        Grant::ParameterKey,
        Check::Call,
        secret_parameters,
        &["kms:Decrypt"],
    ),
    row(
        Grant::SecretKey,
        Check::Call,
        managed_secrets,
        &["kms:Decrypt"],
    ),
    row(
        Grant::Profile,
        Check::Call,
        named_profile,
        &["iam:GetInstanceProfile"],
    ),
    row(Grant::PassRole, Check::Simulate, always, &["iam:PassRole"]),
    row(
        Grant::TemporaryRole,
        Check::Simulate,
        temporary_profile,
        &["iam:CreateRole", "iam:PutRolePolicy"],
    ),
    row(
        Grant::OwnRole,
        Check::Simulate,
        temporary_profile,
        &[
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:GetRole",
            "iam:ListAttachedRolePolicies",
            "iam:ListInstanceProfilesForRole",
            "iam:ListRolePolicies",
            "iam:TagRole",
        ],
    ),
    row(
        Grant::Profile,
        Check::Simulate,
        temporary_profile,
        &[
            "iam:AddRoleToInstanceProfile",
            "iam:CreateInstanceProfile",
            "iam:DeleteInstanceProfile",
            "iam:GetInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:TagInstanceProfile",
        ],
    ),
    row(
        Grant::NewGroup,
        Check::DryRun,
        temporary_group,
        &["ec2:CreateSecurityGroup"],
    ),
    row(
        Grant::GroupNetwork,
        Check::DryRun,
        temporary_group,
        &["ec2:CreateSecurityGroup"],
    ),
    row(
        Grant::OwnGroup,
        Check::Simulate,
        temporary_group,
        &["ec2:DeleteSecurityGroup"],
    ),
    row(
        Grant::LeaveGroup,
        Check::Simulate,
        temporary_group,
        &["ec2:ModifyInstanceAttribute"],
    ),
    row(
        Grant::LaunchFrom,
        Check::DryRun,
        always,
        &["ec2:RunInstances"],
    ),
    row(
        Grant::NewInstance,
        Check::DryRun,
        always,
        &["ec2:RunInstances"],
    ),
    row(
        Grant::TagAtCreation,
        Check::Simulate,
        always,
        &["ec2:CreateTags"],
    ),
    row(
        Grant::OwnInstance,
        Check::Simulate,
        always,
        &[
            "ec2:CreateImage",
            "ec2:GetConsoleOutput",
            "ec2:ModifyInstanceAttribute",
            "ec2:RebootInstances",
            "ec2:TerminateInstances",
        ],
    ),
    row(
        Grant::CommandDocument,
        Check::Simulate,
        always,
        &["ssm:SendCommand"],
    ),
    row(
        Grant::CommandTarget,
        Check::Simulate,
        always,
        &["ssm:SendCommand"],
    ),
    row(
        Grant::Stage,
        Check::Simulate,
        bucket,
        &["s3:DeleteObject", "s3:PutObject"],
    ),
    row(
        Grant::NewImage,
        Check::Simulate,
        always,
        &["ec2:CreateImage", "ec2:RegisterImage"],
    ),
    row(
        Grant::NewSnapshot,
        Check::Simulate,
        always,
        &["ebs:StartSnapshot"],
    ),
    row(
        Grant::OwnBlocks,
        Check::Simulate,
        always,
        &[
            "ebs:CompleteSnapshot",
            "ebs:GetSnapshotBlock",
            "ebs:ListSnapshotBlocks",
            "ebs:PutSnapshotBlock",
        ],
    ),
    row(
        Grant::OwnImage,
        Check::Simulate,
        always,
        &[
            "ec2:CreateTags",
            "ec2:DeleteSnapshot",
            "ec2:DeleteTags",
            "ec2:DeregisterImage",
            "ec2:ModifyImageAttribute",
            "ec2:RegisterImage",
        ],
    ),
    row(
        Grant::OwnImage,
        Check::Simulate,
        deprecates,
        &["ec2:EnableImageDeprecation"],
    ),
    row(Grant::OwnImage, Check::Simulate, copies, &["ec2:CopyImage"]),
    row(Grant::NewCopy, Check::Simulate, copies, &["ec2:CopyImage"]),
    row(
        Grant::CopySnapshot,
        Check::Simulate,
        copies,
        &["ec2:CopyImage"],
    ),
    row(
        Grant::ImageParameter,
        Check::Simulate,
        image_parameter,
        &[
            "ssm:AddTagsToResource",
            "ssm:DeleteParameter",
            "ssm:GetParameter",
            "ssm:GetParameterHistory",
            "ssm:PutParameter",
        ],
    ),
];

/// What finding and releasing needs, of whatever builds and in all regions; nobody checks it beforehand.
pub(crate) const CLEANUP: &[Row] = &[
    row(
        Grant::LookEverywhere,
        Check::Call,
        always,
        &[
            "ec2:DescribeImages",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeRegions",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSnapshots",
            "ec2:DescribeVolumes",
            "iam:ListInstanceProfiles",
            "iam:ListRoles",
            "sts:GetCallerIdentity",
        ],
    ),
    row(
        Grant::OwnRole,
        Check::Call,
        always,
        &[
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:GetRole",
            "iam:ListAttachedRolePolicies",
            "iam:ListInstanceProfilesForRole",
            "iam:ListRolePolicies",
        ],
    ),
    row(
        Grant::Profile,
        Check::Call,
        always,
        &[
            "iam:DeleteInstanceProfile",
            "iam:GetInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
        ],
    ),
    row(
        Grant::OwnGroup,
        Check::Call,
        always,
        &["ec2:DeleteSecurityGroup"],
    ),
    row(
        Grant::LeaveGroup,
        Check::Call,
        always,
        &["ec2:ModifyInstanceAttribute"],
    ),
    row(
        Grant::OwnInstance,
        Check::Call,
        always,
        &["ec2:ModifyInstanceAttribute", "ec2:TerminateInstances"],
    ),
    row(
        Grant::Leftover,
        Check::Call,
        always,
        &["ec2:DeleteNetworkInterface", "ec2:DeleteVolume"],
    ),
    row(
        Grant::UnpublishedImage,
        Check::Call,
        always,
        &["ec2:DeleteSnapshot", "ec2:DeregisterImage"],
    ),
];

fn always(_: &PolicyInput) -> bool {
    true
}

fn base_parameter(input: &PolicyInput) -> bool {
    matches!(input.base, Some(BaseQuery::Parameter { .. }))
}

fn secret_parameters(input: &PolicyInput) -> bool {
    input.secret_parameters().next().is_some()
}

fn managed_secrets(input: &PolicyInput) -> bool {
    input.managed_secrets().next().is_some()
}

fn named_profile(input: &PolicyInput) -> bool {
    !input.has_temporary_profile()
}

fn temporary_profile(input: &PolicyInput) -> bool {
    input.has_temporary_profile()
}

fn temporary_group(input: &PolicyInput) -> bool {
    input.has_temporary_group()
}

fn bucket(input: &PolicyInput) -> bool {
    input.bucket.is_some()
}

fn copies(input: &PolicyInput) -> bool {
    input.is_copied()
}

fn deprecates(input: &PolicyInput) -> bool {
    input.publish.deprecate_after.is_some()
}

fn retires(input: &PolicyInput) -> bool {
    input.publish.keep_last.is_some()
}

fn image_parameter(input: &PolicyInput) -> bool {
    input.publish.parameter.is_some()
}
