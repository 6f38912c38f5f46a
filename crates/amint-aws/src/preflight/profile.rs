//! The instance profile that the recipe names.

use amint_cloud::{CloudError, ErrorKind, InstanceProfile, Result};

use super::findings::Findings;
use super::run::Subject;
use super::simulate::{self, Verdict};
use crate::error::Explain;
use crate::policy::{self, profile_name};

/// An instance profile that is there.
pub(super) struct Profile {
    /// ARN of its role.
    pub(super) role: String,
}

const HINT: &str = "`amint iam RECIPE` prints its policy, and the commands that make it";

/// It exists, and its role allows the agent.
pub(super) async fn check(subject: &Subject<'_>, found: &mut Findings) -> Result<Option<Profile>> {
    let InstanceProfile::Named(given) = &subject.spec.profile else {
        return Ok(None);
    };
    let ask = subject.clients.iam.get_instance_profile();
    let answer = ask.instance_profile_name(profile_name(given)).send().await;
    let answer = answer.explain("iam:GetInstanceProfile");
    let answer = match answer {
        Err(error) if error.kind == ErrorKind::NotFound => {
            found.problem(missing(given));
            return Ok(None);
        }
        answer => found.needed(answer)?,
    };
    let Some(profile) = answer.and_then(|answer| answer.instance_profile) else {
        return Ok(None);
    };
    // Names are unique whatever the path is: this is another profile than the ARN's.
    if given.starts_with("arn:") && profile.arn() != given {
        found.problem(missing(given));
        return Ok(None);
    }
    let Some(role) = profile.roles().first() else {
        found.unfit(format!("the instance profile `{given}` has no role"), HINT);
        return Ok(None);
    };
    agent(subject, given, role.arn(), found).await?;
    Ok(Some(Profile {
        role: role.arn().to_owned(),
    }))
}

fn missing(given: &str) -> CloudError {
    let message = format!("there is no instance profile `{given}`");
    CloudError::new(ErrorKind::NotFound, message).hint(HINT)
}

/// Whether the role lets the agent register and be told commands.
async fn agent(subject: &Subject<'_>, given: &str, role: &str, found: &mut Findings) -> Result<()> {
    let actions = policy::agent_actions();
    let answer = simulate::ask(&subject.clients.iam, role, actions, &[], &[]).await;
    let what = format!("whether the instance profile `{given}` allows the SSM agent");
    let Some(verdicts) = found.wanted(&what, answer)? else {
        return Ok(());
    };
    let denied = simulate::with(&verdicts, Verdict::Denied);
    if !denied.is_empty() {
        found.unfit(
            format!(
                "the instance profile `{given}` does not allow the SSM agent {}",
                denied.join(", ")
            ),
            HINT,
        );
    }
    let open = simulate::with(&verdicts, Verdict::Depends);
    if !open.is_empty() {
        found.unchecked(format!("{what} {}: that has conditions", open.join(", ")));
    }
    Ok(())
}
