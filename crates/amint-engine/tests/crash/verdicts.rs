//! What must be so in the end.

use amint_cloud::ResourceKind;
use amint_event::Outcome;

use crate::lab::{Death, Lab};
use crate::schedule::{Aftermath, Tally, finish};
use crate::styles::Style;

pub(crate) const AFTERMATHS: [Aftermath; 3] =
    [Aftermath::Resume, Aftermath::Cleanup, Aftermath::Nothing];

/// Lets the aftermath of a death come, and asserts that nothing is left.
pub(crate) async fn assert_clean(lab: &Lab, aftermath: Aftermath, context: &str) {
    let mut tally = Tally::default();
    let ended = finish(lab, None, aftermath, &mut tally).await;
    assert_eq!(ended, Ok(()), "{context}, then {aftermath:?}");
}

/// Goes on with a build that nothing is wrong with, and asserts that it ends as if nobody had died.
pub(crate) async fn assert_resumes(style: Style, lab: &Lab, context: &str) {
    if lab.journal(&Death::default(), None).is_finished() {
        // It died right after its last record.
        assert_result(style, lab, context);
        return;
    }
    let life = lab.process(Death::default(), None).await;
    let summary = life.summary.expect("nobody kills it");
    let error = summary.error.as_ref().map(ToString::to_string);
    assert_eq!(summary.outcome, Outcome::Succeeded, "{context}: {error:?}");
    assert_eq!(summary.left, [], "{context}");
    assert_result(style, lab, context);
}

/// The one builder, its images, and nothing beside the result.
pub(crate) fn assert_result(style: Style, lab: &Lab, context: &str) {
    let live: Vec<ResourceKind> = lab.cloud.live().iter().map(|one| one.kind).collect();
    assert_eq!(live, style.result(), "{context}");
    let images = match style {
        Style::Machine => 1,
        // Captured, registered, copied.
        Style::Account => 3,
    };
    assert_eq!(lab.cloud.made(), (1, images), "{context}: made twice");
    assert!(lab.manifest.exists(), "{context}");
    std::fs::remove_file(&lab.manifest).expect("it was there");
}
