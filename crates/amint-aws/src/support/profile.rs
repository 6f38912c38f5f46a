//! The instance profile that lends the temporary role to the builder.

use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind, Result, SupportRequest};
use aws_sdk_iam::types::InstanceProfile;

use crate::AwsOptions;
use crate::clients::Clients;
use crate::error::{self, Explain};
use crate::{names, tags};

/// How long IAM takes until a new role's permissions are known where instances ask.
const SETTLED: Duration = Duration::from_secs(15);

pub(super) async fn create(
    clients: &Clients,
    options: &AwsOptions,
    request: &SupportRequest,
) -> Result<String> {
    let name = names::of_build(&request.owner.build);
    let tags = super::iam_tags(&tags::temporary(&request.owner))?;
    let made = clients
        .iam
        .create_instance_profile()
        .path(names::IAM_PATH)
        .instance_profile_name(&name)
        .set_tags(Some(tags))
        .send()
        .await;
    let existed =
        matches!(&made, Err(refusal) if error::code(refusal) == Some("EntityAlreadyExists"));
    if existed {
        let profile = get(clients, &name).await?;
        if !super::is_ours(profile.path(), profile.tags(), &request.owner.build) {
            return Err(super::taken("instance profile", &name));
        }
        if has_role(&profile, &name) {
            return Ok(name);
        }
    } else {
        made.explain("iam:CreateInstanceProfile")?;
    }
    // The role was made a moment before.
    super::when_known(options, "role", || add_role(clients, &name)).await?;
    // An agent that comes before its permissions hibernates, for up to half an hour.
    tokio::time::sleep(SETTLED.mul_f64(options.pace)).await;
    Ok(name)
}

/// The role has the profile's name.
async fn add_role(clients: &Clients, name: &str) -> Result<()> {
    let add = clients.iam.add_role_to_instance_profile();
    let added = add.instance_profile_name(name).role_name(name).send().await;
    if let Err(refusal) = &added
        && error::code(refusal) == Some("LimitExceeded")
        && has_role(&get(clients, name).await?, name)
    {
        // A profile holds one role: it is there since a call whose answer was lost.
        return Ok(());
    }
    added.explain("iam:AddRoleToInstanceProfile")?;
    Ok(())
}

async fn get(clients: &Clients, name: &str) -> Result<InstanceProfile> {
    let get = clients.iam.get_instance_profile();
    let got = get.instance_profile_name(name).send().await;
    let got = got.explain("iam:GetInstanceProfile")?;
    got.instance_profile.ok_or_else(|| {
        let message = format!("the instance profile {name} is not to be seen");
        CloudError::new(ErrorKind::NotFound, message)
    })
}

fn has_role(profile: &InstanceProfile, name: &str) -> bool {
    let mut roles = profile.roles().iter();
    roles.any(|role| role.role_name() == name)
}
