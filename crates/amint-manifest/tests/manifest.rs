//! The written form is canonical, digested, described by the schema, and read back strictly.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sample;

use amint_manifest::{Manifest, ManifestError, schema, verify};
use proptest::prelude::*;
use sample::sample;
use serde_json::Value;

/// The same value with every object's keys in reverse order, as text.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .rev()
                .map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), reversed(value)))
                .collect();
            format!("{{ {} }}", fields.join(",\n"))
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(reversed).collect::<Vec<_>>().join(", ")
            )
        }
        other => other.to_string(),
    }
}

fn written(manifest: &Manifest) -> Value {
    serde_json::from_str(&manifest.to_canonical_json().unwrap()).unwrap()
}

fn edited(edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = written(&sample());
    edit(&mut document);
    document.to_string().into_bytes()
}

#[test]
fn the_written_form_is_stable() {
    insta::assert_snapshot!(sample().to_canonical_json().unwrap());
}

#[test]
fn the_schema_is_stable() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema()).unwrap());
}

#[test]
fn the_schema_accepts_a_manifest() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let document = written(&sample());
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn the_schema_accepts_a_manifest_without_what_is_optional() {
    let mut manifest = sample();
    manifest.base_image.sha256 = None;
    manifest.base_image.packages = None;
    manifest.inspection.findings[0].path = None;
    manifest.inspection.findings[0].step = None;
    manifest.inspection.scope.partitions[0].file_system = None;
    manifest.waivers[0].path = None;
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(validator.is_valid(&written(&manifest)));
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let edits: [fn(&mut Value); 5] = [
        |document| document["colour"] = "green".into(),
        |document| document["schema"] = "amint.manifest/2".into(),
        |document| document["steps"][0]["actions"][0]["action"] = "format-disk".into(),
        |document| document["steps"][1]["actions"][1]["when"] = "now".into(),
        |document| document["image"]["size"] = "large".into(),
    ];
    for edit in edits {
        let bytes = edited(edit);
        assert!(matches!(verify(&bytes), Err(ManifestError::Malformed(_))));
        assert!(!validator.is_valid(&serde_json::from_slice(&bytes).unwrap()));
    }
}

#[test]
fn a_manifest_verifies_in_any_order_of_keys() {
    let text = reversed(&written(&sample()));
    let manifest = verify(text.as_bytes()).unwrap();
    assert_eq!(
        manifest,
        Manifest {
            digest: manifest.digest.clone(),
            ..sample()
        }
    );
    assert_eq!(manifest.digest, Some(sample().compute_digest().unwrap()));
}

#[test]
fn a_changed_manifest_is_refused() {
    let bytes = edited(|document| document["image"]["size"] = 4096.into());
    let error = verify(&bytes).unwrap_err();
    assert!(
        matches!(error, ManifestError::DigestMismatch { .. }),
        "{error}"
    );
}

#[test]
fn a_manifest_without_digest_is_refused() {
    let bytes = edited(|document| {
        document.as_object_mut().unwrap().remove("digest");
    });
    assert!(matches!(verify(&bytes), Err(ManifestError::NoDigest)));
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(!validator.is_valid(&serde_json::from_slice(&bytes).unwrap()));
}

#[test]
fn a_key_given_twice_is_refused() {
    let text = sample().to_canonical_json().unwrap();
    let text = text.replacen('{', &format!("{{\"plan\":\"{}\",", sample::digest('0')), 1);
    assert!(matches!(
        verify(text.as_bytes()),
        Err(ManifestError::Malformed(_))
    ));
}

#[test]
fn a_number_that_would_be_rounded_is_refused() {
    let mut manifest = sample();
    manifest.image.size = (1 << 53) + 1;
    let error = manifest.to_canonical_json().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the number 9007199254740993 is too large for canonical JSON (limit: 2^53 - 1)"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        name in any::<String>(),
        message in any::<String>(),
        offset in proptest::option::of(0_u64..1 << 53),
        exit_code in proptest::option::of(any::<i32>()),
        size in 0_u64..1 << 53,
    ) {
        let mut manifest = sample();
        manifest.steps[0].name = name;
        manifest.steps[0].exit_code = exit_code;
        manifest.inspection.findings[0].message = message;
        manifest.inspection.findings[0].offset = offset;
        manifest.image.size = size;
        manifest.digest = Some(manifest.compute_digest().unwrap());

        let text = manifest.to_canonical_json().unwrap();
        prop_assert_eq!(&verify(text.as_bytes()).unwrap(), &manifest);
        prop_assert_eq!(&verify(reversed(&written(&manifest)).as_bytes()).unwrap(), &manifest);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify(&bytes).is_err());
    }
}
