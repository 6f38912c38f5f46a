//! Everything that bears a build's tag, in the cloud's own region, and images where they are copied to.

use amint_cloud::{ErrorKind, Owned, Resource, ResourceKind, Result};

use crate::clients::Clients;
use crate::error::Explain;
use crate::owned::region;
use crate::{describe, names};

/// A snapshot that an image consists of is not listed beside it: it goes with the image. Parameters are not looked for:
/// only the journal knows what they named before.
pub(crate) async fn of_build(
    clients: &Clients,
    copy_regions: &[String],
    build: &str,
) -> Result<Vec<Resource>> {
    let whose = || region::whose(Some(build));
    let ec2 = &clients.ec2;
    let (builders, disks, groups, profile, role) = tokio::try_join!(
        region::builders(ec2, whose()),
        disks(clients, build),
        region::groups(ec2, whose()),
        profile(clients, build),
        role(clients, build),
    )?;
    let mut images: Vec<Resource> = Vec::new();
    for region in copy_regions.iter().filter(|one| **one != clients.region) {
        let ec2 = clients.ec2_in(region);
        let copies = describe::own_images(&ec2, vec![whose()]).await?;
        let copies = region::images(&copies).into_iter();
        images.extend(copies.map(|one| Resource {
            id: names::in_region(&one.resource.id, region).0,
            ..one.resource
        }));
    }
    let support = |kind, name: Option<String>| {
        name.map(|id| Resource {
            build: build.to_owned(),
            kind,
            id,
        })
    };
    let found = [builders, disks].into_iter().flatten();
    let mut all: Vec<Resource> = found.map(|one| one.resource).collect();
    all.extend(images);
    all.extend(support(ResourceKind::InstanceProfile, profile));
    all.extend(support(ResourceKind::Role, role));
    all.extend(groups.into_iter().map(|one| one.resource));
    Ok(all)
}

/// Images, and snapshots that are not a part of one.
async fn disks(clients: &Clients, build: &str) -> Result<Vec<Owned>> {
    let whose = || vec![region::whose(Some(build))];
    // First, as an image may be made from one meanwhile.
    let snapshots = describe::own_snapshots(&clients.ec2, whose()).await?;
    let images = describe::own_images(&clients.ec2, whose()).await?;
    let snapshots = region::snapshots(&snapshots, &images);
    Ok([region::images(&images), snapshots].concat())
}

async fn profile(clients: &Clients, build: &str) -> Result<Option<String>> {
    let name = names::of_build(build);
    let get = clients.iam.get_instance_profile();
    let got = get.instance_profile_name(&name).send().await;
    let Some(got) = there(got.explain("iam:GetInstanceProfile"))? else {
        return Ok(None);
    };
    let profile = got.instance_profile();
    let ours = profile.is_some_and(|profile| profile.path() == names::IAM_PATH);
    Ok(ours.then_some(name))
}

async fn role(clients: &Clients, build: &str) -> Result<Option<String>> {
    let name = names::of_build(build);
    let got = clients.iam.get_role().role_name(&name).send().await;
    let Some(got) = there(got.explain("iam:GetRole"))? else {
        return Ok(None);
    };
    let ours = got
        .role()
        .is_some_and(|role| role.path() == names::IAM_PATH);
    Ok(ours.then_some(name))
}

/// Who may not look into IAM has made nothing there.
fn there<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if matches!(error.kind, ErrorKind::Denied { .. }) => Ok(None),
        answer => super::gone_is_fine(answer),
    }
}
