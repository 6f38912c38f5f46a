//! Names that follow from the build, so that a lost answer leaks nothing: what bears the name is the build's.

use amint_cloud::ImageId;

/// The path of everything that is made in IAM.
pub(crate) const IAM_PATH: &str = "/amint/";

/// The name of a build's role, instance profile and security group.
pub(crate) fn of_build(build: &str) -> String {
    format!("amint-{build}")
}

/// The build that has this name, if it is of that form.
pub(crate) fn build_of(name: &str) -> Option<&str> {
    let build = name.strip_prefix("amint-")?;
    (!build.is_empty()).then_some(build)
}

/// An id that says which region it is in, where that is not the cloud's own: `ami-1@eu-west-1`.
pub(crate) fn in_region(id: &str, region: &str) -> ImageId {
    ImageId(format!("{id}@{region}"))
}

/// The id of something and its region, which is absent where it is the cloud's own.
pub(crate) fn split(id: &str) -> (&str, Option<&str>) {
    match id.split_once('@') {
        Some((id, region)) => (id, Some(region)),
        None => (id, None),
    }
}
