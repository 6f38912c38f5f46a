//! The parameter that names the newest image.
//!
//! A change is known by the text `NAME=NEW,OLD`, which is all that undoing it takes. A parameter's name has no `=`.

use std::collections::BTreeMap;

use amint_cloud::{CloudError, ImageId, Owner, Result};
use aws_sdk_ssm::types::{ParameterType, Tag};

use crate::clients::Clients;
use crate::error::{Explain, code, explain};
use crate::{names, tags};

/// SSM checks the value after it answered: a value that names no image never becomes the current one.
const IMAGE: &str = "aws:ec2:image";

/// Makes the parameter name the image; returns what [`restore`] undoes it by.
pub(crate) async fn set(
    clients: &Clients,
    owner: &Owner,
    name: &str,
    image: &ImageId,
) -> Result<String> {
    let (id, _) = names::split(&image.0);
    let old = match get(clients, name).await? {
        // An earlier request had its effect, and its answer was lost.
        Some(value) if value == id => {
            let old = before(clients, name, id).await?;
            return Ok(change(name, id, old.as_deref()));
        }
        Some(value) => {
            overwrite(clients, name, id).await?;
            Some(value)
        }
        None => create(clients, owner, name, id).await?,
    };
    Ok(change(name, id, old.as_deref()))
}

/// What it names now.
pub(crate) async fn get(clients: &Clients, name: &str) -> Result<Option<String>> {
    match clients.ssm.get_parameter().name(name).send().await {
        Ok(answer) => Ok(answer.parameter.and_then(|found| found.value)),
        Err(error) if code(&error) == Some("ParameterNotFound") => Ok(None),
        Err(error) => Err(explain(error, "ssm:GetParameter")),
    }
}

/// Undoes a change, unless somebody else changed the parameter since.
pub(crate) async fn restore(clients: &Clients, id: &str) -> Result<()> {
    let Some((name, new, old)) = parts(id) else {
        return Err(CloudError::other(format!(
            "`{id}` is no change of a parameter"
        )));
    };
    if get(clients, name).await?.as_deref() != Some(new) {
        return Ok(());
    }
    if let Some(old) = old {
        return overwrite(clients, name, old).await;
    }
    match clients.ssm.delete_parameter().name(name).send().await {
        Err(error) if code(&error) == Some("ParameterNotFound") => Ok(()),
        answer => answer.explain("ssm:DeleteParameter").map(drop),
    }
}

/// Tags go only with a parameter that is new. Returns the value that somebody else gave it meanwhile.
async fn create(
    clients: &Clients,
    owner: &Owner,
    name: &str,
    image: &str,
) -> Result<Option<String>> {
    let answer = clients
        .ssm
        .put_parameter()
        .name(name)
        .value(image)
        .r#type(ParameterType::String)
        .data_type(IMAGE)
        .set_tags(Some(tags_of(owner)?))
        .send()
        .await;
    match answer {
        Ok(_) => Ok(None),
        Err(error) if code(&error) == Some("ParameterAlreadyExists") => {
            let old = match get(clients, name).await? {
                Some(value) if value == image => before(clients, name, image).await?,
                value => value,
            };
            overwrite(clients, name, image).await?;
            Ok(old)
        }
        Err(error) => Err(explain(error, "ssm:PutParameter")),
    }
}

async fn overwrite(clients: &Clients, name: &str, image: &str) -> Result<()> {
    let request = clients.ssm.put_parameter().name(name).value(image);
    let request = request.r#type(ParameterType::String).data_type(IMAGE);
    let answer = request.overwrite(true).send().await;
    answer.explain("ssm:PutParameter").map(drop)
}

/// The latest value that is not `image`.
async fn before(clients: &Clients, name: &str, image: &str) -> Result<Option<String>> {
    let history = clients.ssm.get_parameter_history().name(name);
    let mut pages = history.into_paginator().send();
    let mut latest = None;
    while let Some(page) = pages.next().await {
        let versions = page.explain("ssm:GetParameterHistory")?.parameters;
        for version in versions.into_iter().flatten() {
            let value = version.value.filter(|value| value != image);
            latest = latest.max(value.map(|value| (version.version, value)));
        }
    }
    Ok(latest.map(|(_, value)| value))
}

/// The parameter outlives the build: it is the recipe's, and does not expire.
fn tags_of(owner: &Owner) -> Result<Vec<Tag>> {
    let mut all: BTreeMap<&str, &str> = BTreeMap::new();
    all.extend(
        owner
            .tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str())),
    );
    all.insert(tags::RECIPE, &owner.recipe);
    let tag = |(key, value): (&str, &str)| Tag::builder().key(key).value(value).build();
    let tags: std::result::Result<Vec<Tag>, _> = all.into_iter().map(tag).collect();
    tags.map_err(|error| CloudError::other("a tag lacks its value").caused_by(error))
}

fn change(name: &str, new: &str, old: Option<&str>) -> String {
    format!("{name}={new},{}", old.unwrap_or_default())
}

fn parts(change: &str) -> Option<(&str, &str, Option<&str>)> {
    let (name, values) = change.split_once('=')?;
    let (new, old) = values.split_once(',')?;
    Some((name, new, Some(old).filter(|old| !old.is_empty())))
}

#[cfg(test)]
#[path = "../tests/support/world.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod world;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::*;
    use crate::AwsOptions;

    /// As AWS does it in the end, the value checked.
    async fn becomes(clients: &Clients, name: &str, wanted: Option<&str>) {
        for _ in 0..100 {
            if get(clients, name).await.expect("an answer").as_deref() == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{name} does not become {wanted:?}");
    }

    #[tokio::test]
    async fn a_change_is_undone_unless_somebody_else_made_another() {
        let world = world::World::start();
        let keys = Credentials::new("testing", "testing", None, None, "test");
        let config = aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .endpoint_url(&world.endpoint)
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .build();
        let clients = Clients::with_config(&AwsOptions::new("us-east-1"), config);
        let owner = Owner {
            build: "build-1".to_owned(),
            recipe: "collector".to_owned(),
            expires: jiff::Timestamp::UNIX_EPOCH,
            tags: BTreeMap::new(),
        };
        let image = |id: &str| ImageId(id.to_owned());
        // Three images of `fixtures/aws/images.json`.
        let (one, two) = ("ami-0a1b2c3d4e5f60001", "ami-0a1b2c3d4e5f60002");
        let three = "ami-0a1b2c3d4e5f60003";
        let name = "/images/newest";

        let made = set(&clients, &owner, name, &image(one))
            .await
            .expect("made");
        becomes(&clients, name, Some(one)).await;
        let changed = set(&clients, &owner, name, &image(two))
            .await
            .expect("changed");
        becomes(&clients, name, Some(two)).await;
        restore(&clients, &changed).await.expect("undone");
        becomes(&clients, name, Some(one)).await;

        // Somebody else's change stays.
        overwrite(&clients, name, three).await.expect("changed");
        becomes(&clients, name, Some(three)).await;
        restore(&clients, &made).await.expect("nothing to do");
        assert_eq!(
            get(&clients, name).await.expect("an answer").as_deref(),
            Some(three)
        );

        let back = change(name, three, None);
        restore(&clients, &back).await.expect("undone");
        assert_eq!(get(&clients, name).await.expect("an answer"), None);
        restore(&clients, &back).await.expect("undone already");
        assert!(restore(&clients, "nonsense").await.is_err());
    }

    #[test]
    fn a_change_tells_how_to_undo_it() {
        let text = change("/images/newest", "ami-2", Some("ami-1"));
        assert_eq!(text, "/images/newest=ami-2,ami-1");
        assert_eq!(
            parts(&text),
            Some(("/images/newest", "ami-2", Some("ami-1")))
        );
        let first = change("/images/newest", "ami-1", None);
        assert_eq!(parts(&first), Some(("/images/newest", "ami-1", None)));
        assert_eq!(parts("/images/newest"), None);
    }
}
