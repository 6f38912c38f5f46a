//! What a policy depends on.

use amint_cloud::{BaseQuery, InstanceProfile, InstanceSpec, PublishSpec, SecretSource};

use crate::names::IAM_PATH;

/// What the policies of one recipe depend on.
#[derive(Clone, Debug, Default)]
pub struct PolicyInput {
    /// The region of builders and images.
    pub region: String,
    /// The account's number; any account's when absent.
    pub account: Option<String>,
    /// What builds start from; any image when absent.
    pub base: Option<BaseQuery>,
    /// The builder.
    pub machine: InstanceSpec,
    /// What happens to the image.
    pub publish: PublishSpec,
    /// The secrets that builds read from the account.
    pub secrets: Vec<SecretSource>,
    /// Bucket for files that are too large for a command.
    pub bucket: Option<String>,
    /// CloudWatch log group that gets what commands print.
    pub log_group: Option<String>,
    /// ARN of the named instance profile's role; when absent, the role is expected to bear the profile's name.
    pub role: Option<String>,
}

impl PolicyInput {
    /// The account's number, or `*`.
    pub(crate) fn account(&self) -> &str {
        self.account.as_deref().unwrap_or("*")
    }

    /// Regions that get a copy of the image.
    pub(crate) fn copies(&self) -> Vec<&str> {
        let copies = self.publish.copy_to.iter().map(String::as_str);
        let mut copies: Vec<&str> = copies.filter(|region| *region != self.region).collect();
        copies.sort_unstable();
        copies.dedup();
        copies
    }

    /// The region of the builds and those of the copies.
    pub(crate) fn regions(&self) -> Vec<&str> {
        let mut regions = vec![self.region.as_str()];
        regions.extend(self.copies());
        regions
    }

    pub(crate) fn is_copied(&self) -> bool {
        !self.copies().is_empty()
    }

    /// The names of parameters that hold secrets, without a version or label.
    pub(crate) fn secret_parameters(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter_map(|secret| match secret {
            SecretSource::Parameter { name } => name.split(':').next(),
            SecretSource::Manager { .. } => None,
        })
    }

    /// The names or ARNs of Secrets Manager's secrets.
    pub(crate) fn managed_secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter_map(|secret| match secret {
            SecretSource::Manager { id, .. } => Some(id.as_str()),
            SecretSource::Parameter { .. } => None,
        })
    }

    pub(crate) fn has_temporary_profile(&self) -> bool {
        matches!(self.machine.profile, InstanceProfile::Temporary { .. })
    }

    pub(crate) fn has_temporary_group(&self) -> bool {
        self.machine.security_groups.is_empty()
    }

    /// The policy that a temporary role never exceeds.
    pub(crate) fn boundary(&self) -> Option<&str> {
        match &self.machine.profile {
            InstanceProfile::Temporary {
                permissions_boundary,
            } => permissions_boundary.as_deref(),
            InstanceProfile::Named(_) => None,
        }
    }

    /// The path and name of the named instance profile: `amint-builder`, `/teams/a/builder`.
    pub(crate) fn profile(&self) -> Option<&str> {
        match &self.machine.profile {
            InstanceProfile::Named(given) => Some(path_and_name(given)),
            InstanceProfile::Temporary { .. } => None,
        }
    }

    /// An ARN of EC2, SSM or EC2's images and snapshots, whose ARNs bear no account.
    pub(crate) fn arn(&self, service: &str, region: &str, account: &str, what: &str) -> String {
        format!(
            "arn:{}:{service}:{region}:{account}:{what}",
            partition(&self.region)
        )
    }

    /// An ARN of IAM.
    pub(crate) fn iam(&self, what: &str) -> String {
        self.arn("iam", "", self.account(), what)
    }

    /// ARN of the role that builders have; a pattern for temporary ones.
    pub(crate) fn role(&self) -> String {
        match (&self.role, self.profile()) {
            (Some(role), _) => role.clone(),
            (None, Some(profile)) => self.iam(&format!("role/{profile}")),
            (None, None) => self.iam(&format!("role{IAM_PATH}*")),
        }
    }

    /// ARN of the instance profile that builders have; a pattern for temporary ones.
    pub(crate) fn instance_profile(&self) -> String {
        match self.profile() {
            Some(profile) => self.iam(&format!("instance-profile/{profile}")),
            None => self.iam(&format!("instance-profile{IAM_PATH}*")),
        }
    }
}

/// `aws`, or what the region's name says otherwise (AWS General Reference, partitions).
pub(crate) fn partition(region: &str) -> &'static str {
    let starts = |prefix| region.starts_with(prefix);
    match () {
        () if starts("cn-") => "aws-cn",
        () if starts("us-gov-") => "aws-us-gov",
        () if starts("us-isob-") => "aws-iso-b",
        () if starts("us-iso-") => "aws-iso",
        () if starts("eusc-") => "aws-eusc",
        () => "aws",
    }
}

/// EC2, as roles and their users name it.
pub(crate) fn ec2_service(region: &str) -> &'static str {
    match partition(region) {
        "aws-cn" => "ec2.amazonaws.com.cn",
        _ => "ec2.amazonaws.com",
    }
}

/// What follows `:instance-profile/` in an ARN; a name is taken as it is.
fn path_and_name(given: &str) -> &str {
    let name = given.split_once(":instance-profile/").map(|(_, name)| name);
    name.unwrap_or(given)
}

/// The name alone.
pub(crate) fn profile_name(given: &str) -> &str {
    given.rsplit('/').next().unwrap_or(given)
}
