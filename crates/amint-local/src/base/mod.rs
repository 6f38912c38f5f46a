//! Base images in the cache.
//!
//! - [`debian`]: a Debian release, made on this computer.
//! - [`image`]: the user's own disk, checked against its digest.

mod debian;
mod image;

use std::path::{Path, PathBuf};

use amint_cloud::{BaseImage, BaseQuery, CloudError, ErrorKind};
use serde::{Deserialize, Serialize};

use crate::cache::Cache;
use crate::files::{file_error, write_atomically};
use crate::machine::Boot;

/// Hears what goes on, one line at a time.
pub(crate) type Progress<'a> = &'a (dyn for<'b> Fn(&'b str) + Send + Sync);

/// A base image in the cache.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Base {
    /// Where it is; not part of what is written into it.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    /// What the port tells about it.
    pub(crate) image: BaseImage,
    /// How it boots.
    pub(crate) boot: BaseBoot,
}

/// How a base boots, by file names in its folder.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BaseBoot {
    /// By the kernel beside the disk.
    Direct {
        /// Whether there is an initial RAM disk, too.
        initrd: bool,
        /// The root file system as the kernel names it.
        root: String,
    },
    /// By its own boot loader.
    Firmware,
}

const ABOUT: &str = "base.json";
const DISK: &str = "disk.raw";
const KERNEL: &str = "vmlinuz";
const INITRD: &str = "initrd.img";

impl Base {
    /// The raw disk.
    pub(crate) fn disk(&self) -> PathBuf {
        self.folder.join(DISK)
    }

    /// How a machine with this base boots.
    pub(crate) fn machine_boot(&self) -> Boot {
        match &self.boot {
            BaseBoot::Direct { initrd, root } => Boot::Direct {
                kernel: self.folder.join(KERNEL),
                initrd: initrd.then(|| self.folder.join(INITRD)),
                root: root.clone(),
            },
            BaseBoot::Firmware => Boot::Firmware,
        }
    }

    /// The base in `folder`, when it was finished.
    fn load(folder: &Path) -> Option<Self> {
        let about = std::fs::read(folder.join(ABOUT)).ok()?;
        let mut base: Base = serde_json::from_slice(&about).ok()?;
        base.folder = folder.to_owned();
        base.disk().is_file().then_some(base)
    }

    /// Marks the base in `folder` as finished.
    fn write(&self, folder: &Path) -> Result<(), CloudError> {
        let about = serde_json::to_vec_pretty(self)
            .map_err(|error| CloudError::other("cannot describe the base").caused_by(error))?;
        write_atomically(&folder.join(ABOUT), &about)
    }
}

/// Finds the base in the cache, or makes it.
pub(crate) async fn find(
    cache: &Cache,
    query: &BaseQuery,
    progress: Progress<'_>,
) -> Result<Base, CloudError> {
    let key = identify(query)?.id;
    let entry = cache.entry("bases", &key);
    if let Some(base) = Base::load(&entry) {
        return Ok(base);
    }
    let _lock = cache.lock("bases", &key).await?;
    if let Some(base) = Base::load(&entry) {
        return Ok(base);
    }
    let made = cache.scratch()?;
    let base = match query {
        BaseQuery::Debian { release } => debian::make(release, &key, made.path(), progress).await?,
        BaseQuery::Image { path, sha256 } => {
            image::import(path, sha256, &key, made.path(), progress).await?
        }
        BaseQuery::Id { .. } | BaseQuery::Parameter { .. } | BaseQuery::Newest { .. } => {
            return Err(unfit());
        }
    };
    base.write(made.path())?;
    cache.keep(made, &entry)?;
    Base::load(&entry).ok_or_else(|| {
        file_error(
            "read",
            &entry.join(ABOUT),
            std::io::ErrorKind::InvalidData.into(),
        )
    })
}

/// Which base [`find`] would find. Nothing is made, and nothing is looked at.
pub(crate) fn identify(query: &BaseQuery) -> Result<BaseImage, CloudError> {
    match query {
        BaseQuery::Debian { release } => Ok(debian::identify(release, &debian::key(release)?)),
        BaseQuery::Image { path, sha256 } => Ok(image::identify(path, &format!("image-{sha256}"))),
        BaseQuery::Id { .. } | BaseQuery::Parameter { .. } | BaseQuery::Newest { .. } => {
            Err(unfit())
        }
    }
}

/// Removes what processes left that were killed while they made a base.
pub(crate) fn sweep() {
    debian::sweep();
}

/// The base that [`find`] found under this id.
pub(crate) fn load(cache: &Cache, id: &str) -> Result<Base, CloudError> {
    Base::load(&cache.entry("bases", id)).ok_or_else(|| {
        CloudError::new(
            amint_cloud::ErrorKind::NotFound,
            format!("the base image {id} is no longer in the cache"),
        )
    })
}

/// The error of a plan for an account that came here.
pub(crate) fn unfit() -> CloudError {
    CloudError::new(
        ErrorKind::Unfit,
        "the plan is not one for a machine on this computer",
    )
    .hint("plan the recipe with `--on local`")
}
