//! Everything that bears a build's tag, in the cloud's own region, and images where they are copied to.

use std::collections::HashSet;

use amint_cloud::{ErrorKind, Resource, ResourceKind, Result};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Filter;

use crate::clients::Clients;
use crate::error::Explain;
use crate::{names, tags};

/// A snapshot that an image consists of is not listed beside it: it goes with the image. Parameters are not looked for:
/// only the journal knows what they named before.
pub(crate) async fn of_build(
    clients: &Clients,
    copy_regions: &[String],
    build: &str,
) -> Result<Vec<Resource>> {
    let (builders, images, snapshots, groups, profile, role) = tokio::join!(
        builders(clients, build),
        images(&clients.ec2, build),
        snapshots(clients, build),
        groups(clients, build),
        profile(clients, build),
        role(clients, build),
    );
    let (mut images, parts) = images?;
    for region in copy_regions.iter().filter(|one| **one != clients.region) {
        let (copies, _) = self::images(&clients.ec2_in(region), build).await?;
        images.extend(copies.iter().map(|id| names::in_region(id, region).0));
    }
    let snapshots = snapshots?.into_iter().filter(|id| !parts.contains(id));
    let kinds: [(ResourceKind, Vec<String>); 6] = [
        (ResourceKind::Builder, builders?),
        (ResourceKind::Image, images),
        (ResourceKind::Snapshot, snapshots.collect()),
        (ResourceKind::InstanceProfile, profile?),
        (ResourceKind::Role, role?),
        (ResourceKind::SecurityGroup, groups?),
    ];
    let resources = kinds.into_iter().flat_map(|(kind, ids)| {
        ids.into_iter().map(move |id| Resource {
            build: build.to_owned(),
            kind,
            id,
        })
    });
    Ok(resources.collect())
}

fn of(build: &str) -> Filter {
    let name = format!("tag:{}", tags::BUILD);
    Filter::builder().name(name).values(build).build()
}

async fn builders(clients: &Clients, build: &str) -> Result<Vec<String>> {
    let states = ["pending", "running", "stopping", "stopped"];
    let alive = Filter::builder()
        .name("instance-state-name")
        .set_values(Some(states.map(str::to_owned).into()))
        .build();
    let ask = clients.ec2.describe_instances().filters(of(build));
    let mut pages = ask.filters(alive).into_paginator().send();
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.explain("ec2:DescribeInstances")?;
        let instances = page.reservations().iter().flat_map(|one| one.instances());
        ids.extend(instances.filter_map(|one| one.instance_id().map(str::to_owned)));
    }
    Ok(ids)
}

/// The images, and the snapshots that they consist of.
async fn images(ec2: &Client, build: &str) -> Result<(Vec<String>, HashSet<String>)> {
    let ask = ec2.describe_images().owners("self");
    let mut pages = ask.filters(of(build)).into_paginator().send();
    let (mut ids, mut parts) = (Vec::new(), HashSet::new());
    while let Some(page) = pages.next().await {
        let page = page.explain("ec2:DescribeImages")?;
        for image in page.images() {
            ids.extend(image.image_id().map(str::to_owned));
            let mappings = image.block_device_mappings().iter();
            let snapshots = mappings.filter_map(|mapping| mapping.ebs()?.snapshot_id());
            parts.extend(snapshots.map(str::to_owned));
        }
    }
    Ok((ids, parts))
}

async fn snapshots(clients: &Clients, build: &str) -> Result<Vec<String>> {
    let ask = clients.ec2.describe_snapshots().owner_ids("self");
    let mut pages = ask.filters(of(build)).into_paginator().send();
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.explain("ec2:DescribeSnapshots")?;
        let snapshots = page.snapshots().iter();
        ids.extend(snapshots.filter_map(|one| one.snapshot_id().map(str::to_owned)));
    }
    Ok(ids)
}

async fn groups(clients: &Clients, build: &str) -> Result<Vec<String>> {
    let ask = clients.ec2.describe_security_groups();
    let mut pages = ask.filters(of(build)).into_paginator().send();
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.explain("ec2:DescribeSecurityGroups")?;
        let groups = page.security_groups().iter();
        ids.extend(groups.filter_map(|group| group.group_id().map(str::to_owned)));
    }
    Ok(ids)
}

async fn profile(clients: &Clients, build: &str) -> Result<Vec<String>> {
    let name = names::of_build(build);
    let get = clients.iam.get_instance_profile();
    let got = get.instance_profile_name(&name).send().await;
    let Some(got) = there(got.explain("iam:GetInstanceProfile"))? else {
        return Ok(Vec::new());
    };
    let profile = got.instance_profile();
    let ours = profile.is_some_and(|profile| profile.path() == names::IAM_PATH);
    Ok(ours.then_some(name).into_iter().collect())
}

async fn role(clients: &Clients, build: &str) -> Result<Vec<String>> {
    let name = names::of_build(build);
    let got = clients.iam.get_role().role_name(&name).send().await;
    let Some(got) = there(got.explain("iam:GetRole"))? else {
        return Ok(Vec::new());
    };
    let ours = got
        .role()
        .is_some_and(|role| role.path() == names::IAM_PATH);
    Ok(ours.then_some(name).into_iter().collect())
}

/// Who may not look into IAM has made nothing there.
fn there<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if matches!(error.kind, ErrorKind::Denied { .. }) => Ok(None),
        answer => super::gone_is_fine(answer),
    }
}
