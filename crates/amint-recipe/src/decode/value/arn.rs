//! ARNs, and names that may stand in their place.

use super::aws::is_account;
use super::{Refusal, refuse};
use crate::code::Code;

/// An instance profile's name or ARN (IAM API reference, `InstanceProfileName`).
pub(in crate::decode) fn instance_profile(text: &str) -> Result<(), Refusal> {
    let valid = match iam_resource(text) {
        Some(resource) => resource
            .strip_prefix("instance-profile/")
            .is_some_and(is_iam_path),
        None => is_iam_name(text),
    };
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadAwsName,
        format!("`{text}` is not an instance profile"),
        "give its name, or its ARN: arn:aws:iam::123456789012:instance-profile/amint-builder",
    )
}

/// A policy's ARN (IAM user guide, "IAM identifiers").
pub(in crate::decode) fn policy(text: &str) -> Result<(), Refusal> {
    let resource = iam_resource(text).and_then(|resource| resource.strip_prefix("policy/"));
    if resource.is_some_and(is_iam_path) {
        return Ok(());
    }
    refuse(
        Code::BadAwsId,
        format!("`{text}` is not a policy's ARN"),
        "write it as arn:aws:iam::123456789012:policy/boundary",
    )
}

fn is_iam_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
}

/// A name with the path before it.
fn is_iam_path(text: &str) -> bool {
    text.len() <= 640 && text.split('/').all(is_iam_name)
}

/// What stands after the account in an ARN of IAM's.
fn iam_resource(text: &str) -> Option<&str> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(":iam::")?;
    let (account, resource) = rest.split_once(':')?;
    (is_partition(partition) && (is_account(account) || account == "aws")).then_some(resource)
}

fn is_partition(text: &str) -> bool {
    text.starts_with("aws")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// A secret's name or ARN (Secrets Manager API reference, CreateSecret, `Name`; GetSecretValue, `SecretId`).
pub(in crate::decode) fn secret(text: &str) -> Result<(), Refusal> {
    let name = match text.strip_prefix("arn:") {
        Some(rest) => secret_of_arn(rest),
        None => Some(text),
    };
    let valid = name.is_some_and(|name| {
        (1..=512).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte))
    });
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadAwsName,
        format!("`{text}` is not a secret of Secrets Manager"),
        "give its name, or its ARN: arn:aws:secretsmanager:us-east-1:123456789012:secret:team/token-AbCdEf",
    )
}

/// The name in an ARN, after `arn:`.
fn secret_of_arn(rest: &str) -> Option<&str> {
    let (partition, rest) = rest.split_once(":secretsmanager:")?;
    let (region, rest) = rest.split_once(':')?;
    let (account, name) = rest.split_once(":secret:")?;
    let valid =
        is_partition(partition) && super::aws::region(region).is_ok() && is_account(account);
    valid.then_some(name)
}

/// An organization's ARN (EC2 API reference, LaunchPermission; Organizations API reference, Organization).
pub(in crate::decode) fn organization(text: &str) -> Result<(), Refusal> {
    let path = organizations_resource(text).and_then(|path| path.strip_prefix("organization/"));
    if path.is_some_and(is_organization) {
        return Ok(());
    }
    refuse(
        Code::BadAwsId,
        format!("`{text}` is not an organization's ARN"),
        "write it as arn:aws:organizations::123456789012:organization/o-0123456789",
    )
}

/// An organizational unit's ARN (EC2 API reference, LaunchPermission; Organizations API reference, OrganizationalUnit).
pub(in crate::decode) fn organizational_unit(text: &str) -> Result<(), Refusal> {
    let path = organizations_resource(text).and_then(|path| path.strip_prefix("ou/"));
    let valid = path
        .and_then(|path| path.split_once('/'))
        .is_some_and(|(organization, unit)| {
            let unit = unit.strip_prefix("ou-").and_then(|id| id.split_once('-'));
            let unit = unit.is_some_and(|(root, id)| is_word(root, 4..=32) && is_word(id, 8..=32));
            is_organization(organization) && unit
        });
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadAwsId,
        format!("`{text}` is not an organizational unit's ARN"),
        "write it as arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567",
    )
}

fn organizations_resource(text: &str) -> Option<&str> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(":organizations::")?;
    let (account, resource) = rest.split_once(':')?;
    (is_partition(partition) && is_account(account)).then_some(resource)
}

fn is_organization(id: &str) -> bool {
    id.strip_prefix("o-").is_some_and(|id| is_word(id, 10..=32))
}

fn is_word(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::value::tests::check;

    #[test]
    fn instance_profiles_and_policies() {
        check(
            instance_profile,
            &[
                "amint-builder",
                "a+b=c,d.e@f_g",
                "arn:aws:iam::123456789012:instance-profile/amint-builder",
                "arn:aws-us-gov:iam::123456789012:instance-profile/teams/images/builder",
            ],
            &[
                "",
                "a b",
                "/path/name",
                "arn:aws:iam::123456789012:role/builder",
                "arn:aws:iam::1234:instance-profile/builder",
                "arn:aws:iam::123456789012:instance-profile/",
                "arn:aws:iam::123456789012:instance-profile//x",
            ],
        );
        check(
            policy,
            &[
                "arn:aws:iam::123456789012:policy/x",
                "arn:aws:iam::aws:policy/PowerUserAccess",
                "arn:aws-cn:iam::123456789012:policy/a/b",
            ],
            &[
                "",
                "x",
                "arn:aws:iam::123456789012:role/x",
                "arn:gcp:iam::aws:policy/x",
            ],
        );
    }

    #[test]
    fn organizations() {
        check(
            organization,
            &["arn:aws:organizations::123456789012:organization/o-0123456789"],
            &[
                "",
                "o-0123456789",
                "arn:aws:organizations::123456789012:organization/o-1",
                "arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567",
            ],
        );
        check(
            organizational_unit,
            &["arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567"],
            &[
                "",
                "ou-0123-01234567",
                "arn:aws:organizations::123456789012:ou/ou-0123-01234567",
                "arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123",
                "arn:aws:organizations::123456789012:organization/o-0123456789",
            ],
        );
    }
}
