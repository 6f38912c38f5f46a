//! Credentials that would end before the build does.

use std::time::{Duration, SystemTime};

use amint_cloud::{CloudError, ErrorKind, Result};
use aws_sdk_ec2::config::ProvideCredentials;

use super::findings::Findings;
use super::run::Subject;

/// With less than this, no build gets anywhere.
const LEAST: Duration = Duration::from_secs(5 * 60);
/// How long the session of an assumed role lasts unless it is told otherwise (STS, DurationSeconds).
const USUAL: Duration = Duration::from_secs(60 * 60);

const HINT: &str = "sign in again; for GitHub OIDC, raise `role-duration-seconds` and the role's maximum session \
                    duration";

/// A warning when they end before the build must, a problem when they end at once.
pub(super) async fn check(subject: &Subject<'_>, found: &mut Findings) -> Result<()> {
    let Some(provider) = subject.clients.config.credentials_provider() else {
        return Ok(());
    };
    // That they work was found out before.
    let Ok(credentials) = provider.provide_credentials().await else {
        return Ok(());
    };
    let timeout = subject.request.timeout;
    match credentials.expiry() {
        Some(end) => {
            let left = end.duration_since(SystemTime::now()).unwrap_or_default();
            judge(left, timeout, found);
        }
        // Environment variables don't tell.
        None if credentials.session_token().is_some() && timeout >= USUAL => found.warn(format!(
            "the build may take {}, and the credentials don't tell when they end: a role's session lasts an hour \
             unless `role-duration-seconds` says otherwise",
            minutes(timeout)
        )),
        None if credentials.session_token().is_some() => {
            found.unchecked("when the credentials end: they don't tell");
        }
        None => {}
    }
    Ok(())
}

fn judge(left: Duration, timeout: Duration, found: &mut Findings) {
    if left < LEAST {
        let message = format!("the credentials end in {}", minutes(left));
        found.problem(CloudError::new(ErrorKind::Credentials, message).hint(HINT));
    } else if left < timeout {
        found.warn(format!(
            "the credentials end in {}, and the build may take {}: unless they renew themselves, {HINT}",
            minutes(left),
            minutes(timeout)
        ));
    }
}

fn minutes(time: Duration) -> String {
    format!("{} min", time.as_secs() / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_last_as_long_as_the_build() {
        let judged = |left, timeout| {
            let mut found = Findings::default();
            let minute = |n: u64| Duration::from_secs(n * 60);
            judge(minute(left), minute(timeout), &mut found);
            (found.problems.len(), found.warnings.len())
        };
        assert_eq!(judged(60, 60), (0, 0));
        assert_eq!(judged(59, 60), (0, 1));
        assert_eq!(judged(5, 60), (0, 1));
        assert_eq!(judged(4, 60), (1, 0));
        assert_eq!(judged(4, 3), (1, 0));
    }
}
