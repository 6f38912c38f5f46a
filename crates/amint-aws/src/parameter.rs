//! The parameter that names the newest image.

use std::collections::BTreeMap;

use amint_cloud::{CloudError, ImageId, Owner, ParameterChange, Result};
use aws_sdk_ssm::types::{ParameterType, Tag};

use crate::clients::Clients;
use crate::error::{Explain, code, explain};
use crate::{names, tags};

/// SSM checks the value after it answered: a value that names no image never becomes the current one.
const IMAGE: &str = "aws:ec2:image";

/// Makes the parameter name the image; tags go only with a parameter that is new.
pub(crate) async fn set(clients: &Clients, owner: &Owner, change: &ParameterChange) -> Result<()> {
    let (name, image) = (&change.name, id(&change.image));
    if change.before.is_some() {
        return overwrite(clients, name, image).await;
    }
    let request = clients.ssm.put_parameter().name(name).value(image);
    let request = request.r#type(ParameterType::String).data_type(IMAGE);
    match request.set_tags(Some(tags_of(owner)?)).send().await {
        Ok(_) => Ok(()),
        // By an earlier request whose answer was lost, or by somebody else meanwhile.
        Err(error) if code(&error) == Some("ParameterAlreadyExists") => {
            overwrite(clients, name, image).await
        }
        Err(error) => Err(explain(error, "ssm:PutParameter")),
    }
}

/// What it names now.
pub(crate) async fn get(clients: &Clients, name: &str) -> Result<Option<String>> {
    match clients.ssm.get_parameter().name(name).send().await {
        Ok(answer) => Ok(answer.parameter.and_then(|found| found.value)),
        Err(error) if code(&error) == Some("ParameterNotFound") => Ok(None),
        Err(error) => Err(explain(error, "ssm:GetParameter")),
    }
}

/// Takes a change back, unless the parameter names something else since.
pub(crate) async fn restore(clients: &Clients, change: &str) -> Result<()> {
    let Some(change) = ParameterChange::parse(change) else {
        let message = format!("`{change}` is no change of a parameter");
        return Err(CloudError::other(message));
    };
    let name = &change.name;
    if get(clients, name).await?.as_deref() != Some(id(&change.image)) {
        return Ok(());
    }
    if let Some(before) = change.before {
        return overwrite(clients, name, &before).await;
    }
    match clients.ssm.delete_parameter().name(name).send().await {
        Err(error) if code(&error) == Some("ParameterNotFound") => Ok(()),
        answer => answer.explain("ssm:DeleteParameter").map(drop),
    }
}

async fn overwrite(clients: &Clients, name: &str, image: &str) -> Result<()> {
    let request = clients.ssm.put_parameter().name(name).value(image);
    let request = request.r#type(ParameterType::String).data_type(IMAGE);
    let answer = request.overwrite(true).send().await;
    answer.explain("ssm:PutParameter").map(drop)
}

fn id(image: &ImageId) -> &str {
    names::split(&image.0).0
}

/// The parameter outlives the build: it is the recipe's, and does not expire.
fn tags_of(owner: &Owner) -> Result<Vec<Tag>> {
    let own = owner.tags.iter();
    let own = own.map(|(key, value)| (key.as_str(), value.as_str()));
    let mut all: BTreeMap<&str, &str> = own.collect();
    all.insert(tags::RECIPE, &owner.recipe);
    let tag = |(key, value): (&str, &str)| Tag::builder().key(key).value(value).build();
    let tags: std::result::Result<Vec<Tag>, _> = all.into_iter().map(tag).collect();
    tags.map_err(|error| CloudError::other("a tag lacks its value").caused_by(error))
}
