//! What builds made in IAM: by the path, and by names there that begin as amint's do. Listings have no tags, so each
//! is looked at.

use amint_cloud::{ErrorKind, Owned, ResourceKind, Result};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{InstanceProfile, Role, Tag};

use super::tagged;
use crate::describe::time;
use crate::error::Explain;
use crate::names::{self, IAM_PATH};
use crate::patience::is_gone;
use crate::tags;

/// The characters of a build's id (a ULID), and how many it has.
const DIGITS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;

pub(super) async fn of_account(iam: &Client, build: Option<&str>) -> Result<Vec<Owned>> {
    let (roles, profiles) = tokio::try_join!(roles(iam), profiles(iam))?;
    let wanted = |one: &Owned| build.is_none_or(|build| one.resource.build == build);
    Ok([profiles, roles]
        .concat()
        .into_iter()
        .filter(wanted)
        .collect())
}

async fn roles(iam: &Client) -> Result<Vec<Owned>> {
    let ask = iam.list_roles().path_prefix(IAM_PATH);
    let listed = ask.into_paginator().items().send();
    let listed = listed.collect::<std::result::Result<Vec<Role>, _>>().await;
    let mut found = Vec::new();
    for role in listed.explain("iam:ListRoles")? {
        let name = role.role_name();
        if !is_ours(role.path(), name) {
            continue;
        }
        let got = iam.get_role().role_name(name).send().await;
        let got = got.explain("iam:GetRole");
        let Some(tags) = seen(got.map(|got| got.role.and_then(|role| role.tags)))? else {
            continue;
        };
        let created = time(role.create_date());
        found.extend(owned(ResourceKind::Role, name, &tags, created));
    }
    Ok(found)
}

async fn profiles(iam: &Client) -> Result<Vec<Owned>> {
    let ask = iam.list_instance_profiles().path_prefix(IAM_PATH);
    let listed = ask.into_paginator().items().send();
    let listed = listed.collect::<std::result::Result<Vec<InstanceProfile>, _>>();
    let mut found = Vec::new();
    for profile in listed.await.explain("iam:ListInstanceProfiles")? {
        let name = profile.instance_profile_name();
        if !is_ours(profile.path(), name) {
            continue;
        }
        let got = iam.get_instance_profile().instance_profile_name(name);
        let got = got.send().await.explain("iam:GetInstanceProfile");
        let tags = got.map(|got| got.instance_profile.and_then(|one| one.tags));
        let Some(tags) = seen(tags)? else {
            continue;
        };
        let created = time(profile.create_date());
        found.extend(owned(ResourceKind::InstanceProfile, name, &tags, created));
    }
    Ok(found)
}

/// The tags; nothing when what was listed is gone meanwhile. Who may not see them goes by the name.
fn seen(tags: Result<Option<Vec<Tag>>>) -> Result<Option<Vec<Tag>>> {
    match tags {
        Ok(tags) => Ok(Some(tags.unwrap_or_default())),
        Err(error) if is_gone(&error.kind) => Ok(None),
        Err(error) if matches!(error.kind, ErrorKind::Denied { .. }) => Ok(Some(Vec::new())),
        Err(error) => Err(error),
    }
}

fn owned(
    kind: ResourceKind,
    name: &str,
    tags: &[Tag],
    created: Option<jiff::Timestamp>,
) -> Option<Owned> {
    let tag = |key: &str| tags.iter().find(|tag| tag.key() == key).map(Tag::value);
    // Without the tag only what no user gives as a name: `amint-builder` may be theirs.
    let named = names::build_of(name).filter(|build| is_id(build));
    let tag = |key: &str| tag(key).or_else(|| named.filter(|_| key == tags::BUILD));
    tagged(kind, name, tag, created)
}

/// The listing has what is below the path too.
fn is_ours(path: &str, name: &str) -> bool {
    path == IAM_PATH && names::build_of(name).is_some()
}

fn is_id(build: &str) -> bool {
    build.len() == LENGTH && build.chars().all(|digit| DIGITS.contains(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(name: &str, tags: &[(&str, &str)]) -> Option<String> {
        let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build();
        let tags: std::result::Result<Vec<Tag>, _> = tags.iter().map(tag).collect();
        let found = owned(ResourceKind::Role, name, &tags.expect("tags"), None);
        found.map(|one| one.resource.build)
    }

    #[test]
    fn a_build_is_told_by_its_tag_or_else_by_a_name_that_no_user_gives() {
        let id = "01J0000000000000000000000A";
        assert_eq!(
            build("amint-b1", &[("amint:build", "b1")]),
            Some("b1".into())
        );
        assert_eq!(build(&format!("amint-{id}"), &[]), Some(id.into()));
        assert_eq!(build("amint-builder", &[]), None);
        assert_eq!(build("amint-builder", &[("team", "images")]), None);
        assert!(is_ours("/amint/", "amint-b1"));
        assert!(!is_ours("/amint/", "builder"));
        assert!(!is_ours("/amint/more/", "amint-b1"));
        assert!(!is_ours("/", "amint-b1"));
    }
}
