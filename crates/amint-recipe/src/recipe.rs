//! What a recipe says, checked. Strings that may differ from build to build are still templates.

mod aws;
mod publish;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::Diagnostics;
use crate::source::Source;
use crate::sources::Sources;
use crate::span::Span;
use crate::template::{RenderError, Renderer, Text};

pub use aws::*;
pub use publish::*;

/// A checked recipe.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The texts that it was read from.
    pub sources: Arc<Sources>,
    /// `name:`, a word of small letters, digits and hyphens.
    pub name: String,
    /// `version:`, usable in a file's name.
    pub version: String,
    /// `description:`.
    pub description: Option<String>,
    /// The cell of the recipe's matrix: a value for each axis; empty without a matrix.
    pub matrix: BTreeMap<String, String>,
    /// Every variable's value, given or its default, without the secret ones.
    pub variables: BTreeMap<String, String>,
    /// The secret variables, by name.
    pub secrets: Vec<Secret>,
    /// The files beside the recipe that were read for it, in any cell: included ones, scripts, contents, those whose digest
    /// it names. SHA-256 (hex) by the path from the recipe's folder.
    pub files: BTreeMap<String, String>,
    /// What builders start from.
    pub base: Base,
    /// The builder.
    pub builder: Builder,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The seal.
    pub seal: Seal,
    /// The image.
    pub image: Image,
    /// Findings that are accepted.
    pub waivers: Vec<Waiver>,
    /// Lints that are silenced.
    pub allow: Vec<Allow>,
    /// What is likely not meant, though it can be used.
    pub warnings: Diagnostics,
}

impl Recipe {
    /// The recipe's own text.
    pub fn source(&self) -> &Source {
        self.sources.recipe()
    }

    /// A renderer of this recipe's texts for the build `build_id`.
    ///
    /// # Errors
    /// When the id is no word of 1 to 64 letters, digits and hyphens.
    pub fn renderer(&self, build_id: &str) -> Result<Renderer, RenderError> {
        Renderer::new(build_id)
    }
}

/// What a cell of a matrix is called in names of files and images: its values, in the order of the axes' names. Differs from
/// cell to cell of a recipe, and takes at most 100 characters, all of them letters, digits and `.+_-`.
pub fn cell_label(cell: &BTreeMap<String, String>) -> String {
    let values: Vec<&str> = cell.values().map(String::as_str).collect();
    values.join("-")
}

/// A variable whose value nobody may read in what is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Secret {
    /// Its name, a word of small letters, digits, `-` and `_`.
    pub name: String,
    /// Where its value is read from.
    pub source: SecretSource,
}

/// Where a secret's value is read from when a build begins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SecretSource {
    /// The environment variable of that name.
    Environment(String),
    /// The SSM parameter of that name.
    Parameter(String),
    /// A secret of Secrets Manager.
    SecretsManager {
        /// Its name or ARN.
        id: String,
        /// The key of the JSON object that it holds; the whole text when absent.
        key: Option<String>,
    },
}

/// What builders start from; at least one of the two is given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Base {
    /// On this machine.
    pub local: Option<LocalBase>,
    /// On AWS.
    pub aws: Option<AwsBase>,
}

/// A base image on this machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LocalBase {
    /// A Debian release, by its code name.
    Debian(String),
    /// A disk image.
    Image {
        /// Absolute path.
        path: PathBuf,
        /// SHA-256 of the file, 64 small hexadecimal digits.
        sha256: String,
    },
}

/// A base image on AWS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AwsBase {
    /// The image id that a public SSM parameter holds.
    SsmParameter(String),
    /// The image with this id.
    Id(String),
    /// The newest image of this owner whose name matches.
    Newest {
        /// Account id or alias.
        owner: String,
        /// A name, with `*` for any text.
        name: String,
    },
}

/// The builder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Builder {
    /// Virtual CPUs of a local machine.
    pub vcpus: u32,
    /// Memory of a local machine, MiB.
    pub memory_mib: u32,
    /// Whether it reaches a network.
    pub network: bool,
    /// After this time the builder ends itself.
    pub timeout: Duration,
    /// What only concerns a builder on AWS.
    pub aws: AwsBuilder,
}

/// One step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// Unique in the recipe: given, or the kind and the position (`shell-3`).
    pub name: String,
    /// When it counts as hung; `None`: the default.
    pub timeout: Option<Duration>,
    /// What it does.
    pub action: Action,
    /// Where it stands in the recipe.
    pub span: Span,
}

/// What a step does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Runs a shell script as root.
    Shell(Script),
    /// Puts a file in place.
    File(FileAction),
    /// Brings all packages up to date.
    UpgradePackages,
    /// Installs packages.
    InstallPackages(Vec<String>),
    /// Restarts the builder.
    Reboot,
    /// Has a secret made when an instance first boots.
    FirstBootSecret {
        /// The secret's name, also the step's.
        name: String,
        /// What is given the secret on its standard input: an absolute path, then plain words.
        command: Text,
        /// Characters of the secret.
        length: u32,
    },
}

impl Action {
    /// The recipe's word for it.
    pub fn kind(&self) -> &'static str {
        match self {
            Action::Shell(_) => "shell",
            Action::File(_) => "file",
            Action::UpgradePackages => "upgrade-packages",
            Action::InstallPackages(_) => "install-packages",
            Action::Reboot => "reboot",
            Action::FirstBootSecret { .. } => "first-boot-secret",
        }
    }
}

/// A shell script.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Script {
    /// `run:`, with shell-quoted interpolations.
    Inline(Text),
    /// `script:`, run as it is.
    File {
        /// The path, relative to the recipe.
        path: String,
        /// The whole script.
        text: String,
    },
}

/// A file to put in place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileAction {
    /// What it holds.
    pub content: Content,
    /// Absolute path on the builder.
    pub to: Text,
    /// Owner's name; root when absent.
    pub owner: Option<String>,
    /// Group's name; the owner's when absent.
    pub group: Option<String>,
    /// Permission bits.
    pub mode: u32,
}

/// What a file holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Content {
    /// `content:`.
    Inline(Text),
    /// `from:`, byte for byte.
    File {
        /// The path, relative to the recipe.
        path: String,
        /// The bytes, once however often the recipe names the file.
        bytes: Arc<[u8]>,
    },
}

/// The seal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seal {
    /// The names of the profiles, each once; at least one.
    pub profiles: Vec<String>,
    /// Which profile counts where two disagree, by topic.
    pub choices: BTreeMap<String, String>,
    /// Absolute paths of files and folders that the product logs to.
    pub application_logs: Vec<String>,
    /// Where its key stands in the recipe; absent when the recipe leaves it out.
    pub span: Option<Span>,
}

/// The image.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Image {
    /// Its name.
    pub name: Text,
    /// One line about it.
    pub description: Text,
    /// Tags.
    pub tags: BTreeMap<String, Text>,
    /// How it is published, on AWS.
    pub publish: Publish,
}

/// Findings that are accepted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Waiver {
    /// The rule's id.
    pub rule: String,
    /// Only at paths that match this; everywhere when absent.
    pub path: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day (UTC) that it holds, `YYYY-MM-DD`.
    pub expires: String,
    /// Where it stands in the recipe.
    pub span: Span,
}

/// A lint that the recipe silences.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Allow {
    /// The lint's code, such as `AM0113`.
    pub lint: String,
    /// Only in the step of this name; everywhere when absent.
    pub step: Option<String>,
    /// Why it is meant.
    pub reason: String,
    /// Where it stands in the recipe.
    pub span: Span,
}
