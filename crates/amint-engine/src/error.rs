//! Why a build ended, and the exit class that follows from it.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind};
use amint_event::{ExitClass, Phase};
use amint_harden::inspection::{Inspection, InspectionError};
use amint_harden::{Finding, Waiver};
use amint_manifest::ManifestError;

use crate::call::CallError;
use crate::emit::SinkError;
use crate::journal::JournalError;
use crate::secret::SecretError;
use crate::text::Lines;

/// Why a build ended without an image. Every message is one line; what was printed last is a source.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A call to the cloud failed.
    #[error("cannot {doing}")]
    Call {
        /// Such as `launch the builder`.
        doing: String,
        /// What was underneath.
        source: CallError,
    },
    /// Several things are in the way of the build, found before anything was made.
    #[error("{} things are in the way of the build: {}", problems.len(), listed(problems))]
    Preflight {
        /// All of them, with what to do about each.
        problems: Vec<CloudError>,
    },
    /// The cloud offers no place for a builder.
    #[error("the cloud has no place for the builder")]
    NoPlacement,
    /// The builder's agent never answered.
    #[error("the builder's agent did not answer within {}{}", seconds(*waited), because(reason.as_deref()))]
    AgentSilent {
        /// How long it was waited for.
        waited: Duration,
        /// What the cloud takes for the reason.
        reason: Option<String>,
        /// The end of the serial console.
        #[source]
        console: Option<Tail>,
    },
    /// The agent answered, but the builder never became ready.
    #[error("the builder was not ready after {}: {missing}", seconds(*waited))]
    NotReady {
        /// How long it was waited for.
        waited: Duration,
        /// What was missing at last.
        missing: String,
    },
    /// The builder could not be prepared.
    #[error("the builder could not be prepared (exit code {exit_code})")]
    Unprepared {
        /// Of the script.
        exit_code: i32,
        /// What it printed last.
        #[source]
        output: Option<Tail>,
    },
    /// The builder is no more.
    #[error("the builder ended by itself")]
    BuilderEnded {
        /// The end of the serial console.
        #[source]
        console: Option<Tail>,
    },
    /// A step failed.
    #[error("the step `{step}` failed with exit code {exit_code}")]
    StepFailed {
        /// Its name.
        step: String,
        /// Of its command.
        exit_code: i32,
        /// What it printed last.
        #[source]
        output: Option<Tail>,
    },
    /// A step hung.
    #[error("the step `{step}` was not done after its timeout of {}", seconds(*timeout))]
    StepTimedOut {
        /// Its name.
        step: String,
        /// How long it may take.
        timeout: Duration,
        /// What it printed last.
        #[source]
        output: Option<Tail>,
    },
    /// A command of the engine's own hung.
    #[error("the builder did not {doing} within {}", seconds(*timeout))]
    CommandTimedOut {
        /// What the command was for.
        doing: &'static str,
        /// How long it may take.
        timeout: Duration,
    },
    /// The control of the proof failed: a tracer never reached the disk.
    #[error("the tracers could not be planted (exit code {exit_code})")]
    TracersNotPlanted {
        /// Of the script.
        exit_code: i32,
        /// What it printed last.
        #[source]
        output: Option<Tail>,
    },
    /// Secrets did not reach the builder.
    #[error("cannot hand the builder its secrets")]
    Secrets(#[from] SecretError),
    /// The seal could not be started.
    #[error("the seal did not start (exit code {exit_code})")]
    SealNotStarted {
        /// Of the script.
        exit_code: i32,
        /// What it printed last.
        #[source]
        output: Option<Tail>,
    },
    /// The builder never powered itself off.
    #[error("the builder did not power off within {} after the seal had begun", seconds(*waited))]
    SealHung {
        /// How long it was waited for.
        waited: Duration,
        /// The end of the serial console.
        #[source]
        console: Option<Tail>,
    },
    /// The plan names hardening steps that this version does not have.
    #[error(
        "the plan was made for the profile {wanted}, which this version of amint does not have"
    )]
    UnknownProfile {
        /// As `name@version`.
        wanted: String,
    },
    /// The recipe accepts findings until a day that is over.
    #[error("the recipe has expired waivers: {}", expired(waivers))]
    WaiversExpired {
        /// Those that have expired.
        waivers: Vec<Waiver>,
    },
    /// The cloud could not make the image.
    #[error("the image could not be made: {reason}")]
    CaptureFailed {
        /// In the cloud's words.
        reason: String,
    },
    /// The image was never ready.
    #[error("the image was not ready after {}", seconds(*waited))]
    CaptureTimedOut {
        /// How long it was waited for.
        waited: Duration,
    },
    /// A parameter does not name the image that it was told to.
    #[error("the parameter {name} was set to {image} but does not name it")]
    ParameterRefused {
        /// The parameter.
        name: String,
        /// The image.
        image: String,
    },
    /// Which of its disks the image starts from cannot be told.
    #[error("the image has {found} disks to start from, and one is needed")]
    RootDisks {
        /// How many it has.
        found: usize,
    },
    /// The disk could not be read to its end.
    #[error("the image's disk could not be inspected")]
    NoVerdict(#[source] InspectionError),
    /// The disk violates rules.
    #[error("the image violates {}", violated(&inspection.findings))]
    Violations {
        /// Everything that was found, not only the errors, and what was read.
        inspection: Box<Inspection>,
    },
    /// Work on another thread came to a sudden end.
    #[error("the {doing} ended unexpectedly")]
    Crashed {
        /// What it was for.
        doing: &'static str,
        /// What the runtime said.
        source: tokio::task::JoinError,
    },
    /// The manifest cannot be expressed.
    #[error("cannot make the manifest")]
    Manifest(#[from] ManifestError),
    /// A file on this machine could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The journal could not be written.
    #[error("the build cannot be recorded")]
    Journal(#[from] JournalError),
    /// Its journal lacks what another process would need.
    #[error("the build was begun by a version of amint that builds could not be gone on with in")]
    OldJournal,
    /// There is nothing to go on with.
    #[error("the build has ended before")]
    Ended,
    /// An earlier process gave the build up, and died while it gave back what was acquired.
    #[error("the build was given up before: {error}")]
    GivenUp {
        /// Why.
        error: String,
        /// The exit class of that.
        exit: ExitClass,
    },
    /// The consumer of the events failed.
    #[error("the build was stopped because nobody hears about it")]
    Sink(#[source] SinkError),
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl BuildError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let fixed = match self {
            BuildError::Call {
                source: CallError::Cloud(error),
                ..
            } => return error.hint.clone(),
            BuildError::Secrets(error) => return error.hint().map(str::to_owned),
            BuildError::AgentSilent { .. } => {
                "check that the base image boots and starts its agent (qemu-guest-agent, amazon-ssm-agent)"
            }
            BuildError::Preflight { problems } => {
                let hints = problems.iter().filter_map(|one| one.hint.as_deref());
                let mut hints: Vec<&str> = hints.collect();
                hints.dedup();
                return (!hints.is_empty()).then(|| hints.join("; "));
            }
            BuildError::ParameterRefused { .. } => {
                "look at it in SSM: its type must be String and its data type aws:ec2:image"
            }
            BuildError::NotReady { .. } => {
                "try `--on-error keep` to look at the builder, or another base image"
            }
            BuildError::BuilderEnded { .. } => {
                "it may have run out of memory or reached `builder.timeout`"
            }
            BuildError::StepFailed { .. } => "try `--on-error keep` to look at the builder",
            BuildError::StepTimedOut { .. } => {
                "give the step a longer `timeout`, or try `--on-error keep` to look at the builder"
            }
            BuildError::UnknownProfile { .. } => "make the plan again with this version",
            BuildError::OldJournal => "`amint cleanup` releases what it holds",
            BuildError::WaiversExpired { .. } => {
                "mend what they accept and remove them, or decide anew and set a later `expires`"
            }
            BuildError::Violations { .. } => {
                "`amint explain` with a rule's id tells why it matters and what mends it"
            }
            BuildError::Write { source, .. }
            | BuildError::Journal(JournalError::Io { source, .. })
                if source.kind() == io::ErrorKind::StorageFull =>
            {
                "make room on that disk"
            }
            _ => return None,
        };
        Some(fixed.to_owned())
    }

    /// The inspection whose findings made the build fail, if that is why it did.
    pub fn inspection(&self) -> Option<&Inspection> {
        match self {
            BuildError::Violations { inspection } => Some(inspection),
            _ => None,
        }
    }

    /// The whole chain on one line, with the way out; what was printed last is left out.
    pub(crate) fn one_line(&self) -> String {
        let mut line = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            if !error.is::<Tail>() {
                line.push_str(": ");
                line.push_str(&error.to_string());
            }
            source = error.source();
        }
        if let Some(hint) = self.hint() {
            line.push_str(" (");
            line.push_str(&hint);
            line.push(')');
        }
        line.replace('\n', " ")
    }

    /// Whether the cloud says that something is not there, which may pass.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, BuildError::Call { source: CallError::Cloud(error), .. }
            if error.kind == ErrorKind::NotFound)
    }

    /// Whether the cloud says that something is not there or not ready, which may pass.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, BuildError::Call { source: CallError::Cloud(error), .. }
            if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Busy))
    }

    /// Whether the build was stopped rather than failed.
    pub(crate) fn is_stop(&self) -> bool {
        match self {
            BuildError::Interrupted | BuildError::Sink(_) => true,
            BuildError::GivenUp { exit, .. } => {
                matches!(exit, ExitClass::Interrupted | ExitClass::InterruptedDirty)
            }
            _ => false,
        }
    }
}

/// A failure and the phase that it happened in.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) phase: Phase,
    pub(crate) error: BuildError,
}

impl Failure {
    /// The exit class: the one place that decides it. `left` tells whether something could not be released.
    pub(crate) fn exit_class(&self, left: bool) -> ExitClass {
        match &self.error {
            BuildError::Interrupted if left => ExitClass::InterruptedDirty,
            BuildError::Interrupted => ExitClass::Interrupted,
            BuildError::Call { source, .. } => self.call_class(source),
            // The first is as good as any: whoever mends it sees the others too.
            BuildError::Preflight { problems } => problems
                .iter()
                .map(|one| self.cloud_class(&one.kind))
                .next()
                .unwrap_or(ExitClass::Preflight),
            BuildError::NoPlacement => ExitClass::Capacity,
            BuildError::Secrets(error) => error.exit_class(),
            BuildError::AgentSilent { .. }
            | BuildError::NotReady { .. }
            | BuildError::Unprepared { .. }
            | BuildError::BuilderEnded { .. }
            | BuildError::CommandTimedOut { .. }
            | BuildError::TracersNotPlanted { .. }
            | BuildError::SealNotStarted { .. }
            | BuildError::SealHung { .. } => ExitClass::Builder,
            BuildError::StepFailed { .. } | BuildError::StepTimedOut { .. } => ExitClass::Step,
            BuildError::NoVerdict(_) | BuildError::RootDisks { .. } => ExitClass::Unreadable,
            BuildError::Violations { .. } => ExitClass::Findings,
            BuildError::WaiversExpired { .. } => ExitClass::Recipe,
            BuildError::Write { source, .. }
            | BuildError::Journal(JournalError::Io { source, .. }) => io_class(source),
            BuildError::GivenUp { exit, .. } => match (*exit, left) {
                (ExitClass::Interrupted | ExitClass::InterruptedDirty, true) => {
                    ExitClass::InterruptedDirty
                }
                (ExitClass::InterruptedDirty, false) => ExitClass::Interrupted,
                (exit, _) => exit,
            },
            BuildError::Ended | BuildError::OldJournal | BuildError::UnknownProfile { .. } => {
                ExitClass::Refused
            }
            BuildError::CaptureFailed { .. }
            | BuildError::CaptureTimedOut { .. }
            | BuildError::ParameterRefused { .. }
            | BuildError::Crashed { .. }
            | BuildError::Manifest(_)
            | BuildError::Journal(_)
            | BuildError::Sink(_) => ExitClass::Internal,
        }
    }

    fn call_class(&self, error: &CallError) -> ExitClass {
        match error {
            CallError::Cloud(CloudError { kind, .. }) => self.cloud_class(kind),
            CallError::NoAnswer { .. } => self.phase_class(),
        }
    }

    fn cloud_class(&self, kind: &ErrorKind) -> ExitClass {
        match kind {
            ErrorKind::NoCapacity | ErrorKind::Quota => ExitClass::Capacity,
            ErrorKind::Throttled => ExitClass::Throttled,
            ErrorKind::Denied { .. } | ErrorKind::Credentials => ExitClass::Denied,
            ErrorKind::Prerequisite => ExitClass::Preflight,
            ErrorKind::Unfit => ExitClass::Recipe,
            ErrorKind::NotFound if self.phase <= Phase::Launch => ExitClass::NotFound,
            ErrorKind::Conflict => ExitClass::Conflict,
            _ => self.phase_class(),
        }
    }

    /// What a failure means that tells nothing by itself.
    fn phase_class(&self) -> ExitClass {
        match self.phase {
            Phase::Preflight => ExitClass::Preflight,
            Phase::Launch | Phase::Connect | Phase::Customize | Phase::Check | Phase::Seal => {
                ExitClass::Builder
            }
            Phase::Scrub | Phase::Inspect => ExitClass::Unreadable,
            _ => ExitClass::Internal,
        }
    }
}

/// Trouble with a local file is the machine's when the user can mend it.
fn io_class(error: &io::Error) -> ExitClass {
    use io::ErrorKind::{
        NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match error.kind() {
        StorageFull | QuotaExceeded | PermissionDenied | ReadOnlyFilesystem | NotFound
        | NotADirectory => ExitClass::Preflight,
        _ => ExitClass::Internal,
    }
}

/// The last lines of something's output, as the deepest cause of an error.
#[derive(Debug)]
pub struct Tail {
    what: &'static str,
    lines: Vec<String>,
}

impl Tail {
    /// The last lines of `text`; nothing when it holds none.
    pub(crate) fn of(what: &'static str, text: &str) -> Option<Self> {
        let mut lines = Lines::default();
        lines.push(text.as_bytes());
        lines.finish();
        Self::from_lines(what, &lines)
    }

    /// The lines that `lines` remembers; nothing when there are none.
    pub(crate) fn from_lines(what: &'static str, lines: &Lines) -> Option<Self> {
        let lines = lines.last();
        (!lines.is_empty()).then_some(Self { what, lines })
    }
}

impl fmt::Display for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the last lines of {}:", self.what)?;
        self.lines
            .iter()
            .try_for_each(|line| write!(f, "\n    {line}"))
    }
}

impl std::error::Error for Tail {}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs())
}

fn because(reason: Option<&str>) -> String {
    reason.map(|one| format!(": {one}")).unwrap_or_default()
}

fn listed(problems: &[CloudError]) -> String {
    let listed = problems.iter().map(ToString::to_string);
    listed.collect::<Vec<_>>().join("; ")
}

fn violated(findings: &[Finding]) -> String {
    let failing = findings.iter().filter(|one| one.fails());
    let mut rules: Vec<&str> = failing.map(|one| one.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules.join(", ")
}

fn expired(waivers: &[Waiver]) -> String {
    let told = waivers
        .iter()
        .map(|one| format!("{one} on {}", one.expires));
    told.collect::<Vec<_>>().join(", ")
}
