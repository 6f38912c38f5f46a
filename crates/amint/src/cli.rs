//! The arguments and the help.

mod diff;
mod explain;
mod init;
mod lock;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use amint_event::ExitClass;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::diff::{Diff, DiffFormat, DiffTarget};
pub(crate) use self::explain::{Explain, ExplainFormat};
pub(crate) use self::init::{Init, InitBase, recipe_name};
pub(crate) use self::lock::Lock;
use crate::report::files::ReportFile;

/// Mints sealed machine images from a recipe and proves that they are clean
#[derive(Debug, Parser)]
#[command(name = "amint", version, propagate_version = true, after_help = exit_codes())]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Log more to stderr: -v for what happens, -vv for details, -vvv for everything
    ///
    /// The environment variable AMINT_LOG sets it more finely, such as AMINT_LOG=amint_local=debug.
    #[arg(short, long, global = true, action = ArgAction::Count, display_order = 900)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(Init),
    Validate(Validate),
    Plan(Plan),
    Lock(Lock),
    Diff(Diff),
    Build(Build),
    Resume(Resume),
    Cleanup(Cleanup),
    Builds(Builds),
    #[cfg(feature = "aws")]
    Iam(Iam),
    Inspect(Inspect),
    Steps(Steps),
    Explain(Explain),
    Schema(Schema),
}

/// Check recipes and report every problem at once
#[derive(Args, Debug)]
pub(crate) struct Validate {
    /// The recipes
    #[arg(required = true, value_name = "RECIPE")]
    pub(crate) recipes: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) variables: Variables,

    /// Count warnings as errors
    #[arg(long)]
    pub(crate) deny_warnings: bool,

    /// How to print the result; `json` is one line a recipe
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: DocumentFormat,
}

/// Show what a build would do, in order, without doing it
#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// The recipe
    pub(crate) recipe: PathBuf,

    /// Where the build would run [default: aws if the recipe has a base image there, else local]
    #[arg(long, value_enum, value_name = "CLOUD")]
    pub(crate) on: Option<CloudName>,

    #[command(flatten)]
    pub(crate) variables: Variables,

    /// Ask no cloud which image the base image is
    #[arg(long)]
    pub(crate) offline: bool,

    /// Show the scripts that will run, too; in JSON they always are
    #[arg(long)]
    pub(crate) scripts: bool,

    /// How to print the plan
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: PlanFormat,
}

/// Mint images: customise a real machine, seal it, inspect its disk, publish the image
///
/// Prints where each image and its manifest are. A build that fails leaves no image behind.
/// The first interrupt (Ctrl-C) stops all builds and gives back what they acquired, the second abandons it.
/// The exit code of several builds is that of the first, in the order given, that did not succeed.
#[derive(Args, Debug)]
pub(crate) struct Build {
    /// The recipes
    #[arg(required = true, value_name = "RECIPE")]
    pub(crate) recipes: Vec<PathBuf>,

    /// Where the builder runs [default: aws if the recipe has a base image there, else local]
    #[arg(long, value_enum, value_name = "CLOUD")]
    pub(crate) on: Option<CloudName>,

    /// How many builds are in flight at the same time
    #[arg(long, value_name = "N", default_value_t = NonZeroUsize::MIN)]
    pub(crate) jobs: NonZeroUsize,

    #[command(flatten)]
    pub(crate) variables: Variables,

    /// The folder for manifest.json and, of a local build, image.raw; with several images, the folder that theirs are
    /// in [default: out/NAME-VERSION, with a matrix out/NAME-VERSION-CELL]
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,

    /// Replace what is already in the output folder
    #[arg(long)]
    pub(crate) force: bool,

    /// Refuse to build unless the recipe's lock file is there and holds
    #[arg(long)]
    pub(crate) locked: bool,

    /// Build nothing when there is a published image already that is as good: of an equal plan, from the same base image
    #[arg(long)]
    pub(crate) skip_if_current: bool,

    /// What to do with the builder when the build fails
    #[arg(long, value_enum, default_value_t, value_name = "ACTION")]
    pub(crate) on_error: OnError,

    /// Boot a local builder from power-off instead of continuing a saved machine
    #[arg(long)]
    pub(crate) cold: bool,

    #[command(flatten)]
    pub(crate) reports: Reports,

    /// How to show progress; `json` prints each event as a line on stdout
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: BuildFormat,
}

/// Go on with a build whose process is no more
///
/// What it was about to make is looked for, finished phases and steps are not run again, and nothing is launched or
/// captured twice. A build that can't be gone on with is given back; one that only can't be gone on with now, or by this
/// version, is left as it is.
#[derive(Args, Debug)]
pub(crate) struct Resume {
    /// The build's id, or how it begins
    pub(crate) build: String,

    #[command(flatten)]
    pub(crate) reports: Reports,

    /// How to show progress; `json` prints each event as a line on stdout
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: BuildFormat,
}

/// Release what is left of builds whose process is no more
///
/// Shows what it would release; --yes does it. Finds what is amint's by tags and paths, whether or not a journal is
/// there, on AWS in every region of the account. Never touches what bears no tag of amint's, or an image that passed its
/// inspection.
#[derive(Args, Debug)]
pub(crate) struct Cleanup {
    /// Builds that were begun in this folder, by id or how it begins; with --on, any build by its whole id
    #[arg(value_name = "BUILD")]
    pub(crate) builds: Vec<String>,

    /// Everything whose time is over, of any build
    #[arg(long, conflicts_with_all = ["builds", "older_than"])]
    pub(crate) expired: bool,

    /// Everything that was made longer ago than this, such as 6h or 2d, of any build
    #[arg(long, value_name = "AGE", value_parser = age, conflicts_with = "builds")]
    pub(crate) older_than: Option<jiff::SignedDuration>,

    /// Where [default: where the builds in this folder ran]
    #[arg(long, value_enum, value_name = "CLOUD")]
    pub(crate) on: Option<CloudName>,

    /// The region to ask first, on AWS; the others of the account follow
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub(crate) region: String,

    /// Release it
    #[arg(long)]
    pub(crate) yes: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: DocumentFormat,
}

/// List the builds of this folder: where each stands, what it holds, what it has cost
#[derive(Args, Debug)]
pub(crate) struct Builds {
    /// How to print them
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: DocumentFormat,
}

/// Print the IAM policies that the recipe's build on AWS needs
///
/// One for who runs amint, one for the builder, and the commands that make the builder's instance profile. Needs neither
/// credentials nor a network.
#[cfg(feature = "aws")]
#[derive(Args, Debug)]
pub(crate) struct Iam {
    /// The recipe
    #[arg(required_unless_present = "cleanup", conflicts_with = "cleanup")]
    pub(crate) recipe: Option<PathBuf>,

    /// Print the policy for who runs `amint cleanup` instead, whatever the recipes
    #[arg(long)]
    pub(crate) cleanup: bool,

    /// With --cleanup: any region of the partition that it is for
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub(crate) region: String,

    #[command(flatten)]
    pub(crate) variables: Variables,
}

/// Inspect a disk's own bytes against the hardening profile
///
/// With a recipe, the profile, the application logs and the waivers are the recipe's.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    /// A disk image (raw, or qcow2 where qemu-img is installed) or a block device
    pub(crate) disk: PathBuf,

    /// The recipe that the disk was made from; code scanning shows findings at its `seal`
    #[arg(long, value_name = "RECIPE")]
    pub(crate) recipe: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) variables: Variables,

    /// A file or folder that the product logs to and that must be empty; may be repeated
    #[arg(long = "application-log", value_name = "PATH")]
    pub(crate) application_logs: Vec<String>,

    /// The hardening profile to inspect against [default: the recipe's, or marketplace-linux]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Compute the disk's digest too
    #[arg(long)]
    pub(crate) digest: bool,

    #[command(flatten)]
    pub(crate) reports: Reports,

    /// How to print the result
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: InspectFormat,
}

/// Explain the hardening steps and checks: why, which rules, which script
#[derive(Args, Debug)]
pub(crate) struct Steps {
    /// One step or check; without it, all are listed
    pub(crate) name: Option<String>,

    /// Where profiles disagree, and what choosing one of them means
    #[arg(long, conflicts_with = "name")]
    pub(crate) conflicts: bool,

    /// How to print it
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: DocumentFormat,
}

/// Print the JSON Schema of a document
#[derive(Args, Debug)]
pub(crate) struct Schema {
    /// Which document
    #[arg(value_enum)]
    pub(crate) document: Document,
}

/// Values for a recipe's variables.
#[derive(Args, Debug)]
pub(crate) struct Variables {
    /// Set a variable of the recipe; may be repeated
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = assignment)]
    pub(crate) assignments: Vec<(String, String)>,

    /// Read variables from a YAML or JSON file, a later one over an earlier one; may be repeated
    ///
    /// --var goes over files, and files over environment variables such as AMINT_VAR_CHANNEL.
    #[arg(long = "var-file", value_name = "PATH")]
    pub(crate) value_files: Vec<PathBuf>,
}

impl Variables {
    /// Whether the command line gives none.
    pub(crate) fn is_empty(&self) -> bool {
        self.assignments.is_empty() && self.value_files.is_empty()
    }
}

/// Where results go beside what is printed.
#[derive(Args, Debug)]
pub(crate) struct Reports {
    /// Write a report of the inspection too: sarif for code scanning, junit for test reports; may be repeated
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = ReportFile::parse)]
    pub(crate) files: Vec<ReportFile>,
}

/// How a finished document is printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum DocumentFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// How a plan is printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For a pull request or a wiki
    Markdown,
}

/// How the result of an inspection is printed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum InspectFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// SARIF, for code scanning
    Sarif,
    /// JUnit's XML, for test reports
    Junit,
}

/// How a build shows its progress.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum BuildFormat {
    /// A live display on a terminal, plain lines elsewhere
    #[default]
    Auto,
    /// Lines
    Plain,
    /// JSON lines on stdout
    Json,
}

/// Where a builder can run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum CloudName {
    /// EC2, in the account that the environment has credentials for
    Aws,
    /// A QEMU machine on this computer
    Local,
}

impl From<CloudName> for amint_plan::Target {
    fn from(name: CloudName) -> Self {
        match name {
            CloudName::Aws => Self::Aws,
            CloudName::Local => Self::Local,
        }
    }
}

/// What happens to the builder of a failed build.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum OnError {
    /// Release it
    #[default]
    Cleanup,
    /// Leave it running for a look, until it ends itself
    Keep,
}

/// Documents that have a schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Document {
    /// The recipe
    Recipe,
    /// A file of steps that recipes include
    Steps,
    /// The ingestion manifest
    Manifest,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn age(text: &str) -> Result<jiff::SignedDuration, String> {
    let hours = |days: &str| days.parse::<u32>().ok().map(|days| i64::from(days) * 24);
    // A day is not always 24 hours on a calendar; here it is.
    let age = match text.strip_suffix('d').and_then(hours) {
        Some(hours) => Some(jiff::SignedDuration::from_hours(hours)),
        None => text.parse().ok(),
    };
    age.filter(|age| age.is_positive())
        .ok_or_else(|| "expected a duration, such as 90m, 6h or 2d".to_owned())
}

fn exit_codes() -> String {
    let table: Vec<String> = ExitClass::ALL
        .iter()
        .map(|class| format!("  {:>3}  {}", class.code(), class.meaning()))
        .collect();
    format!("Exit codes:\n{}", table.join("\n"))
}
