//! The ingestion manifest: what was built, from what, how, and the evidence that it is clean.
//!
//! - [`manifest`]: the document, plain data.
//! - [`evidence`]: the part of it that tells what the inspection saw.
//! - [`canonical`]: its one written form (RFC 8785), its digest, and [`verify`].
//! - [`schema`]: its published JSON Schema.
//!
//! Pure: no clock, no IO. The engine fills a [`Manifest`] and writes [`Manifest::to_canonical_json`].

pub mod canonical;
pub mod evidence;
pub mod manifest;
mod schema;

pub use canonical::{ManifestError, verify};
pub use evidence::{DataDisk, Finding, Inspection, Partition, Scope, Severity, Verdict, Waiver};
pub use manifest::{
    Action, BaseImage, Build, HardeningStep, Image, Manifest, Packages, Recipe, SchemaVersion,
    Stage, Step, Timing, Tool,
};
pub use schema::schema;
