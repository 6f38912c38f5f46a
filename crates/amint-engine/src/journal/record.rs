//! The records, as they are written: JSON lines, a header first.

use amint_cloud::{BaseImage, Placement, Published, ResourceKind};
use amint_event::{ExitClass, Outcome, Phase};
use amint_plan::BuildPlan;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What every version of the form begins with.
const NAME: &str = "amint.journal/";
/// The version that is written. Version 1 had no hand-overs: it is read, but a build can't go on from it.
pub(crate) const VERSION: u32 = 2;

/// The first line.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Header {
    /// The version of the form.
    pub journal: String,
    /// The build's id.
    pub build: String,
    /// The plan's digest.
    pub plan: String,
}

impl Header {
    pub(super) fn new(plan: &BuildPlan) -> Self {
        Self {
            journal: format!("{NAME}{VERSION}"),
            build: plan.build_id.clone(),
            plan: plan.digest.clone(),
        }
    }

    /// The version's number; absent when this is no journal's header.
    pub(super) fn version(&self) -> Option<u32> {
        self.journal.strip_prefix(NAME)?.parse().ok()
    }
}

/// A line after the first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// Wall-clock time (UTC). May jump: the order of the lines is the order of what happened.
    pub at: Timestamp,
    /// What is recorded.
    #[serde(flatten)]
    pub record: Record,
}

/// One fact.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Record {
    /// A resource is about to be created.
    Intent {
        /// By which phase.
        phase: Phase,
        /// What it will be.
        kind: ResourceKind,
        /// What finds it again; unique in the build.
        token: String,
    },
    /// A resource that was intended exists.
    Acquired {
        /// The intent's token.
        token: String,
        /// What it is.
        kind: ResourceKind,
        /// The cloud's name for it.
        id: String,
    },
    /// An intent made nothing.
    Voided {
        /// The intent's token.
        token: String,
    },
    /// A resource was given back.
    Released {
        /// What it was.
        kind: ResourceKind,
        /// The cloud's name for it.
        id: String,
    },
    /// A resource outlives the build on purpose: a published image, a builder kept for a look.
    Kept {
        /// What it is.
        kind: ResourceKind,
        /// The cloud's name for it.
        id: String,
    },
    /// The manifest is written: all that the build is for outlives it from now on, and nothing takes it back.
    Published {
        /// What: images, what they consist of, a parameter.
        kept: Vec<(ResourceKind, String)>,
        /// Where the image is to be had.
        published: Published,
        /// How many findings its recipe accepts.
        waived: usize,
    },
    /// The builder is about to be launched, and ends itself at that time.
    Launching {
        /// Its dead man's deadline.
        expires: Timestamp,
    },
    /// The builder is about to be rebooted by a step.
    Rebooting {
        /// The step's position, from 1.
        step: usize,
        /// The id of the boot that ends.
        boot: String,
    },
    /// A step of the recipe did what it should.
    StepFinished {
        /// Its position, from 1.
        index: usize,
        /// How long it took, in milliseconds.
        duration_ms: u64,
        /// Exit code of its last command, if it had one.
        exit_code: Option<i32>,
    },
    /// The tracers are about to be planted.
    Planting {
        /// What they are made from, in hex. Random, of no use to anybody else.
        seed: String,
    },
    /// The seal is about to be started: from here on the builder can only be waited for.
    Sealing {
        /// What the tracers stand for that are not known to have reached the disk.
        unproven: Vec<String>,
    },
    /// A phase ended.
    PhaseFinished {
        /// Which.
        phase: Phase,
        /// How.
        outcome: Outcome,
        /// How long it took, in milliseconds.
        #[serde(default)]
        duration_ms: u64,
        /// What it hands over to those after it, where that can't be found out again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handed: Option<Handed>,
    },
    /// Another process goes on with the build.
    Resumed,
    /// What was acquired is being given back, and the build does not go on.
    Unwinding {
        /// Why, on one line.
        error: String,
        /// The exit class that follows from it when nothing is left.
        exit: u8,
    },
    /// The build ended. Only releases follow.
    Finished {
        /// How.
        outcome: Outcome,
    },
}

/// What a phase hands over.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handed {
    /// Preflight: what a builder can be launched from, and where.
    Ground {
        /// The base image.
        base: BaseImage,
        /// The preferred one first.
        placements: Vec<Placement>,
        /// What has to be made for the builder first.
        supports: Vec<ResourceKind>,
    },
    /// Launch: the builder.
    Builder {
        /// The cloud's name for it.
        id: String,
    },
    /// Capture and scrub: the image, so far.
    Image {
        /// The cloud's name for it.
        id: String,
        /// How large its disks are together, in bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bytes: Option<u64>,
    },
}

impl Record {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Record::Intent { .. } => "intent",
            Record::Acquired { .. } => "acquired",
            Record::Voided { .. } => "voided",
            Record::Released { .. } => "released",
            Record::Kept { .. } => "kept",
            Record::Published { .. } => "published",
            Record::Launching { .. } => "launching",
            Record::Rebooting { .. } => "rebooting",
            Record::StepFinished { .. } => "step-finished",
            Record::Planting { .. } => "planting",
            Record::Sealing { .. } => "sealing",
            Record::PhaseFinished { .. } => "phase-finished",
            Record::Resumed => "resumed",
            Record::Unwinding { .. } => "unwinding",
            Record::Finished { .. } => "finished",
        }
    }

    /// The record of a build that is given up.
    pub(crate) fn unwinding(error: String, exit: ExitClass) -> Self {
        Record::Unwinding {
            error,
            exit: exit.code(),
        }
    }
}
