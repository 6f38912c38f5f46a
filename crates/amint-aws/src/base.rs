//! Finds the base image.

use amint_cloud::{BaseImage, BaseQuery, CloudError, ErrorKind, Result};
use aws_sdk_ec2::types::Image;

use crate::clients::Clients;
use crate::describe::filter;
use crate::error::{Explain, code, explain};

/// Publishers who have no alias in EC2, by the account numbers that they document.
const PUBLISHERS: [(&str, &str); 3] = [
    ("debian", "136693071363"),
    ("ubuntu", "099720109477"),
    ("canonical", "099720109477"),
];

pub(crate) async fn find(clients: &Clients, query: &BaseQuery) -> Result<BaseImage> {
    match query {
        BaseQuery::Id { id } => by_id(clients, id).await,
        BaseQuery::Parameter { name } => by_parameter(clients, name).await,
        BaseQuery::Newest { owner, name } => newest(clients, owner, name).await,
        BaseQuery::Debian { .. } | BaseQuery::Image { .. } => Err(CloudError::new(
            ErrorKind::Unfit,
            "the base is one of this machine, and not of AWS",
        )
        .hint("give the recipe a `base.aws`, or build with `--on local`")),
    }
}

async fn by_id(clients: &Clients, id: &str) -> Result<BaseImage> {
    let answer = clients.ec2.describe_images().image_ids(id).send().await;
    let images = match answer {
        Ok(answer) => answer.images.unwrap_or_default(),
        Err(error) if code(&error) == Some("InvalidAMIID.Malformed") => {
            let text = format!("`{id}` is not the id of an image");
            return Err(CloudError::new(ErrorKind::Unfit, text)
                .hint("an id is `ami-` and 8 or 17 hexadecimal digits"));
        }
        Err(error)
            if matches!(
                code(&error),
                Some("InvalidAMIID.NotFound" | "InvalidAMIID.Unavailable")
            ) =>
        {
            Vec::new()
        }
        Err(error) => return Err(explain(error, "ec2:DescribeImages")),
    };
    let image = images.iter().find_map(base);
    image.ok_or_else(|| {
        let region = &clients.region;
        let text =
            format!("the base image {id} is not in {region}, or not shared with this account");
        CloudError::new(ErrorKind::NotFound, text).hint(format!(
            "ids differ by region: look the image up in {region}, or set `builder.region`"
        ))
    })
}

async fn by_parameter(clients: &Clients, name: &str) -> Result<BaseImage> {
    let answer = clients.ssm.get_parameter().name(name).send().await;
    let answer = match answer {
        Err(error) if code(&error) == Some("ParameterNotFound") => {
            let text = format!("there is no parameter {name} in {}", clients.region);
            return Err(CloudError::new(ErrorKind::NotFound, text).hint(
                "list the public ones: aws ssm get-parameters-by-path --path /aws/service/ami-amazon-linux-latest",
            ));
        }
        answer => answer.explain("ssm:GetParameter")?,
    };
    let value = answer.parameter.and_then(|found| found.value);
    let value = value.unwrap_or_default();
    let Some(id) = image_id(&value) else {
        let text = format!("the parameter {name} does not hold the id of an image");
        return Err(CloudError::new(ErrorKind::Unfit, text).hint(
            "of parameters that hold more than an id, name the one that ends in `/image_id`",
        ));
    };
    by_id(clients, id).await
}

async fn newest(clients: &Clients, owner: &str, name: &str) -> Result<BaseImage> {
    let publisher = PUBLISHERS.iter().find(|(alias, _)| *alias == owner);
    let account = publisher.map_or(owner, |(_, account)| account);
    let mut pages = clients
        .ec2
        .describe_images()
        .owners(account)
        .filters(filter("name", [name]))
        .filters(filter("state", ["available"]))
        .include_deprecated(false)
        .into_paginator()
        .items()
        .send();
    let now = jiff::Timestamp::now();
    let mut newest: Option<Image> = None;
    while let Some(image) = pages.next().await {
        let image = image.explain("ec2:DescribeImages")?;
        // The account's own deprecated images are listed all the same.
        if is_deprecated(&image, now) {
            continue;
        }
        // One form of time for all: text compares as time does. Of two made at once, the same one always.
        let age = |image: &Image| (image.creation_date.clone(), image.image_id.clone());
        if newest
            .as_ref()
            .is_none_or(|newest| age(newest) < age(&image))
        {
            newest = Some(image);
        }
    }
    newest.as_ref().and_then(base).ok_or_else(|| {
        let region = &clients.region;
        let text = format!("no image of {owner} is called `{name}` in {region}");
        CloudError::new(ErrorKind::NotFound, text).hint(
            "`owner` is an account's number, `amazon`, `aws-marketplace`, `self`, `debian` or `ubuntu`; `*` stands \
             for any text in `name`",
        )
    })
}

pub(crate) fn is_deprecated(image: &Image, now: jiff::Timestamp) -> bool {
    let time = image.deprecation_time();
    time.and_then(|time| time.parse::<jiff::Timestamp>().ok())
        .is_some_and(|time| time <= now)
}

fn base(image: &Image) -> Option<BaseImage> {
    let id = image.image_id()?;
    let disks = image.block_device_mappings().iter();
    let mut disks = disks.filter(|disk| disk.device_name() == image.root_device_name());
    let size = disks.find_map(|disk| disk.ebs()?.volume_size());
    Some(BaseImage {
        owner: image.owner_id().map(str::to_owned),
        created: image.creation_date().map(str::to_owned),
        disk_gib: size.and_then(|size| u32::try_from(size).ok()),
        ..BaseImage::new(id, image.name().unwrap_or(id))
    })
}

/// The image's id, if the text is one.
fn image_id(text: &str) -> Option<&str> {
    let id = text.trim();
    let digits = id.strip_prefix("ami-")?;
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex && !digits.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_is_an_id() {
        assert_eq!(image_id("ami-0abc\n"), Some("ami-0abc"));
        for text in [
            "",
            "ami-",
            "ami-xyz",
            "i-0abc",
            "{\"image_id\":\"ami-0abc\"}",
        ] {
            assert_eq!(image_id(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_deprecated_is_not_a_base() {
        let now: jiff::Timestamp = "2030-01-01T00:00:00Z".parse().expect("a time");
        let image = |time: &str| Image::builder().deprecation_time(time).build();
        assert!(is_deprecated(&image("2029-12-31T23:59:00.000Z"), now));
        assert!(!is_deprecated(&image("2030-12-31T23:59:00.000Z"), now));
        assert!(!is_deprecated(&Image::builder().build(), now));
    }
}
