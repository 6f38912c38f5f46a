//! The events themselves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One fact about a build.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Event {
    /// Position in the stream, from 0.
    pub seq: u64,
    /// Wall-clock time (UTC).
    pub at: Timestamp,
    /// Milliseconds since the build started, on a clock that does not jump.
    pub elapsed_ms: u64,
    /// The build that this is about.
    pub build: String,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// The phases of a build, in the order in which they run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Everything that can be checked before anything is acquired.
    Preflight,
    /// The builder is started.
    Launch,
    /// Its agent answers and its boot has finished.
    Connect,
    /// The recipe's steps run.
    Customize,
    /// Configuration is hardened and read back while the machine can still be asked.
    Check,
    /// The last, detached clean-up, which ends with the power off.
    Seal,
    /// The stopped disk becomes an image.
    Capture,
    /// Free space of the image is cleaned from outside.
    Scrub,
    /// The image's own bytes are read and judged.
    Inspect,
    /// The image is made available.
    Publish,
    /// The manifest is written.
    Record,
    /// What the build acquired and does not keep is released.
    Teardown,
    /// Older images of the recipe go, where it says how many stay.
    Retire,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Phase; 13] = [
        Phase::Preflight,
        Phase::Launch,
        Phase::Connect,
        Phase::Customize,
        Phase::Check,
        Phase::Seal,
        Phase::Capture,
        Phase::Scrub,
        Phase::Inspect,
        Phase::Publish,
        Phase::Record,
        Phase::Teardown,
        Phase::Retire,
    ];

    /// The phase's name as users see it.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Preflight => "preflight",
            Phase::Launch => "launch",
            Phase::Connect => "connect",
            Phase::Customize => "customize",
            Phase::Check => "check",
            Phase::Seal => "seal",
            Phase::Capture => "capture",
            Phase::Scrub => "scrub",
            Phase::Inspect => "inspect",
            Phase::Publish => "publish",
            Phase::Record => "record",
            Phase::Teardown => "teardown",
            Phase::Retire => "retire",
        }
    }
}

/// How a phase or a step ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It did what it should.
    Succeeded,
    /// It did not; the reason follows in `RunFinished`.
    Failed,
    /// It was cut short by the user.
    Cancelled,
}

/// What happened.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum EventKind {
    /// The build began.
    RunStarted {
        /// The recipe's name.
        recipe: String,
        /// Digest of the plan, identity left out (hex SHA-256).
        plan: String,
        /// How many recipe steps will run.
        steps: usize,
        /// Whether an earlier process had begun it; absent when not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        resumed: bool,
    },
    /// A phase began.
    PhaseStarted {
        /// Which.
        phase: Phase,
    },
    /// Something worth telling while a phase runs.
    Progress {
        /// The phase that it happened in.
        phase: Phase,
        /// One line, no trailing period.
        message: String,
    },
    /// A phase ended.
    PhaseFinished {
        /// Which.
        phase: Phase,
        /// How.
        outcome: Outcome,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// A recipe step or an attached hardening step began.
    StepStarted {
        /// Position among the steps, from 1.
        index: usize,
        /// Its name.
        name: String,
        /// Its kind (`shell`, `file`, …, `hardening`).
        step: String,
    },
    /// A step printed something.
    StepOutput {
        /// The step's position.
        index: usize,
        /// Whole lines, secrets masked, no trailing newline.
        text: String,
    },
    /// A step ended.
    StepFinished {
        /// Its position.
        index: usize,
        /// How.
        outcome: Outcome,
        /// Exit code of its command, if it had one.
        #[serde(skip_serializing_if = "Option::is_none")]
        exit_code: Option<i32>,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// The build owns something now.
    ResourceAcquired {
        /// `builder`, `image`, …
        kind: String,
        /// The cloud's name for it.
        id: String,
    },
    /// The build gave something back.
    ResourceReleased {
        /// `builder`, `image`, …
        kind: String,
        /// The cloud's name for it.
        id: String,
    },
    /// The build could not give something back.
    ResourceLeft {
        /// `builder`, `image`, …
        kind: String,
        /// The cloud's name for it.
        id: String,
        /// Why, and what releases it.
        reason: String,
    },
    /// An image that an earlier build published was removed.
    ImageRetired {
        /// The cloud's name for it.
        id: String,
        /// Its name.
        name: String,
    },
    /// There was a published image already that is as good as what the build would make; nothing was done.
    ImageCurrent {
        /// The cloud's name for it, or its path.
        id: String,
        /// What such images have in common (hex SHA-256).
        fingerprint: String,
    },
    /// The disk was found to violate a rule.
    FindingReported {
        /// The rule's id, such as `MP-SSH-003`.
        rule: String,
        /// `error`, `warning` or `info`.
        severity: String,
        /// The path or offset, as text.
        location: String,
        /// What is wrong; never the secret itself.
        message: String,
        /// Whether the recipe accepts it; absent when it does not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        waived: bool,
        /// Why the recipe accepts it; absent when it does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The last day (UTC) on which it is accepted, as `YYYY-MM-DD`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<String>,
        /// The hardening step that mends it, when one does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
    },
    /// The user asked to stop.
    CancelRequested,
    /// What was acquired is being given back.
    UnwindStarted,
    /// The build ended; nothing follows.
    RunFinished {
        /// How.
        outcome: Outcome,
        /// The exit code that the command will return.
        exit_code: u8,
        /// On failure, one line that names the thing and the way out.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
}
