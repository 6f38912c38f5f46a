//! Who is asking, and whether the region is one that can be asked.

use amint_cloud::{CloudError, ErrorKind, Result};

use crate::clients::Clients;
use crate::error::{Explain, code};

/// Who is asking.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Caller {
    /// The account's number.
    pub(crate) account: String,
    /// Such as `arn:aws:sts::123456789012:assumed-role/ci/session`.
    pub(crate) arn: String,
}

impl Caller {
    /// The name of the role that was assumed.
    pub(crate) fn role_name(&self) -> Option<&str> {
        let (_, rest) = self.arn.split_once(":assumed-role/")?;
        rest.split('/').next()
    }

    /// Whether nothing but the organization can deny it anything.
    pub(crate) fn is_root(&self) -> bool {
        self.arn.ends_with(":root")
    }
}

/// `123456789012 (arn:aws:…)`, when credentials and region are good.
pub(crate) async fn identity(clients: &Clients) -> Result<String> {
    check_form(&clients.region, "builder.region")?;
    let caller = caller(clients).await?;
    check_region(clients, &clients.region, "builder.region").await?;
    Ok(format!("{} ({})", caller.account, caller.arn))
}

/// Who is asking. Needs no permission.
pub(crate) async fn caller(clients: &Clients) -> Result<Caller> {
    let region = &clients.region;
    let answer = match clients.sts.get_caller_identity().send().await {
        Ok(answer) => answer,
        Err(error) => {
            // A region that an account did not enable does not know the account's credentials.
            let unknown = matches!(
                code(&error),
                Some("InvalidClientTokenId" | "UnrecognizedClientException")
            );
            let error = Err(error)
                .explain("sts:GetCallerIdentity")
                .map_err(|error: CloudError| match error.kind {
                    ErrorKind::AnswerLost => error.hint(format!(
                        "check that `{region}` is a region, the network, and AWS_ENDPOINT_URL"
                    )),
                    ErrorKind::Credentials if unknown => {
                        let hint = error.hint.clone().unwrap_or_default();
                        error.hint(format!(
                            "{hint}; if they work elsewhere, enable the region `{region}` for the account"
                        ))
                    }
                    _ => error,
                });
            return error;
        }
    };
    match (answer.account, answer.arn) {
        (Some(account), Some(arn)) => Ok(Caller { account, arn }),
        _ => Err(CloudError::other(
            "sts:GetCallerIdentity: the answer names nobody",
        )),
    }
}

/// Whether `region` looks like one: `us-east-1`, `us-gov-west-1`. `place` is where the recipe has it.
pub(crate) fn check_form(region: &str, place: &str) -> Result<()> {
    let parts: Vec<&str> = region.split('-').collect();
    let (number, words) = parts.split_last().unwrap_or((&"", &[]));
    let word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let is_number = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    if words.len() >= 2 && words.iter().all(word) && is_number {
        return Ok(());
    }
    Err(CloudError::new(
        ErrorKind::Unfit,
        format!("`{region}` is not the name of an AWS region"),
    )
    .hint(format!("`{place}` is a name such as us-east-1")))
}

/// Whether the account can use `region`. Who may not ask is believed.
pub(crate) async fn check_region(clients: &Clients, region: &str, place: &str) -> Result<()> {
    let ask = clients.ec2.describe_regions().all_regions(true);
    let answer = ask.region_names(region).send().await;
    let unknown = || {
        CloudError::new(
            ErrorKind::Unfit,
            format!("AWS does not know the region `{region}`"),
        )
        .hint(format!(
            "correct `{place}`; `aws ec2 describe-regions --all-regions` lists them"
        ))
    };
    let regions = match answer {
        Ok(answer) => answer.regions.unwrap_or_default(),
        Err(error) if code(&error) == Some("InvalidParameterValue") => return Err(unknown()),
        Err(error) => match Err(error).explain("ec2:DescribeRegions") {
            Err(CloudError {
                kind: ErrorKind::Denied { .. },
                ..
            }) => return Ok(()),
            Err(other) => {
                return Err(CloudError {
                    message: format!("the region `{region}` cannot be asked: {}", other.message),
                    hint: other.hint.or_else(|| Some(format!("correct `{place}`"))),
                    ..other
                });
            }
            Ok(()) => return Ok(()),
        },
    };
    let named = regions
        .iter()
        .find(|one| one.region_name() == Some(region))
        .ok_or_else(unknown)?;
    match named.opt_in_status() {
        Some("not-opted-in") => Err(CloudError::new(
            ErrorKind::Unfit,
            format!("the region `{region}` is not enabled for the account"),
        )
        .hint(format!(
            "`aws account enable-region --region-name {region}`, or another `{place}`"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(arn: &str) -> Caller {
        Caller {
            account: "123456789012".to_owned(),
            arn: arn.to_owned(),
        }
    }

    #[test]
    fn regions_have_a_form() {
        for good in [
            "us-east-1",
            "us-gov-west-1",
            "ap-southeast-2",
            "eusc-de-east-1",
            "us-isob-east-1",
        ] {
            assert!(check_form(good, "builder.region").is_ok(), "{good}");
        }
        for bad in [
            "",
            "us-east",
            "useast1",
            "us-east-1a",
            "US-EAST-1",
            "us--1",
            "us-east-123",
            "-east-1",
            "us-east-1 ",
        ] {
            let error = check_form(bad, "builder.region").expect_err(bad);
            assert_eq!(error.kind, ErrorKind::Unfit, "{bad}");
            assert!(error.message.contains(&format!("`{bad}`")), "{error}");
        }
    }

    #[test]
    fn a_session_knows_its_role() {
        let session = caller("arn:aws:sts::123456789012:assumed-role/ci/run-1");
        assert_eq!(session.role_name(), Some("ci"));
        assert_eq!(
            caller("arn:aws:iam::123456789012:user/ci").role_name(),
            None
        );
        assert!(caller("arn:aws:iam::123456789012:root").is_root());
        assert!(!session.is_root());
    }
}
