//! A role and its instance profile go. IAM deletes only what is empty.

use amint_cloud::Result;

use super::gone_is_fine;
use crate::clients::Clients;
use crate::error::Explain;

pub(super) async fn release_profile(clients: &Clients, name: &str) -> Result<()> {
    let get = clients.iam.get_instance_profile();
    let got = get.instance_profile_name(name).send().await;
    let Some(got) = gone_is_fine(got.explain("iam:GetInstanceProfile"))? else {
        return Ok(());
    };
    let roles = got.instance_profile().map(|profile| profile.roles());
    for role in roles.unwrap_or_default() {
        remove_role(clients, name, role.role_name()).await?;
    }
    let delete = clients.iam.delete_instance_profile();
    let deleted = delete.instance_profile_name(name).send().await;
    gone_is_fine(deleted.explain("iam:DeleteInstanceProfile"))?;
    Ok(())
}

pub(super) async fn release_role(clients: &Clients, name: &str) -> Result<()> {
    let iam = &clients.iam;
    let profiles = iam.list_instance_profiles_for_role().role_name(name);
    let profiles = profiles.into_paginator().items().send();
    let profiles = profiles.collect::<std::result::Result<Vec<_>, _>>().await;
    let profiles = gone_is_fine(profiles.explain("iam:ListInstanceProfilesForRole"))?;
    for profile in profiles.unwrap_or_default() {
        remove_role(clients, profile.instance_profile_name(), name).await?;
    }
    let attached = iam.list_attached_role_policies().role_name(name);
    let attached = attached.into_paginator().items().send();
    let attached = attached.collect::<std::result::Result<Vec<_>, _>>().await;
    let attached = gone_is_fine(attached.explain("iam:ListAttachedRolePolicies"))?;
    for policy in attached.unwrap_or_default() {
        let detach = iam.detach_role_policy().role_name(name);
        let detached = detach.set_policy_arn(policy.policy_arn).send().await;
        gone_is_fine(detached.explain("iam:DetachRolePolicy"))?;
    }
    let inline = iam.list_role_policies().role_name(name);
    let inline = inline.into_paginator().items().send();
    let inline = inline.collect::<std::result::Result<Vec<_>, _>>().await;
    let inline = gone_is_fine(inline.explain("iam:ListRolePolicies"))?;
    for policy in inline.unwrap_or_default() {
        let delete = iam.delete_role_policy().role_name(name);
        let deleted = delete.policy_name(policy).send().await;
        gone_is_fine(deleted.explain("iam:DeleteRolePolicy"))?;
    }
    let deleted = iam.delete_role().role_name(name).send().await;
    gone_is_fine(deleted.explain("iam:DeleteRole"))?;
    Ok(())
}

async fn remove_role(clients: &Clients, profile: &str, role: &str) -> Result<()> {
    let remove = clients.iam.remove_role_from_instance_profile();
    let remove = remove.instance_profile_name(profile).role_name(role);
    let removed = remove.send().await;
    gone_is_fine(removed.explain("iam:RemoveRoleFromInstanceProfile"))?;
    Ok(())
}
