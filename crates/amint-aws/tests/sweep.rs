//! What outlives a process: everything of amint's is found and released, names are claimed, builds are gone on with.

#[path = "support/account.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod account;
#[path = "sweep/claim.rs"]
mod claim;
#[path = "sweep/owned.rs"]
mod owned;
#[path = "sweep/regions.rs"]
mod regions;
#[path = "sweep/resume.rs"]
mod resume;
#[path = "sweep/scene.rs"]
mod scene;
#[path = "builder/stage.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod stage;
#[path = "support/world.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod world;
