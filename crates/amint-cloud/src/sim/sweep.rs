//! What a sweep and a claim see of the simulated cloud.

use std::time::Duration;

use jiff::Timestamp;

use super::clock;
use super::world::{Thing, World};
use crate::{Claim, CloudError, ErrorKind, Owned, ResourceKind, Result};

/// Everything that look-ups show, of one build or of all.
pub(super) fn owned(world: &World, now: Duration, build: Option<&str>) -> Vec<Owned> {
    let wanted = |thing: &Thing| build.is_none_or(|build| thing.resource.build == build);
    let things = world.shown(now).into_iter().filter(wanted);
    let owned = things.map(|thing| Owned {
        state: match thing.resource.kind {
            ResourceKind::Image => world.account.state(&thing.resource.id),
            _ => None,
        },
        recipe: Some(thing.owner.recipe),
        expires: Some(thing.owner.expires),
        created: Some(clock::wall(thing.made)),
        resource: thing.resource,
    });
    owned.collect()
}

/// Refuses it when another build is making an image of the name.
pub(super) fn claim(
    world: &World,
    (now, wall): (Duration, Timestamp),
    claim: &Claim,
) -> Result<Vec<String>> {
    let owner = &claim.owner;
    let mut stale = Vec::new();
    for other in world.shown(now) {
        let id = &other.resource.id;
        let unfinished = matches!(
            other.resource.kind,
            ResourceKind::Builder | ResourceKind::Image
        ) && world.account.state(id).is_none();
        let same = other.owner.image == owner.image && other.owner.build != owner.build;
        if !same || !unfinished {
            continue;
        }
        let build = &other.owner.build;
        if other.owner.expires <= wall {
            stale.push(format!("{id} of the build {build} is over its time"));
        } else if !claim.launched || *build < owner.build {
            let message = format!("the build {build} makes {}", owner.image);
            return Err(CloudError::new(ErrorKind::Conflict, message));
        }
    }
    Ok(stale)
}
