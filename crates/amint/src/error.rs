//! How an error is shown, and which exit code it is. The only place that decides either.

mod asking;
mod lock;

use std::error::Error;
use std::path::PathBuf;
use std::{io, iter};

use amint_cloud::CloudError;
use amint_engine::BuildError;
use amint_event::ExitClass;

pub(crate) use self::lock::LockFileError;
use crate::commands::explain;
use crate::commands::init::InitError;
use crate::output;
use crate::report::text::explain_rules;
use crate::secrets::SecretError;

/// Why a command did not do what was asked. Each message is one fact; the causes follow as sources.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The reader of stdout has seen enough.
    #[error("stdout was closed")]
    StdoutClosed,
    /// The result could not be printed.
    #[error("cannot write to stdout")]
    Stdout(#[source] io::Error),
    /// The result has no JSON form.
    #[error("cannot write the result as JSON")]
    Unprintable(#[source] serde_json::Error),
    /// `AMINT_LOG` is not a filter.
    #[error("cannot understand AMINT_LOG={directives}")]
    LogFilter {
        directives: String,
        source: tracing_subscriber::filter::ParseError,
    },
    /// Two values for one variable.
    #[error("--var sets {0} twice")]
    VariableTwice(String),
    /// Variables without a recipe that has some.
    #[error("--var and --var-file need --recipe")]
    VariablesOfNothing,
    /// A variable file could not be read.
    #[error("cannot read the variable file {}: {reason}", path.display())]
    ReadVariables { path: PathBuf, reason: String },
    /// A variable file is wrong; its diagnostics have been shown.
    #[error("the variable file {} cannot be used", .0.display())]
    Variables(PathBuf),
    /// A recipe's file could not be read.
    #[error(transparent)]
    ReadRecipe(#[from] amint_recipe::ReadError),
    /// A recipe is wrong; its diagnostics have been shown.
    #[error("{} cannot be used", path.display())]
    Recipe { path: PathBuf },
    /// A recipe has warnings, which count as errors; they have been shown.
    #[error("{} has warnings", path.display())]
    Warnings { path: PathBuf },
    /// Some of several recipes are wrong; their diagnostics have been shown.
    #[error("{wrong} of {all} recipes cannot be used")]
    Recipes { wrong: usize, all: usize },
    /// A recipe that is right cannot be planned.
    #[error("cannot plan {}", path.display())]
    Plan {
        path: PathBuf,
        source: amint_plan::PlanError,
    },
    /// No such hardening step.
    #[error("there is no hardening step named {0}")]
    UnknownStep(String),
    /// Nothing of that name can be explained.
    #[error("nothing that can be explained is named {0}")]
    UnknownTopic(String),
    /// Values for what has none.
    #[error("{0} is no recipe, so --var, --var-file and --on mean nothing to it")]
    NotARecipe(&'static str),
    /// A waiver of the recipe that holds no longer.
    #[error("the recipe has an expired waiver: {0} on {expires}", expires = .0.expires)]
    WaiverExpired(amint_harden::Waiver),
    /// A report cannot be written.
    #[error("cannot write the report {}", path.display())]
    ReportFile { path: PathBuf, source: io::Error },
    /// One report would replace another.
    #[error("two reports would be written to {}", .0.display())]
    ReportTwice(PathBuf),
    /// No such profile.
    #[error("there is no hardening profile named {0}")]
    UnknownProfile(String),
    /// A log's path that means nothing on a disk.
    #[error("--application-log {0} is not an absolute path")]
    RelativeLog(String),
    /// The disk cannot be opened.
    #[error(transparent)]
    OpenDisk(#[from] amint_inspect::raw::OpenError),
    /// The disk cannot be read to its end.
    #[error("cannot inspect {}", path.display())]
    Inspect {
        path: PathBuf,
        source: amint_harden::inspection::InspectionError,
    },
    /// A new recipe cannot be written.
    #[error(transparent)]
    Init(#[from] InitError),
    /// How recipes differ cannot be told, or is a failure.
    #[error(transparent)]
    Review(#[from] crate::review::ReviewError),
    /// There is already an image.
    #[error("{} already holds an image", folder.display())]
    OutputTaken { folder: PathBuf },
    /// Two builds would write into one folder.
    #[error("two of the recipes would be built into {}", folder.display())]
    OutputTwice { folder: PathBuf },
    /// This program was built without AWS.
    #[cfg(not(feature = "aws"))]
    #[error("this amint was built without AWS")]
    WithoutAws,
    /// `AMINT_PACE` is no number.
    #[cfg(feature = "aws")]
    #[error("cannot understand AMINT_PACE={}", .0.display())]
    Pace(std::ffi::OsString),
    /// The recipe is not for AWS.
    #[cfg(feature = "aws")]
    #[error("{} has no build on AWS", path.display())]
    NotForAws { path: PathBuf },
    /// The cells of the recipe's matrix have builders with different rights.
    #[cfg(feature = "aws")]
    #[error("the images of {} need different builder policies", path.display())]
    PoliciesDiffer { path: PathBuf },
    /// The image could not be written there.
    #[error("cannot write to the output folder {}", folder.display())]
    OutputFolder { folder: PathBuf, source: io::Error },
    /// Nowhere to keep base images.
    #[error("there is no folder to keep base images in")]
    NoCacheFolder,
    /// Nowhere to put sockets.
    #[error("cannot use {} for the builder's sockets", folder.display())]
    RuntimeFolder { folder: PathBuf, source: io::Error },
    /// The working folder went away.
    #[error("cannot tell the working folder")]
    NoWorkingFolder(#[source] io::Error),
    /// The system did not give what every program may ask for.
    #[error("cannot {0}")]
    System(&'static str, #[source] io::Error),
    /// `AMINT_SECRETS` names what cannot be kept.
    #[error("AMINT_SECRETS names {0}, which is not set or shorter than {shortest} bytes", shortest = amint_engine::SHORTEST)]
    Secret(String),
    /// Whoever goes on with a build must keep its secrets.
    #[error("the build was begun with {0} among AMINT_SECRETS")]
    SecretMissing(String),
    /// A secret is in a plan.
    #[error("a step or a setting of {recipe} holds the value of {name}")]
    SecretInPlan { recipe: String, name: String },
    /// A plan's secret cannot be had.
    #[error(transparent)]
    PlanSecret(#[from] SecretError),
    /// The folders of builds cannot be read.
    #[error("cannot read .amint/builds")]
    Builds(#[source] io::Error),
    /// No build with that id was begun here.
    #[error("there is no build {0} in this folder")]
    UnknownBuild(String),
    /// Several builds' ids begin so.
    #[error("several builds begin with {0}")]
    AmbiguousBuild(String),
    /// A build cannot be gone on with.
    #[error("the build {build} cannot be gone on with")]
    Resume {
        build: String,
        source: amint_engine::JournalError,
    },
    /// Nobody wrote down how it was asked for.
    #[error("how the build {build} was asked for is not known")]
    NoRequest { build: String, source: io::Error },
    /// There is nothing to go on with.
    #[error("the build {0} has ended")]
    Ended(String),
    /// Nothing says what to clean up.
    #[error("nothing says what to clean up")]
    NothingToClean,
    /// Nothing says where.
    #[error("nothing says where to clean up")]
    NowhereToClean,
    /// What is to be cleaned up is at work.
    #[error("the build {0} is at work")]
    AtWork(String),
    /// A lock file is of no use.
    #[error(transparent)]
    LockFile(#[from] LockFileError),
    /// A question before there is a build had no answer.
    #[error(transparent)]
    Ask(#[from] amint_engine::AskError),
    /// What is there cannot be found out.
    #[error("cannot clean up")]
    Sweep(#[from] amint_engine::cleanup::SweepError),
    /// The folder of a build cannot be written to.
    #[error("cannot write to {}", folder.display())]
    BuildFolder { folder: PathBuf, source: io::Error },
    /// The build's journal cannot be started.
    #[error("cannot start the journal in {}", folder.display())]
    Journal {
        folder: PathBuf,
        source: amint_engine::JournalError,
    },
}

impl CommandError {
    /// An error of stdout itself.
    pub(crate) fn stdout(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => CommandError::StdoutClosed,
            _ => CommandError::Stdout(error),
        }
    }

    /// The exit code's class.
    fn class(&self) -> ExitClass {
        use CommandError as E;
        match self {
            E::StdoutClosed => ExitClass::Success,
            E::Unprintable(_) => ExitClass::Internal,
            E::LogFilter { .. }
            | E::VariableTwice(_)
            | E::VariablesOfNothing
            | E::UnknownStep(_)
            | E::UnknownTopic(_)
            | E::NotARecipe(_)
            | E::ReportTwice(_)
            | E::UnknownProfile(_)
            | E::RelativeLog(_)
            | E::OutputTwice { .. } => ExitClass::Usage,
            #[cfg(feature = "aws")]
            E::Pace(_) => ExitClass::Usage,
            #[cfg(feature = "aws")]
            E::NotForAws { .. } | E::PoliciesDiffer { .. } => ExitClass::Recipe,
            #[cfg(not(feature = "aws"))]
            E::WithoutAws => ExitClass::Preflight,
            E::ReadRecipe(_)
            | E::ReadVariables { .. }
            | E::Variables(_)
            | E::Recipe { .. }
            | E::Warnings { .. }
            | E::Recipes { .. }
            | E::Plan { .. }
            | E::WaiverExpired(_)
            | E::SecretInPlan { .. } => ExitClass::Recipe,
            E::Secret(_)
            | E::SecretMissing(_)
            | E::NothingToClean
            | E::NowhereToClean
            | E::AmbiguousBuild(_) => ExitClass::Usage,
            E::UnknownBuild(_) => ExitClass::NotFound,
            E::AtWork(_)
            | E::Resume {
                source: amint_engine::JournalError::InUse { .. },
                ..
            } => ExitClass::Conflict,
            E::Resume { .. } | E::NoRequest { .. } | E::Ended(_) => ExitClass::Refused,
            E::LockFile(error) => error.class(),
            E::Ask(error) => asking::class(error),
            E::Review(error) => error.class(),
            E::Sweep(error) => sweep_class(error),
            E::PlanSecret(error) => error.class(),
            E::OpenDisk(_) | E::Inspect { .. } => ExitClass::Unreadable,
            E::Stdout(_)
            | E::Init(_)
            | E::OutputTaken { .. }
            | E::OutputFolder { .. }
            | E::ReportFile { .. }
            | E::NoCacheFolder
            | E::RuntimeFolder { .. }
            | E::NoWorkingFolder(_)
            | E::System(..)
            | E::Builds(_)
            | E::BuildFolder { .. }
            | E::Journal { .. } => ExitClass::Preflight,
        }
    }

    /// The way out, where there is one.
    fn hint(&self) -> Option<String> {
        use CommandError as E;
        let hint = match self {
            E::LogFilter { .. } => "use a level or a list, such as AMINT_LOG=amint_local=debug",
            E::VariableTwice(_) => "give each variable once",
            E::VariablesOfNothing => "name the recipe whose variables they are",
            E::ReadRecipe(error) => error.hint(),
            E::ReadVariables { .. } => "give a file of `name: value` lines",
            E::PlanSecret(error) => return error.hint(),
            E::Review(error) => return error.hint(),
            E::Plan { source, .. } => return source.hint(),
            E::Warnings { .. } => {
                "mend them, or silence those that are meant with `allow`, each with a reason"
            }
            E::Recipe { .. } | E::Recipes { .. } | E::Variables(_) => "mend what is reported above",
            E::UnknownStep(name) => return Some(similar_step(name)),
            E::UnknownTopic(id) => {
                return Some(explain::similar(id).map_or_else(
                    || "`amint explain --list` lists them".to_owned(),
                    |id| format!("did you mean {id}?"),
                ));
            }
            E::WaiverExpired(_) => {
                "mend what it accepts and remove it, or decide anew and set a later `expires`"
            }
            E::ReportFile { .. } => {
                "name a file that this user can write, in a folder that is there"
            }
            E::ReportTwice(_) => "give each report a path of its own",
            E::UnknownProfile(_) => {
                let names: Vec<_> = amint_harden::profiles().iter().map(|p| p.name).collect();
                return Some(format!("there is: {}", names.join(", ")));
            }
            E::RelativeLog(_) => "give the path as it is on the disk, such as /opt/demo/logs",
            E::OutputTwice { .. } => "give them different names or versions",
            #[cfg(not(feature = "aws"))]
            E::WithoutAws => "pass --on local, or build it with the feature `aws`",
            #[cfg(feature = "aws")]
            E::Pace(_) => "use a number from 0.001 to 100, such as AMINT_PACE=0.05",
            #[cfg(feature = "aws")]
            E::NotForAws { .. } => "give it a base image on AWS (`base.aws`)",
            #[cfg(feature = "aws")]
            E::PoliciesDiffer { .. } => {
                "choose one image with `--var`, an axis of the matrix and its value"
            }
            E::Init(error) => error.hint(),
            E::OutputTaken { .. } => "pass --force to replace it, or --output another folder",
            E::OutputFolder { .. } => "name a folder that this user can write to with --output",
            E::NoCacheFolder => "set HOME or XDG_CACHE_HOME to an absolute path",
            E::RuntimeFolder { .. } => {
                "set XDG_RUNTIME_DIR to a short path of a folder that belongs to this user alone"
            }
            E::SecretMissing(_) => "set it and name it again, so that it is masked",
            E::Secret(_) => "set it, or take it out of the list",
            E::SecretInPlan { .. } => {
                "what is in a plan is in logs and journals: let the builder fetch it, or upload it in a file"
            }
            E::UnknownBuild(_) | E::AmbiguousBuild(_) => "`amint builds` lists them",
            E::Resume {
                source: amint_engine::JournalError::InUse { .. },
                ..
            }
            | E::AtWork(_) => "wait for it, or interrupt it",
            E::Resume { .. } | E::NoRequest { .. } => "`amint cleanup` releases what it holds",
            E::Ended(_) => "`amint builds` tells how; begin another one with `amint build`",
            E::NothingToClean => "name builds, or give --expired or --older-than",
            E::NowhereToClean => "give --on aws or --on local: the builds' journals are not here",
            E::LockFile(error) => error.hint(),
            E::Ask(error) => return error.hint().map(str::to_owned),
            E::Sweep(error) => return error.hint().map(str::to_owned),
            E::BuildFolder { .. } | E::Journal { .. } => {
                "run amint in a folder that it can write to"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

fn sweep_class(error: &amint_engine::cleanup::SweepError) -> ExitClass {
    use amint_engine::cleanup::SweepError;
    match error {
        SweepError::Interrupted => ExitClass::Interrupted,
        SweepError::List(error) => asking::call_class(error),
    }
}

/// Shows the error with its causes and the way out on stderr; returns its class.
pub(crate) fn report(error: &CommandError) -> ExitClass {
    if !matches!(error, CommandError::StdoutClosed) {
        output::note(&chain(error, error.hint().as_deref()));
    }
    error.class()
}

/// Shows why a build failed, after its `label`; the engine has decided on the exit code.
pub(crate) fn report_build(label: &str, error: &BuildError) {
    let chain = match error {
        BuildError::Preflight { problems } => problems_of(problems),
        error => chain(error, error.hint().as_deref()),
    };
    if let Some(inspection) = error.inspection() {
        let failing = inspection.findings.iter().filter(|one| one.fails());
        output::note(&format!("\n{}\n", explain_rules(failing)));
    }
    output::note(&format!("{label}{chain}"));
}

/// Each problem with its own way out.
fn problems_of(problems: &[CloudError]) -> String {
    let mut text = format!(
        "error: {} things are in the way of the build\n",
        problems.len()
    );
    for problem in problems {
        text.push_str(&format!("- {}\n", one_line(problem)));
        if let Some(hint) = &problem.hint {
            text.push_str(&format!("  hint: {hint}\n"));
        }
    }
    text
}

/// `error: …`, one `caused by: …` for each source, `hint: …`.
fn chain(error: &dyn Error, hint: Option<&str>) -> String {
    let mut text = format!("error: {error}\n");
    for cause in causes(error) {
        text.push_str(&format!("caused by: {cause}\n"));
    }
    if let Some(hint) = hint {
        text.push_str(&format!("hint: {hint}\n"));
    }
    text
}

/// The error and its causes on one line, for a JSON document.
pub(crate) fn one_line(error: &dyn Error) -> String {
    let facts: Vec<String> = iter::once(error.to_string()).chain(causes(error)).collect();
    facts.join(": ").replace('\n', " ")
}

/// What the causes say; some errors of other libraries repeat the one below them.
fn causes(error: &dyn Error) -> Vec<String> {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    let mut facts: Vec<String> = causes.map(ToString::to_string).collect();
    facts.dedup();
    facts
}

fn similar_step(name: &str) -> String {
    let steps = amint_harden::steps().iter().map(|step| step.id);
    steps
        .chain(amint_harden::checks().iter().map(|check| check.id))
        .map(|id| (strsim::jaro_winkler(name, id), id))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map_or_else(
            || "`amint steps` lists them".to_owned(),
            |(_, id)| format!("did you mean {id}?"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_names_each_cause_once() {
        let error = CommandError::RuntimeFolder {
            folder: "/run/user/0/amint".into(),
            source: io::Error::other("it is not a folder of this user's own with mode 0700"),
        };
        insta::assert_snapshot!(chain(&error, error.hint().as_deref()), @r"
        error: cannot use /run/user/0/amint for the builder's sockets
        caused by: it is not a folder of this user's own with mode 0700
        hint: set XDG_RUNTIME_DIR to a short path of a folder that belongs to this user alone
        ");
    }

    #[test]
    fn a_cause_that_repeats_the_one_above_is_left_out() {
        let directives = "amint=loud".to_owned();
        let source = tracing_subscriber::EnvFilter::try_new(&directives).unwrap_err();
        let error = CommandError::LogFilter { directives, source };
        assert_eq!(chain(&error, None).lines().count(), 2, "{error:?}");
        assert!(one_line(&error).starts_with("cannot understand AMINT_LOG=amint=loud: error "));
    }

    #[test]
    fn a_closed_stdout_is_success() {
        let error = CommandError::stdout(io::ErrorKind::BrokenPipe.into());
        assert_eq!(error.class(), ExitClass::Success);
        let error = CommandError::stdout(io::ErrorKind::StorageFull.into());
        assert_eq!(error.class(), ExitClass::Preflight);
    }

    #[test]
    fn a_misspelt_step_is_recognised() {
        assert_eq!(
            similar_step("lock-root-pasword"),
            "did you mean lock-root-password?"
        );
        assert_eq!(similar_step("zzz"), "`amint steps` lists them");
    }
}
