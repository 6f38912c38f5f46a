//! The manifest's published JSON Schema (draft 2020-12), made from its types.

use crate::Manifest;

/// The JSON Schema that every manifest satisfies.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Manifest);
    schema.insert(
        "title".to_owned(),
        "amint ingestion manifest, version 1".into(),
    );
    schema.to_value()
}
