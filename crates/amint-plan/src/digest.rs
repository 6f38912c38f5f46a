//! What makes plans equal.

use std::fmt::Write;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::plan::{Base, BuildPlan, RecipeSource};

/// SHA-256 over the plan's canonical JSON (RFC 8785), without what says where and when rather than what: the build's id,
/// the digest itself, the recipe file's name and text (a comment changes nothing), and the path of a base image, which its
/// own digest identifies. The plan must be resolved with the placeholder for the build's id.
pub(crate) fn digest(plan: &BuildPlan) -> Result<String, serde_json::Error> {
    let base = match &plan.base {
        Base::Image { sha256, .. } => Base::Image {
            path: PathBuf::new(),
            sha256: sha256.clone(),
        },
        base => base.clone(),
    };
    let comparable = BuildPlan {
        build_id: String::new(),
        digest: String::new(),
        recipe: RecipeSource {
            file: String::new(),
            sha256: String::new(),
            ..plan.recipe.clone()
        },
        base,
        ..plan.clone()
    };
    serde_json_canonicalizer::to_vec(&comparable).map(|canonical| sha256(&canonical))
}

/// The digest of a plan that is bound to the base image of this id; `plan` is its digest without it.
pub(crate) fn with_base(plan: &str, base: &str) -> String {
    // Neither a digest nor an id holds a line break.
    sha256(format!("amint.fingerprint/1\nplan {plan}\nbase {base}\n").as_bytes())
}

/// SHA-256 in small hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
