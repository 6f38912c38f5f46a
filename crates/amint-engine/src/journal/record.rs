//! The records, as they are written: JSON lines, a header first.

use amint_cloud::ResourceKind;
use amint_event::{Outcome, Phase};
use amint_plan::BuildPlan;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the journal's form.
const FORMAT: &str = "amint.journal/1";

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
            journal: FORMAT.to_owned(),
            build: plan.build_id.clone(),
            plan: plan.digest.clone(),
        }
    }
}

/// A line after the first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// Wall-clock time (UTC).
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
    /// A phase ended.
    PhaseFinished {
        /// Which.
        phase: Phase,
        /// How.
        outcome: Outcome,
    },
    /// The build ended; nothing follows.
    Finished {
        /// How.
        outcome: Outcome,
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
            Record::PhaseFinished { .. } => "phase-finished",
            Record::Finished { .. } => "finished",
        }
    }
}
