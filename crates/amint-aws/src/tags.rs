//! Tags: whose something is, how far it is, and when it must be gone.

use std::collections::BTreeMap;

use amint_cloud::{Owner, PublicState};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

/// The build that something belongs to.
pub(crate) const BUILD: &str = "amint:build";
/// The name of the recipe.
pub(crate) const RECIPE: &str = "amint:recipe";
/// `building`, `captured`, `publishing`, `published`.
pub(crate) const STATE: &str = "amint:state";
/// What images have in common that are as good as one another.
pub(crate) const FINGERPRINT: &str = "amint:fingerprint";
/// When it must be gone, whoever died (RFC 3339, UTC).
pub(crate) const EXPIRES: &str = "amint:expires";
/// The name of the image that the build makes: no two builds make it at the same time.
pub(crate) const NAME: &str = "amint:name";
/// The attempt that a builder was launched in.
pub(crate) const ATTEMPT: &str = "amint:attempt";
/// The disk of an image that a snapshot is a clean copy of.
pub(crate) const DISK: &str = "amint:disk";
/// How many blocks of such a copy differ from its parent's, set when all of them are written.
pub(crate) const BLOCKS: &str = "amint:blocks";
/// The image that a snapshot belongs to: found by it when the image is gone already.
pub(crate) const IMAGE: &str = "amint:image";

/// Something that goes when the build ends.
pub(crate) const BUILDING: &str = "building";
/// An image that was not inspected yet, and its snapshots.
pub(crate) const CAPTURED: &str = "captured";

/// The tags of something of `owner`'s: the user's `own` ones, and amint's, which win.
pub(crate) fn of(
    owner: &Owner,
    state: &str,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut tags = own.clone();
    tags.insert(BUILD.to_owned(), owner.build.clone());
    tags.insert(RECIPE.to_owned(), owner.recipe.clone());
    tags.insert(NAME.to_owned(), owner.image.clone());
    tags.insert(STATE.to_owned(), state.to_owned());
    tags.insert(EXPIRES.to_owned(), owner.expires.to_string());
    tags
}

/// The tags of something temporary of `owner`'s.
pub(crate) fn temporary(owner: &Owner) -> BTreeMap<String, String> {
    of(owner, BUILDING, &owner.tags)
}

/// The state that stands for itself outside of the build.
pub(crate) fn public_state(state: &str) -> Option<PublicState> {
    let all = [PublicState::Publishing, PublicState::Published];
    all.into_iter().find(|one| one.name() == state)
}

/// As EC2 has them.
pub(crate) fn ec2(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}

/// Given to what is created in the call that creates it.
pub(crate) fn specification(
    kind: ResourceType,
    tags: &BTreeMap<String, String>,
) -> TagSpecification {
    TagSpecification::builder()
        .resource_type(kind)
        .set_tags(Some(ec2(tags)))
        .build()
}

/// The value of one tag of many.
pub(crate) fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    let tag = tags.iter().find(|tag| tag.key() == Some(key))?;
    tag.value()
}
