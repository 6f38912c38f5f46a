//! What a caller may choose about a run, and what it hears at the end.

use std::path::PathBuf;
use std::time::Duration;

use amint_cloud::{Published, Resource};
use amint_event::{ExitClass, Outcome};
use amint_harden::inspection::{Inspection, NamedSecret};

use crate::secret::Secret;
use crate::{BuildError, Masks};

/// What happens to a builder whose build failed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnError {
    /// It is released.
    #[default]
    Cleanup,
    /// It is left running for a look, until it ends itself. An interrupted build is released all the same.
    Keep,
}

/// How a plan is executed.
#[derive(Clone, Debug)]
pub struct Options {
    /// What happens to a builder whose build failed.
    pub on_error: OnError,
    /// How long giving back may take after a failure.
    pub unwind_deadline: Duration,
    /// How long it may take after an interrupt: GitHub gives a cancelled job ten seconds.
    pub interrupt_deadline: Duration,
    /// What the tracers are made from; random, and used once.
    pub tracer_seed: [u8; 32],
    /// Where the manifest is written. What is there already goes when the new image is published.
    pub manifest_path: PathBuf,
    /// The version of the program, for the manifest.
    pub tool_version: String,
    /// What nobody may read in what is written.
    pub masks: Masks,
    /// What no disk of the image may hold.
    pub secrets: Vec<NamedSecret>,
    /// The plan's secrets, for the steps that read them. Masked and searched for only where the two above say so.
    pub values: Vec<Secret>,
}

impl Options {
    /// Releases everything on failure within five minutes (a security group is free once its instance is gone), and
    /// after an interrupt within ten seconds.
    pub fn new(tracer_seed: [u8; 32], manifest_path: PathBuf, tool_version: String) -> Self {
        Self {
            on_error: OnError::default(),
            unwind_deadline: Duration::from_secs(300),
            interrupt_deadline: Duration::from_secs(10),
            tracer_seed,
            manifest_path,
            tool_version,
            masks: Masks::default(),
            secrets: Vec::new(),
            values: Vec::new(),
        }
    }
}

/// How a build ended.
#[derive(Debug)]
pub struct Summary {
    /// In one word.
    pub outcome: Outcome,
    /// The exit code that follows.
    pub exit: ExitClass,
    /// Why it did not succeed.
    pub error: Option<BuildError>,
    /// The image; present exactly when the build succeeded.
    pub published: Option<Published>,
    /// The manifest; present exactly when the build succeeded.
    pub manifest: Option<PathBuf>,
    /// What the image's own bytes showed, of an image that was published or was refused for it; absent when another
    /// process had inspected it.
    pub inspection: Option<Box<Inspection>>,
    /// How many findings at error level the recipe accepts, of an image that was published.
    pub waived: usize,
    /// What could not be given back.
    pub left: Vec<Resource>,
    /// How to get into a builder that was kept, and when it ends itself.
    pub access: Option<String>,
}
