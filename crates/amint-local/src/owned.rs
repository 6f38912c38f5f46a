//! What there is of a build, told and removed by any process: from its record and what exists.

use amint_cloud::{CloudError, Owned, Resource, ResourceKind};
use jiff::Timestamp;

use crate::cache::remove;
use crate::files::{remove_empty, remove_file};
use crate::machine::{end_all, is_running};
use crate::options::LocalOptions;
use crate::record::{Entry, Place, Record, Records, is_name};

/// Where a build's things are: as its record says, or where they would be put.
pub(crate) fn place(records: &Records, options: &LocalOptions, build: &str) -> Place {
    match records.read(build) {
        Some(record) => record.place,
        None => Place::of(options, build),
    }
}

/// What exists of a build.
pub(crate) fn resources(place: &Place, build: &str) -> Vec<Resource> {
    // Nobody's folder is named so.
    if !is_name(build) {
        return Vec::new();
    }
    let builder = place.has_builder() || is_running(&place.paths());
    let mut kinds = Vec::new();
    kinds.extend(builder.then_some(ResourceKind::Builder));
    kinds.extend(place.has_image().then_some(ResourceKind::Image));
    let resource = |kind| Resource {
        build: build.to_owned(),
        kind,
        id: build.to_owned(),
    };
    kinds.into_iter().map(resource).collect()
}

/// What exists of one build, or of all, with what their records tell.
pub(crate) fn list(
    records: &Records,
    options: &LocalOptions,
    build: Option<&str>,
) -> Result<Vec<Owned>, CloudError> {
    let mut owned = Vec::new();
    for entry in records.entries(build)? {
        let (build, place, record) = match entry {
            Entry::Sound(record) => (record.build.clone(), record.place.clone(), Some(record)),
            // Most builds have their things where this one would.
            Entry::Unreadable(build) => (build.clone(), Place::of(options, &build), None),
        };
        let resources = resources(&place, &build);
        if let Some(record) = record.as_deref().filter(|_| resources.is_empty()) {
            forget_expired(records, record)?;
        }
        owned.extend(resources.into_iter().map(|resource| Owned {
            resource,
            recipe: record.as_ref().map(|record| record.recipe.clone()),
            state: None,
            expires: record.as_ref().map(|record| record.expires),
            created: record.as_ref().map(|record| record.created),
        }));
    }
    Ok(owned)
}

/// A record of nothing is that of a builder which is being made; or of one whose maker died first, once its time is over.
fn forget_expired(records: &Records, record: &Record) -> Result<(), CloudError> {
    if record.expires < Timestamp::now() {
        records.remove(&record.build)?;
    }
    Ok(())
}

/// Ends the builder's machine and removes what it had.
pub(crate) async fn release_builder(
    records: &Records,
    place: &Place,
    build: &str,
) -> Result<(), CloudError> {
    let paths = place.paths();
    end_all(&paths).await?;
    remove(&place.runtime)?;
    if place.has_image() {
        remove_file(&paths.disk)?;
        records.update(build, |record| record.released = true)?;
    } else {
        remove(&place.work)?;
    }
    forget_empty(records, place, build)
}

/// Removes the folders that are empty by now, and the record with the last of them.
pub(crate) fn forget_empty(
    records: &Records,
    place: &Place,
    build: &str,
) -> Result<(), CloudError> {
    remove_empty(&place.work);
    if place.work.exists() {
        return Ok(());
    }
    remove_empty(&place.output);
    if place.runtime.exists() {
        return Ok(());
    }
    // A damaged one may tell a person of what is elsewhere.
    match records.read(build) {
        Some(_) => records.remove(build),
        None => Ok(()),
    }
}
