//! The base image of a plan that a lock file binds to one.

use amint_cloud::{BaseImage, CloudError, ErrorKind};
use amint_plan::{BuildPlan, LockedBase};

/// What renews a lock.
const RENEW: &str = "`amint lock` looks the base image up anew; read what it changes";

/// The image that was found for the plan, if it is the one that is locked.
///
/// # Errors
/// When it is another one.
pub(crate) fn verified(plan: &BuildPlan, found: BaseImage) -> Result<BaseImage, CloudError> {
    match &plan.locked {
        Some(locked) if !is(locked, &found) => {
            let message = format!(
                "the lock file binds to the base image {locked}, and there is {}",
                identity(&found)
            );
            Err(CloudError::new(ErrorKind::Unfit, message).hint(RENEW))
        }
        _ => Ok(found),
    }
}

/// What is wrong about a look-up, told as it concerns the lock.
pub(crate) fn explained(plan: &BuildPlan, error: CloudError) -> CloudError {
    match &plan.locked {
        Some(locked) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Gone) => {
            let message = format!("the base image {} of the lock file is gone", locked.id);
            CloudError::new(error.kind.clone(), message)
                .hint(RENEW)
                .caused_by(error)
        }
        _ => error,
    }
}

/// An id alone tells two images apart; what else is told of an account's image must be true all the same, as that is what
/// people read in the lock file. The name of a disk on this computer is the name of a file.
fn is(locked: &LockedBase, found: &BaseImage) -> bool {
    let told = |locked: &Option<String>, found: &Option<String>| found.is_none() || locked == found;
    locked.id == found.id
        && (found.owner.is_none() || locked.name == found.name)
        && told(&locked.owner, &found.owner)
        && told(&locked.created, &found.created)
}

/// What is locked of a base image.
pub(crate) fn identity(base: &BaseImage) -> LockedBase {
    LockedBase {
        id: base.id.clone(),
        name: base.name.clone(),
        owner: base.owner.clone(),
        created: base.created.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_read_in_the_lock_file_is_true() {
        let found = BaseImage {
            owner: Some("1".to_owned()),
            created: Some("2026-11-03T00:00:00.000Z".to_owned()),
            ..BaseImage::new("ami-1", "debian-12")
        };
        let locked = identity(&found);
        assert!(is(&locked, &found));
        for other in [
            BaseImage::new("ami-2", "debian-12"),
            BaseImage {
                name: "mine".to_owned(),
                ..found.clone()
            },
            BaseImage {
                owner: Some("2".to_owned()),
                ..found.clone()
            },
            BaseImage {
                created: Some("2025-11-03T00:00:00.000Z".to_owned()),
                ..found.clone()
            },
        ] {
            assert!(!is(&locked, &other), "{other:?}");
        }
        // What is left out of the lock file is no way around.
        for silent in [
            LockedBase {
                owner: None,
                ..locked.clone()
            },
            LockedBase {
                created: None,
                ..locked.clone()
            },
        ] {
            assert!(!is(&silent, &found), "{silent:?}");
        }
        let here = identity(&BaseImage::new("image-1", "disk.raw"));
        assert!(is(&here, &BaseImage::new("image-1", "copy.raw")));
    }
}
