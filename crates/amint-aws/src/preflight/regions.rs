//! Regions that get a copy of the image.

use amint_cloud::{ErrorKind, Result};

use super::findings::Findings;
use super::run::Subject;
use crate::identity::{check_form, check_region};

/// The usable ones. One that is none, or is not enabled, is a problem.
pub(super) async fn check<'a>(subject: &Subject<'a>, found: &mut Findings) -> Result<Vec<&'a str>> {
    let wanted = subject.request.publish.copy_to.iter().map(String::as_str);
    let mut regions: Vec<&str> = Vec::new();
    for region in wanted {
        if region == subject.clients.region || regions.contains(&region) {
            continue;
        }
        let checked = match check_form(region, "image.copy-to") {
            Ok(()) => check_region(subject.clients, region, "image.copy-to").await,
            bad => bad,
        };
        match checked {
            Ok(()) => regions.push(region),
            Err(error) if error.kind == ErrorKind::Unfit => found.problem(error),
            Err(error) => return Err(error),
        }
    }
    Ok(regions)
}
