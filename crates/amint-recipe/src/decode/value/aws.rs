//! What single values must look like on AWS.

use std::time::Duration;

use super::{Refusal, amount, refuse};
use crate::code::Code;

/// A Region, such as `us-east-1`; those of other partitions too (`us-gov-west-1`, `cn-north-1`, `us-isob-east-1`).
pub(in crate::decode) fn region(text: &str) -> Result<(), Refusal> {
    if is_region(text) {
        return Ok(());
    }
    let hint = match text.strip_suffix(|c: char| c.is_ascii_lowercase()) {
        Some(region) if is_region(region) => {
            format!("this is one of its zones: write `{region}`")
        }
        _ => "write it as us-east-1".to_owned(),
    };
    refuse(
        Code::BadRegion,
        format!("`{text}` is not an AWS Region"),
        &hint,
    )
}

fn is_region(text: &str) -> bool {
    let mut parts: Vec<_> = text.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let word = |part: &&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    parts.len() >= 2
        && parts.iter().all(word)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// An EC2 instance type: `family.size`.
pub(in crate::decode) fn instance_type(text: &str) -> Result<(), Refusal> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let valid = text
        .split_once('.')
        .is_some_and(|(family, size)| part(family) && part(size));
    if valid && text.len() <= 64 {
        return Ok(());
    }
    refuse(
        Code::BadAwsName,
        format!("`{text}` is not an EC2 instance type"),
        "write family and size, such as m7i.large",
    )
}

pub(in crate::decode) fn image_id(text: &str) -> Result<(), Refusal> {
    id(text, "ami-", "an EC2 image")
}

pub(in crate::decode) fn subnet(text: &str) -> Result<(), Refusal> {
    id(text, "subnet-", "a subnet")
}

pub(in crate::decode) fn security_group(text: &str) -> Result<(), Refusal> {
    id(text, "sg-", "a security group")
}

/// A resource's id: 8 or 17 hexadecimal digits after its prefix (EC2 user guide, "Resource IDs").
fn id(text: &str, prefix: &str, what: &str) -> Result<(), Refusal> {
    let small_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let valid = text
        .strip_prefix(prefix)
        .is_some_and(|digits| matches!(digits.len(), 8 | 17) && digits.bytes().all(small_hex));
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadAwsId,
        format!("`{text}` is not the id of {what}"),
        &format!("write it as {prefix}0123456789abcdef0"),
    )
}

/// An account's number.
pub(in crate::decode) fn account(text: &str) -> Result<(), Refusal> {
    if is_account(text) {
        return Ok(());
    }
    refuse(
        Code::BadAwsId,
        format!("`{text}` is not an account's number"),
        "write its 12 digits in quotes, leading zeros included",
    )
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whose images are looked at (EC2 API reference, DescribeImages, `Owner`), or a publisher whose account is well known.
pub(in crate::decode) fn owner(text: &str) -> Result<(), Refusal> {
    let aliases = [
        "self",
        "amazon",
        "aws-marketplace",
        "aws-backup-vault",
        "debian",
        "ubuntu",
        "canonical",
    ];
    if is_account(text) || aliases.contains(&text) {
        return Ok(());
    }
    refuse(
        Code::BadAwsId,
        format!("`{text}` does not own images"),
        &format!(
            "write an account's 12 digits in quotes, or `{}`",
            aliases.join("`, `")
        ),
    )
}

/// What images' names are compared with: a name of `image_name`'s characters, `*` and `?`.
pub(in crate::decode) fn name_pattern(text: &str) -> Result<(), Refusal> {
    let valid = (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" ()[]./-'@_*?".contains(&byte));
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadImageText,
        format!("`{text}` matches no image's name"),
        "names have letters, digits, spaces and ()[]./-'@_; `*` is any text, `?` any character",
    )
}

/// An SSM parameter that is read: a name, with a version or label after `:` where one is wanted.
pub(in crate::decode) fn read_parameter(text: &str) -> Result<(), Refusal> {
    let valid = (1..=2048).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-/:".contains(&byte));
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadAwsName,
        format!("`{text}` is not the name of an SSM parameter"),
        "write it as /aws/service/…",
    )
}

/// An SSM parameter that holds a secret: of this account and Region, so that a policy can name it.
pub(in crate::decode) fn secret_parameter(text: &str) -> Result<(), Refusal> {
    read_parameter(text)?;
    if !text.starts_with("arn:") {
        return Ok(());
    }
    refuse(
        Code::BadAwsName,
        format!("`{text}` is an ARN, where a parameter's name is needed"),
        "write it as /team/token; a secret of another account can come from Secrets Manager",
    )
}

/// The longest name of a parameter: SSM takes 1,011 characters together with the ARN before it (SSM API reference,
/// PutParameter, `Name`), which takes about 60.
const MAX_PARAMETER: usize = 950;

/// An SSM parameter that is written (SSM API reference, PutParameter, `Name`).
pub(in crate::decode) fn written_parameter(text: &str) -> Result<(), Refusal> {
    let message = format!("`{text}` cannot be the name of an SSM parameter");
    let bare = text.strip_prefix('/').unwrap_or(text);
    let reserved = ["aws", "ssm"].iter().any(|prefix| {
        bare.get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    });
    if reserved {
        return refuse(
            Code::BadAwsName,
            message,
            "names that start with `aws` or `ssm` are taken",
        );
    }
    let levels: Vec<_> = bare.split('/').collect();
    let part = |part: &&str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    };
    let valid = text.len() <= MAX_PARAMETER
        && levels.len() <= 15
        && levels.iter().all(part)
        && (levels.len() == 1 || text.starts_with('/'));
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadAwsName,
        message,
        "write it as /images/demo/latest: letters, digits and `_.-`, at most 15 levels",
    )
}

/// An S3 bucket's name (S3 user guide, "General purpose bucket naming rules").
pub(in crate::decode) fn bucket(text: &str) -> Result<(), Refusal> {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let valid = (3..=63).contains(&text.len())
        && text.starts_with(edge)
        && text.ends_with(edge)
        && text.chars().all(|c| edge(c) || c == '.' || c == '-')
        && !text.contains("..")
        && text.parse::<std::net::Ipv4Addr>().is_err();
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadAwsName,
        format!("`{text}` is not the name of an S3 bucket"),
        "give the name alone: 3 to 63 small letters, digits, dots and hyphens",
    )
}

/// A log group's name (CloudWatch Logs API reference, CreateLogGroup).
pub(in crate::decode) fn log_group(text: &str) -> Result<(), Refusal> {
    let valid = (1..=512).contains(&text.len())
        && !text.starts_with("aws/")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-/.#".contains(&byte));
    if valid {
        return Ok(());
    }
    refuse(
        Code::BadAwsName,
        format!("`{text}` is not the name of a log group"),
        "use letters, digits and `_-/.#`, at most 512; `aws/` is taken",
    )
}

/// Where a package is fetched from. Plain characters only: it stands in a shell script.
pub(in crate::decode) fn package_url(text: &str) -> Result<(), Refusal> {
    let message = format!("`{text}` cannot be fetched as the agent's package");
    let Some(rest) = text.strip_prefix("https://") else {
        return refuse(Code::BadUrl, message, "start it with `https://`");
    };
    let host = rest.split('/').next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%+:/".contains(&byte);
    if text.len() > 2048
        || host.is_empty()
        || !host.starts_with(|c: char| c.is_ascii_alphanumeric())
        || !rest.bytes().all(plain)
    {
        return refuse(
            Code::BadUrl,
            message,
            "write a plain address: no account, no `?` and no `#`",
        );
    }
    let is_package = rest.ends_with(".deb") || rest.ends_with(".rpm");
    if rest.contains('/') && is_package {
        return Ok(());
    }
    refuse(
        Code::BadUrl,
        message,
        "name a file that ends in `.deb` or `.rpm`",
    )
}

/// Days in the longest time until an image is deprecated: EC2 takes 10 years (EC2 user guide, "Deprecate an Amazon EC2
/// AMI"), two leap days less.
const MAX_DAYS: u64 = 3650;

/// `180d`, `26w`, `1w3d`.
pub(in crate::decode) fn days(text: &str) -> Result<Duration, Refusal> {
    const DAY: u64 = 24 * 3600;
    match amount(text, &[('w', 7 * DAY), ('d', DAY)]) {
        Some(seconds) if (DAY..=MAX_DAYS * DAY).contains(&seconds) => {
            Ok(Duration::from_secs(seconds))
        }
        other => refuse(
            Code::BadDuration,
            match other {
                Some(_) => format!("`{text}` is no usable number of days"),
                None => format!("`{text}` is not a number of days"),
            },
            "write days or weeks, such as 180d or 26w; at least 1d, at most 3650d",
        ),
    }
}

/// Where a data volume is attached (EC2 user guide, "Device names for volumes on Amazon EC2 instances").
pub(in crate::decode) fn device(text: &str) -> Result<(), Refusal> {
    let letter = |prefix: &str, letters: std::ops::RangeInclusive<char>| {
        let mut rest = text.strip_prefix(prefix).unwrap_or_default().chars();
        rest.next().is_some_and(|c| letters.contains(&c)) && rest.next().is_none()
    };
    if letter("/dev/sd", 'f'..='p') || letter("/dev/xvd", 'b'..='z') {
        return Ok(());
    }
    refuse(
        Code::BadVolume,
        format!("`{text}` is no device for a volume"),
        "use /dev/sdf to /dev/sdp, or /dev/xvdb to /dev/xvdz",
    )
}

/// A tag of a temporary resource: some are IAM's, which takes fewer characters than EC2 (IAM user guide, "Tags for IAM
/// resources").
pub(in crate::decode) fn tag(key: &str, value: &str) -> Result<(), Refusal> {
    super::tag(key, value)?;
    let plain = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    if key.chars().chain(value.chars()).all(plain) {
        return Ok(());
    }
    refuse(
        Code::BadImageText,
        format!("`{key}` cannot be a tag like this"),
        "use letters, digits, spaces and `_.:/=+-@` in keys and values",
    )
}

#[cfg(test)]
mod tests;
