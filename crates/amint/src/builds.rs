//! The folders of builds, in the working folder: one a build, with its plan, journal, events, step logs, and how it
//! was asked for.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use amint_engine::OnError;
use amint_event::Event;
use serde::{Deserialize, Serialize};

use crate::error::CommandError;
use crate::report::place::Place;

/// Where they are.
const BUILDS: &str = ".amint/builds";
/// How the build was asked for.
const REQUEST: &str = "request.json";
/// What it reported, as JSON lines; a process that goes on with it adds its own, from `run-started` on.
const EVENTS: &str = "events.jsonl";

/// How a build was asked for: what its plan does not say, and another process must know to go on with it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Request {
    /// Where the results go. Absolute.
    pub(crate) output: PathBuf,
    /// Whether what is there may be replaced.
    pub(crate) force: bool,
    /// Whether a local builder boots from power-off.
    pub(crate) cold: bool,
    /// Whether the builder of a failed build is kept for a look.
    pub(crate) keep: bool,
    /// The environment variables that were named as secrets: whoever goes on with the build must know them too.
    #[serde(default)]
    pub(crate) secrets: Vec<String>,
    /// Where reports show findings; earlier versions did not write it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
}

impl Request {
    pub(crate) fn on_error(&self) -> OnError {
        match self.keep {
            true => OnError::Keep,
            false => OnError::Cleanup,
        }
    }
}

/// The folder of one build.
#[derive(Clone, Debug)]
pub(crate) struct BuildFolder {
    pub(crate) id: String,
    pub(crate) path: PathBuf,
}

impl BuildFolder {
    /// The folder that a new build gets. Nothing is made yet.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            path: Path::new(BUILDS).join(id),
        }
    }

    /// The folder of the build `id`; the beginning of its id is enough when no other begins so.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub(crate) fn find(id: &str) -> Result<Self, CommandError> {
        match Self::look(id)? {
            Some(folder) => Ok(folder),
            None => Err(CommandError::UnknownBuild(id.to_owned())),
        }
    }

    /// The folder of the build `id`, if there is one.
    ///
    /// # Errors
    /// When more than one build's id begins so.
    pub(crate) fn look(id: &str) -> Result<Option<Self>, CommandError> {
        let mut fitting = Self::all()?;
        fitting.retain(|one| one.id.starts_with(id));
        match (fitting.pop(), fitting.len()) {
            (Some(only), 0) if !id.is_empty() => Ok(Some(only)),
            (None, _) => Ok(None),
            (Some(_), _) => Err(CommandError::AmbiguousBuild(id.to_owned())),
        }
    }

    /// All of them, the oldest first: ids begin with the time.
    ///
    /// # Errors
    /// When the folder that they are in cannot be read.
    pub(crate) fn all() -> Result<Vec<Self>, CommandError> {
        let entries = match fs::read_dir(BUILDS) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(CommandError::Builds)?,
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry.map_err(CommandError::Builds)?;
            if let (Ok(id), true) = (entry.file_name().into_string(), entry.path().is_dir()) {
                folders.push(Self::new(&id));
            }
        }
        folders.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(folders)
    }

    /// Makes the folder, and writes down how the build was asked for.
    pub(crate) fn begin(&self, request: &Request) -> io::Result<()> {
        fs::create_dir_all(&self.path)?;
        let mut file = File::create(self.path.join(REQUEST))?;
        file.write_all(&serde_json::to_vec_pretty(request)?)?;
        file.sync_data()
    }

    /// How the build was asked for.
    ///
    /// # Errors
    /// When that was not written down by this version.
    pub(crate) fn request(&self) -> Result<Request, CommandError> {
        let path = self.path.join(REQUEST);
        let read = || -> io::Result<Request> { Ok(serde_json::from_slice(&fs::read(&path)?)?) };
        read().map_err(|source| CommandError::NoRequest {
            build: self.id.clone(),
            source,
        })
    }

    /// Where the build's events go. Not synced: the journal is what is gone on from.
    pub(crate) fn events(&self) -> io::Result<EventLog> {
        let path = self.path.join(EVENTS);
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(EventLog(file))
    }
}

/// Keeps a build's events.
pub(crate) struct EventLog(File);

impl EventLog {
    /// Keeps one.
    pub(crate) fn write(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}
