//! What is written down about a builder before anything of it is made: the tag by which a sweep finds it,
//! and all that another process needs to go on with it.
//!
//! A record is synced before the call that changes it returns. It goes when nothing of the build is left.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use amint_cloud::{CloudError, OnPowerOff, Owner};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::cache::Cache;
use crate::files::{UNFINISHED, file_error, remove_file, remove_unfinished, write_durably};
use crate::machine::{MachineSpec, Paths};
use crate::options::LocalOptions;

/// The published image, and the hidden one before.
pub(crate) const IMAGE: &str = "image.raw";

const DISK: &str = "disk.raw";

const EXTENSION: &str = "json";

/// The form of a record; another one was written by another amint.
const VERSION: u32 = 1;

/// Where everything of a build is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Place {
    /// Sockets, process id, console.
    pub(crate) runtime: PathBuf,
    /// The hidden folder in the output folder that holds the disk.
    pub(crate) work: PathBuf,
    /// Where the image is published.
    pub(crate) output: PathBuf,
}

impl Place {
    /// Where a build's things are put, by the options.
    pub(crate) fn of(options: &LocalOptions, build: &str) -> Self {
        // A later process may have another working folder.
        let absolute =
            |folder: &Path| std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let output = absolute(&options.output_dir);
        Self {
            runtime: absolute(&options.runtime_dir).join(build),
            work: output.join(hidden(build)),
            output,
        }
    }

    /// The machine's files.
    pub(crate) fn paths(&self) -> Paths {
        Paths {
            runtime: self.runtime.clone(),
            disk: self.work.join(DISK),
        }
    }

    /// The image before it is published.
    pub(crate) fn hidden_image(&self) -> PathBuf {
        self.work.join(IMAGE)
    }

    /// The published image.
    pub(crate) fn published_image(&self) -> PathBuf {
        self.output.join(IMAGE)
    }

    /// Whether anything of the builder is there, its process aside.
    pub(crate) fn has_builder(&self) -> bool {
        self.runtime.exists()
            || self.paths().disk.exists()
            || (self.work.exists() && !self.has_image())
    }

    /// Whether there is an image that was not published.
    pub(crate) fn has_image(&self) -> bool {
        self.hidden_image().exists()
    }

    /// What a record names is removed, so it must be what is made here and nothing else.
    fn is_of(&self, build: &str) -> bool {
        let named = |folder: &Path, name: &str| {
            folder.is_absolute() && folder.file_name().is_some_and(|last| last == name)
        };
        named(&self.runtime, build)
            && named(&self.work, &hidden(build))
            && self.work.parent() == Some(self.output.as_path())
    }
}

fn hidden(build: &str) -> String {
    format!(".amint-{build}")
}

/// What is written down about a build's builder.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Record {
    version: u32,
    /// The build's id.
    pub(crate) build: String,
    /// The recipe's name.
    pub(crate) recipe: String,
    /// The name of the image that it makes.
    pub(crate) image: String,
    /// When this was written first.
    pub(crate) created: Timestamp,
    /// When the machine must be gone, whoever died. Stays over reboots and processes.
    pub(crate) expires: Timestamp,
    /// Where its things are.
    pub(crate) place: Place,
    /// Whether the builder reaches a network.
    pub(crate) network: bool,
    /// The machine; absent until it runs: before that, there is no builder to go on with.
    pub(crate) machine: Option<MachineSpec>,
    /// What a power-off from inside means.
    pub(crate) on_power_off: OnPowerOff,
    /// A reboot was asked for and is not known to be done: the machine's end is one half of it.
    pub(crate) rebooting: bool,
    /// The builder was released; what is left of the build is its image.
    pub(crate) released: bool,
    /// The image is being renamed, or was.
    pub(crate) publishing: bool,
}

impl Record {
    /// The record of a builder that is about to be made.
    pub(crate) fn new(owner: &Owner, place: Place, network: bool) -> Self {
        Self {
            version: VERSION,
            build: owner.build.clone(),
            recipe: owner.recipe.clone(),
            image: owner.image.clone(),
            created: Timestamp::now(),
            expires: owner.expires,
            place,
            network,
            machine: None,
            on_power_off: OnPowerOff::Terminate,
            rebooting: false,
            released: false,
            publishing: false,
        }
    }
}

/// The records of all builds of this user. Copies share one lock.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    folder: PathBuf,
    writing: Arc<Mutex<()>>,
}

/// A record, or the build whose record cannot be read.
pub(crate) enum Entry {
    /// It can be read.
    Sound(Box<Record>),
    /// It is damaged, or another amint's.
    Unreadable(String),
}

impl Records {
    /// The records in the cache. Nothing is made yet.
    pub(crate) fn new(cache: &Cache) -> Self {
        Self {
            folder: cache.file("builders"),
            writing: Arc::default(),
        }
    }

    /// Writes a record, whole and synced.
    pub(crate) fn write(&self, record: &Record) -> Result<(), CloudError> {
        let Some(path) = self.path(&record.build) else {
            return Err(CloudError::other(format!(
                "`{}` cannot be the name of a file",
                record.build
            )));
        };
        let text = serde_json::to_vec_pretty(record)
            .map_err(|error| CloudError::other("cannot describe the builder").caused_by(error))?;
        fs::create_dir_all(&self.folder)
            .map_err(|error| file_error("create", &self.folder, error))?;
        write_durably(&path, &text)
    }

    /// The build's record. One that cannot be read is warned about and passed over.
    pub(crate) fn read(&self, build: &str) -> Option<Record> {
        match self.entry(build)? {
            Entry::Sound(record) => Some(*record),
            Entry::Unreadable(_) => None,
        }
    }

    /// Changes the build's record; false when there is none.
    pub(crate) fn update(
        &self,
        build: &str,
        change: impl FnOnce(&mut Record),
    ) -> Result<bool, CloudError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut record) = self.read(build) else {
            return Ok(false);
        };
        let before = record.clone();
        change(&mut record);
        if record != before {
            self.write(&record)?;
        }
        Ok(true)
    }

    /// Removes the build's record; none there is fine.
    pub(crate) fn remove(&self, build: &str) -> Result<(), CloudError> {
        let Some(path) = self.path(build) else {
            return Ok(());
        };
        remove_file(&path)
    }

    /// The record of one build, or of all, by name.
    pub(crate) fn entries(&self, build: Option<&str>) -> Result<Vec<Entry>, CloudError> {
        if let Some(build) = build {
            return Ok(self.entry(build).into_iter().collect());
        }
        let describe = |error| file_error("read", &self.folder, error);
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(describe(error)),
        };
        let mut builds = Vec::new();
        for file in files {
            let path = file.map_err(describe)?.path();
            if path.extension().is_some_and(|found| found == UNFINISHED) {
                remove_unfinished(&path);
            } else if path.extension().is_some_and(|found| found == EXTENSION)
                && let Some(build) = path.file_stem().and_then(|stem| stem.to_str())
            {
                builds.push(build.to_owned());
            }
        }
        builds.sort();
        Ok(builds
            .iter()
            .filter_map(|build| self.entry(build))
            .collect())
    }

    fn entry(&self, build: &str) -> Option<Entry> {
        let path = self.path(build)?;
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                warn!(%error, record = %path.display(), "cannot read a builder's record");
                return Some(Entry::Unreadable(build.to_owned()));
            }
        };
        let reason = match serde_json::from_slice::<Record>(&text) {
            Ok(record)
                if record.version == VERSION
                    && record.build == build
                    && record.place.is_of(build) =>
            {
                return Some(Entry::Sound(Box::new(record)));
            }
            Ok(_) => "it does not describe this build as this amint does".to_owned(),
            Err(error) => error.to_string(),
        };
        warn!(
            reason,
            record = %path.display(),
            "a builder's record is damaged: remove it once nothing of the build is left"
        );
        Some(Entry::Unreadable(build.to_owned()))
    }

    /// A build's name may come from outside: it never leads out of the folder.
    fn path(&self, build: &str) -> Option<PathBuf> {
        is_name(build).then(|| self.folder.join(format!("{build}.{EXTENSION}")))
    }
}

/// Whether a build's id can be part of a file's name.
pub(crate) fn is_name(build: &str) -> bool {
    !build.is_empty()
        && !build.starts_with('.')
        && build
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
