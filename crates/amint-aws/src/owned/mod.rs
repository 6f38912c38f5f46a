//! Everything of amint's in the account, by tags and by IAM's path alone, whatever became of any journal.
//!
//! - `region`: what is in one region. `iam`: what is in none.
//!
//! All regions are asked that the account has enabled. The cloud's own must answer. Others that refuse or can't be
//! reached are left out with a warning in the log: a policy of the organization or a network may close regions that
//! nobody builds in, and what is in the others must be found all the same. Only too many calls are no reason to leave
//! a region out: that passes. The same holds for IAM when it may not be looked at.

mod iam;
pub(crate) mod region;

use amint_cloud::{CloudError, ErrorKind, Owned, Resource, ResourceKind, Result};
use aws_sdk_ec2::Client;
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::clients::Clients;
use crate::error::Explain;
use crate::{names, retry, tags};

/// Regions that are asked at the same time.
const AT_ONCE: usize = 8;

/// Of one build, or of all.
pub(crate) async fn of_account(clients: &Clients, build: Option<&str>) -> Result<Vec<Owned>> {
    let (regions, iam) = tokio::try_join!(regional(clients, build), global(clients, build))?;
    let mut all = [regions, iam].concat();
    all.sort_by(|a, b| {
        let order = |one: &Owned| (one.resource.kind, one.resource.build.clone());
        let ids = || a.resource.id.cmp(&b.resource.id);
        order(a).cmp(&order(b)).then_with(ids)
    });
    Ok(all)
}

async fn regional(clients: &Clients, build: Option<&str>) -> Result<Vec<Owned>> {
    let mut regions = enabled(clients).await?.into_iter();
    let (mut asking, mut all, mut closed) = (JoinSet::new(), Vec::new(), Closed::default());
    loop {
        // Dropping the set ends what is still on its way.
        while asking.len() < AT_ONCE
            && let Some(region) = regions.next()
        {
            let (ec2, build) = (clients.ec2_in(&region), build.map(str::to_owned));
            asking.spawn(async move {
                let found = ask(&ec2, build.as_deref()).await;
                (region, found)
            });
        }
        let Some(answer) = asking.join_next().await else {
            closed.tell();
            return Ok(all);
        };
        let (region, found) = answer.map_err(|error| {
            CloudError::other("looking into a region came to a sudden end").caused_by(error)
        })?;
        let home = region == clients.region;
        match found {
            Ok(found) if home => all.extend(found),
            Ok(found) => all.extend(found.into_iter().map(|one| elsewhere(one, &region))),
            Err(error) if home => return Err(error),
            Err(error) if error.kind == ErrorKind::Throttled => {
                let message = format!("{region} cannot be asked: {}", error.message);
                return Err(CloudError { message, ..error });
            }
            Err(error) => closed.note(region, error),
        }
    }
}

/// Regions that are left out. Mostly all for one reason, so they are told together.
#[derive(Default)]
struct Closed {
    regions: Vec<String>,
    why: Option<CloudError>,
}

impl Closed {
    fn note(&mut self, region: String, error: CloudError) {
        tracing::debug!(%region, %error, "a region is left out");
        self.regions.push(region);
        self.why.get_or_insert(error);
    }

    fn tell(mut self) {
        if let Some(error) = self.why {
            self.regions.sort_unstable();
            let regions = self.regions.join(", ");
            tracing::warn!("what is in {regions} is not known, and not listed: {error}");
        }
    }
}

async fn global(clients: &Clients, build: Option<&str>) -> Result<Vec<Owned>> {
    match iam::of_account(&clients.iam, build).await {
        Err(error) if matches!(error.kind, ErrorKind::Denied { .. }) => {
            tracing::warn!("what is in IAM is not known, and not listed: {error}");
            Ok(Vec::new())
        }
        answer => answer,
    }
}

/// The regions that the account can use.
async fn enabled(clients: &Clients) -> Result<Vec<String>> {
    let answer = clients.ec2.describe_regions().send().await;
    let regions = answer.explain("ec2:DescribeRegions")?.regions;
    let names = regions.into_iter().flatten();
    let mut names: Vec<String> = names.filter_map(|one| one.region_name).collect();
    if !names.contains(&clients.region) {
        names.push(clients.region.clone());
    }
    Ok(names)
}

/// A lost answer is asked for once more only: where no network leads, each try takes many seconds.
async fn ask(ec2: &Client, build: Option<&str>) -> Result<Vec<Owned>> {
    let mut tries = 0;
    loop {
        tries += 1;
        let most = |kind: &ErrorKind| match kind {
            ErrorKind::Throttled => retry::TRIES,
            ErrorKind::AnswerLost => 2,
            _ => 1,
        };
        match region::of(ec2, build).await {
            Err(error) if tries < most(&error.kind) => retry::pause(tries).await,
            answer => return answer,
        }
    }
}

fn elsewhere(one: Owned, region: &str) -> Owned {
    let id = names::in_region(&one.resource.id, region).0;
    let resource = Resource { id, ..one.resource };
    Owned { resource, ..one }
}

/// Something that bears a build's tag; nothing when it bears none. `tag` is the value of one.
fn tagged<'a>(
    kind: ResourceKind,
    id: &str,
    tag: impl Fn(&str) -> Option<&'a str>,
    created: Option<Timestamp>,
) -> Option<Owned> {
    let build = tag(tags::BUILD).filter(|build| !build.is_empty())?;
    Some(Owned {
        resource: Resource {
            build: build.to_owned(),
            kind,
            id: id.to_owned(),
        },
        recipe: tag(tags::RECIPE).map(str::to_owned),
        // What an image consisted of that is gone is nobody's any more.
        state: match kind {
            ResourceKind::Image => tag(tags::STATE).and_then(tags::public_state),
            _ => None,
        },
        expires: tag(tags::EXPIRES).and_then(|time| time.parse().ok()),
        created,
    })
}
