//! A builder's disk on its way to the published image.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

use amint_cloud::{CloudError, ErrorKind, Published};
use amint_inspect::scrub::Cleaning;

use crate::files::{file_error, sync_folder};
use crate::owned::forget_empty;
use crate::record::{Place, Records};

pub(crate) use crate::record::IMAGE as FILE;

/// Makes the disk of a stopped builder its image.
pub(crate) fn capture(place: &Place) -> Result<(), CloudError> {
    let disk = place.paths().disk;
    fs::rename(&disk, place.hidden_image()).map_err(|error| file_error("rename", &disk, error))
}

/// Moves the image to where its owner finds it; done before is fine. Tells whether it is this build's for certain.
pub(crate) fn publish(
    records: &Records,
    place: &Place,
    build: &str,
    overwrite: bool,
) -> Result<bool, CloudError> {
    let (hidden, published) = (place.hidden_image(), place.published_image());
    let ours = if hidden.exists() {
        if published.exists() && !overwrite {
            return Err(exists(&published));
        }
        // Then a process that finds neither the hidden image nor an answer knows whose the other one is.
        records.update(build, |record| record.publishing = true)?;
        let rename = || -> std::io::Result<()> {
            fs::File::open(&hidden)?.sync_all()?;
            fs::rename(&hidden, &published)?;
            sync_folder(&place.output)
        };
        rename().map_err(|error| file_error("publish", &published, error))?;
        true
    } else {
        records.read(build).is_some_and(|record| record.publishing)
    };
    // Nothing of the build is left in its folder.
    forget_empty(records, place, build)?;
    Ok(ours)
}

/// What is told about the image at `path`.
pub(crate) fn published(path: &Path) -> Result<Published, CloudError> {
    let about = fs::metadata(path).map_err(|error| file_error("read", path, error))?;
    Ok(Published {
        location: path.display().to_string(),
        format: "raw".into(),
        size: about.len(),
    })
}

/// The error of an output folder that holds an image already.
pub(crate) fn exists(published: &Path) -> CloudError {
    CloudError::new(
        ErrorKind::Conflict,
        format!("{} exists", published.display()),
    )
    .hint("choose another --output, or replace it with --force")
}

/// Makes holes of free space, and replaces what is to be replaced.
pub(crate) fn clean(path: &Path, cleaning: &Cleaning) -> Result<(), CloudError> {
    use rustix::fs::FallocateFlags;
    let describe = |error: std::io::Error| file_error("clean", path, error);
    let file = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(describe)?;
    for extent in &cleaning.free {
        rustix::fs::fallocate(
            &file,
            FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE,
            extent.offset,
            extent.length,
        )
        .map_err(|error| describe(error.into()))?;
    }
    for patch in &cleaning.patches {
        file.write_all_at(&patch.bytes, patch.offset)
            .map_err(describe)?;
    }
    Ok(())
}
