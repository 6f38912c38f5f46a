//! Who gets an image, and where it is to be had. Images may be copies in other regions.

use std::collections::BTreeMap;

use amint_cloud::{
    CloudError, CopyRequest, ErrorKind, ImageId, Owner, PublicState, Published, Result, Sharing,
};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::{
    AttributeValue, Image, ImdsSupportValues, LaunchPermission, LaunchPermissionModifications,
    ResourceType, Tag,
};

use crate::base::is_deprecated;
use crate::clients::Clients;
use crate::error::{Explain, code, explain};
use crate::image::described;
use crate::{describe, names, tags};

/// An image is there for its owner from the beginning.
pub(crate) async fn publish(clients: &Clients, image: &ImageId) -> Result<Published> {
    let (ec2, id) = place(clients, image);
    let found = describe::image(&ec2, id).await?;
    Ok(published(id, &found))
}

fn published(id: &str, image: &Image) -> Published {
    let devices = image.block_device_mappings().iter();
    let gib = devices.filter_map(|device| u64::try_from(device.ebs()?.volume_size?).ok());
    Published {
        location: id.to_owned(),
        format: "ami".to_owned(),
        size: gib.sum::<u64>() << 30,
    }
}

/// The newest of the account's own images that was published with this fingerprint, can be launched and is not deprecated. One call: there
/// are few, and so there is one page.
pub(crate) async fn current(clients: &Clients, fingerprint: &str) -> Result<Option<Published>> {
    let published_state = PublicState::Published.name();
    let filters = vec![
        describe::tagged(tags::FINGERPRINT, fingerprint),
        describe::tagged(tags::STATE, published_state),
        describe::filter("state", ["available"]),
    ];
    let images = describe::own_images(&clients.ec2, filters).await?;
    // One form of time for all: text compares as time does.
    let now = jiff::Timestamp::now();
    let recommended = images.iter().filter(|image| !is_deprecated(image, now));
    let newest = recommended.max_by_key(|image| image.creation_date());
    Ok(newest.and_then(|image| Some(published(image.image_id()?, image))))
}

/// On the image and its snapshots. What is published does not expire.
pub(crate) async fn set_state(
    clients: &Clients,
    image: &ImageId,
    state: PublicState,
    fingerprint: &str,
) -> Result<()> {
    let (ec2, id) = place(clients, image);
    let resources = with_snapshots(&describe::image(&ec2, id).await?);
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let request = ec2.create_tags().set_resources(Some(resources.clone()));
    let request = request.tags(tag(tags::STATE, state.name()));
    let request = request.tags(tag(tags::FINGERPRINT, fingerprint));
    let answer = request.send().await;
    answer.explain("ec2:CreateTags")?;
    if state == PublicState::Published {
        // Without a value: whichever it has.
        let tag = Tag::builder().key(tags::EXPIRES).build();
        let request = ec2.delete_tags().set_resources(Some(resources));
        let answer = request.tags(tag).send().await;
        answer.explain("ec2:DeleteTags")?;
    }
    Ok(())
}

/// The image, and its snapshots where it names them already, are what they were before they were published.
pub(crate) async fn withdraw(clients: &Clients, image: &ImageId, owner: &Owner) -> Result<()> {
    let (ec2, id) = place(clients, image);
    let found = describe::image(&ec2, id).await?;
    let mut tags = BTreeMap::new();
    tags.insert(tags::STATE.to_owned(), tags::CAPTURED.to_owned());
    tags.insert(tags::EXPIRES.to_owned(), owner.expires.to_string());
    tag(&ec2, with_snapshots(&found), &tags).await
}

/// Never encrypted by request; tagged at once, as far as CopyImage does that.
pub(crate) async fn copy(clients: &Clients, request: &CopyRequest) -> Result<ImageId> {
    let (region, spec) = (&request.region, &request.spec);
    let ec2 = clients.ec2_in(region);
    let tags = tags::of(&request.owner, PublicState::Publishing.name(), &spec.tags);
    let answer = ec2
        .copy_image()
        .source_image_id(&request.image.0)
        .source_region(&clients.region)
        .name(&spec.name)
        .set_description(described(spec))
        // At most 64 characters.
        .client_token(format!("amint-{}-{region}", request.owner.build))
        .tag_specifications(tags::specification(ResourceType::Image, &tags))
        .tag_specifications(tags::specification(ResourceType::Snapshot, &tags))
        .send()
        .await;
    let id = match answer {
        Ok(made) => made.image_id,
        // Whoever goes on with a build may count its time anew, and so ask with other tags.
        Err(error)
            if matches!(
                code(&error),
                Some("InvalidAMIName.Duplicate" | "IdempotentParameterMismatch")
            ) =>
        {
            describe::image_of_build(&ec2, &spec.name, &request.owner.build).await?
        }
        Err(error) => return Err(explain(error, "ec2:CopyImage")),
    };
    match id {
        Some(id) => Ok(names::in_region(&id, region)),
        None => Err(CloudError::new(
            ErrorKind::AnswerLost,
            format!("the copy in {region} is not listed yet"),
        )),
    }
}

/// Tags, and metadata of version 2 only. A copy whose snapshots are encrypted is refused: it is not what was asked for,
/// and AWS Marketplace takes none (MP-ARCH-006).
pub(crate) async fn finish_copy(
    clients: &Clients,
    copy: &ImageId,
    request: &CopyRequest,
) -> Result<()> {
    let (ec2, id) = place(clients, copy);
    let image = describe::image(&ec2, id).await?;
    let mut devices = image.block_device_mappings().iter();
    let encrypted = devices.any(|device| device.ebs().and_then(|ebs| ebs.encrypted) == Some(true));
    if encrypted {
        let text = format!("the copy {id} in {} is encrypted", request.region);
        return Err(CloudError::new(ErrorKind::Unfit, text).hint(format!(
            "turn encryption by default off there: aws ec2 disable-ebs-encryption-by-default --region {}",
            request.region
        )));
    }
    let state = PublicState::Publishing.name();
    let mut tags = tags::of(&request.owner, state, &request.spec.tags);
    tag(&ec2, vec![id.to_owned()], &tags).await?;
    tags.insert(tags::IMAGE.to_owned(), id.to_owned());
    tag(&ec2, describe::snapshots(&image), &tags).await?;
    if request.spec.imds_v2 && image.imds_support() != Some(&ImdsSupportValues::V20) {
        let value = AttributeValue::builder().value("v2.0").build();
        let change = ec2.modify_image_attribute().image_id(id);
        let answer = change.imds_support(value).send().await;
        answer.explain("ec2:ModifyImageAttribute")?;
    }
    Ok(())
}

/// With accounts, organizations and their units, and never with everybody: AWS takes one kind a call.
pub(crate) async fn share(clients: &Clients, image: &ImageId, sharing: &Sharing) -> Result<()> {
    let (ec2, id) = place(clients, image);
    let accounts = sharing.accounts.iter();
    let organizations = sharing.organizations.iter();
    let units = sharing.organizational_units.iter();
    let empty = LaunchPermission::builder;
    let kinds: [Vec<LaunchPermission>; 3] = [
        accounts.map(|to| empty().user_id(to).build()).collect(),
        organizations
            .map(|to| empty().organization_arn(to).build())
            .collect(),
        units
            .map(|to| empty().organizational_unit_arn(to).build())
            .collect(),
    ];
    for permissions in kinds.into_iter().filter(|kind| !kind.is_empty()) {
        let added = LaunchPermissionModifications::builder().set_add(Some(permissions));
        let change = ec2.modify_image_attribute().image_id(id);
        let answer = change.launch_permission(added.build()).send().await;
        answer.explain("ec2:ModifyImageAttribute")?;
    }
    Ok(())
}

/// To the minute: EC2 rounds seconds.
pub(crate) async fn deprecate(
    clients: &Clients,
    image: &ImageId,
    at: jiff::Timestamp,
) -> Result<()> {
    let (ec2, id) = place(clients, image);
    let request = ec2.enable_image_deprecation().image_id(id);
    let answer = request.deprecate_at(minute(at)).send().await;
    answer.explain("ec2:EnableImageDeprecation")?;
    Ok(())
}

fn minute(at: jiff::Timestamp) -> DateTime {
    let seconds = at.as_second();
    DateTime::from_secs(seconds - seconds.rem_euclid(60))
}

/// The client of the image's region, and the image's id there.
fn place<'a>(clients: &Clients, image: &'a ImageId) -> (Client, &'a str) {
    let (id, region) = names::split(&image.0);
    match region {
        Some(region) => (clients.ec2_in(region), id),
        None => (clients.ec2.clone(), id),
    }
}

fn with_snapshots(image: &Image) -> Vec<String> {
    let mut all = describe::snapshots(image);
    all.extend(image.image_id.clone());
    all
}

async fn tag(
    ec2: &Client,
    resources: Vec<String>,
    tags: &std::collections::BTreeMap<String, String>,
) -> Result<()> {
    if resources.is_empty() {
        return Ok(());
    }
    let request = ec2.create_tags().set_resources(Some(resources));
    let answer = request.set_tags(Some(tags::ec2(tags))).send().await;
    answer.explain("ec2:CreateTags")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_deprecated_at_a_whole_minute() {
        let at: jiff::Timestamp = "2030-01-02T03:04:59.5Z".parse().expect("a time");
        let expected: jiff::Timestamp = "2030-01-02T03:04:00Z".parse().expect("a time");
        assert_eq!(minute(at), DateTime::from_secs(expected.as_second()));
    }
}
