//! The image's name and description, and who gets it.

use amint_cloud::{CloudError, ErrorKind, Result, Sharing};
use aws_sdk_ec2::types::Filter;

use super::findings::Findings;
use super::run::Subject;
use crate::error::Explain;

/// The longest description of an image, in characters (EC2, CreateImage).
const DESCRIPTION: usize = 255;

/// Names that AWS takes and that are free in each region; accounts and organizations that can be.
pub(super) async fn check(subject: &Subject<'_>, found: &mut Findings) -> Result<()> {
    let image = &subject.request.image;
    let length = image.description.chars().count();
    if length > DESCRIPTION {
        found.unfit(
            format!("the image's description has {length} characters, and AWS takes {DESCRIPTION}"),
            "shorten `image.description`",
        );
    }
    if !image.description.chars().all(|c| (' '..='~').contains(&c)) {
        found.unfit(
            "the image's description has characters that AWS does not take",
            "use ASCII only in `image.description`",
        );
    }
    sharing(&subject.request.publish.sharing, found);
    if !is_valid(&image.name) {
        found.unfit(
            format!("`{}` cannot be the name of an image", image.name),
            "`image.name` has 3 to 128 characters: letters, digits, spaces and any of ()[]./-'@_",
        );
        return Ok(());
    }
    for region in subject.regions() {
        free(subject, region, found).await?;
    }
    Ok(())
}

/// EC2, CreateImage, Name.
fn is_valid(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "()[] ./-'@_".contains(c);
    (3..=128).contains(&name.len()) && name.chars().all(allowed)
}

/// A disabled image keeps its name too.
async fn free(subject: &Subject<'_>, region: &str, found: &mut Findings) -> Result<()> {
    let name = &subject.request.image.name;
    let filter = Filter::builder().name("name").values(name).build();
    let ask = subject.clients.ec2_in(region).describe_images();
    let ask = ask.owners("self").include_disabled(true).filters(filter);
    let answer = found.needed(ask.send().await.explain("ec2:DescribeImages"))?;
    let images = answer.and_then(|answer| answer.images).unwrap_or_default();
    for image in images.iter().filter(|image| image.name() == Some(name)) {
        let id = image.image_id().unwrap_or("another image");
        found.problem(
            CloudError::new(
                ErrorKind::Conflict,
                format!("the image name `{name}` is taken by {id} in {region}"),
            )
            .hint("raise `version`, or put {{build.id}} into `image.name`"),
        );
    }
    Ok(())
}

fn sharing(sharing: &Sharing, found: &mut Findings) {
    for account in &sharing.accounts {
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
            found.unfit(
                format!("`{account}` is not an account number"),
                "an account number has 12 digits; quote it in YAML, so that it keeps its zeros",
            );
        }
    }
    let arns = [
        (
            &sharing.organizations,
            ":organization/o-",
            "an organization",
        ),
        (
            &sharing.organizational_units,
            ":ou/o-",
            "an organizational unit",
        ),
    ];
    for (given, part, what) in arns {
        for arn in given {
            if !(arn.starts_with("arn:") && arn.contains(":organizations::") && arn.contains(part))
            {
                found.unfit(
                    format!("`{arn}` is not the ARN of {what}"),
                    format!("it has the form arn:aws:organizations::123456789012{part}…"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_aws_takes() {
        for good in [
            "abc",
            "Collector [2.3.1] (x86_64) a/b-c.d'e@f_g",
            &"n".repeat(128),
        ] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", "ab", "a*b", "a:b", "käse", "a\nb", &"n".repeat(129)] {
            assert!(!is_valid(bad), "{bad}");
        }
    }

    #[test]
    fn accounts_and_organizations_have_forms() {
        let check = |accounts: &[&str], organizations: &[&str], units: &[&str]| {
            let own = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
            let mut found = Findings::default();
            let all = Sharing {
                accounts: own(accounts),
                organizations: own(organizations),
                organizational_units: own(units),
            };
            sharing(&all, &mut found);
            found.problems.len()
        };
        let organization = "arn:aws:organizations::123456789012:organization/o-a1b2c3d4e5";
        let unit = "arn:aws:organizations::123456789012:ou/o-a1b2c3d4e5/ou-ab12-cd34ef56";
        assert_eq!(check(&["012345678901"], &[organization], &[unit]), 0);
        assert_eq!(check(&["12345678901", "all", "1234567890123"], &[], &[]), 3);
        assert_eq!(check(&[], &[unit, "o-a1b2c3d4e5"], &[organization]), 3);
    }
}
