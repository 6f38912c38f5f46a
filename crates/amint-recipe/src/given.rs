//! Values that variables are given from outside the recipe.
//!
//! The first that has one counts: `--var`, then the variable files (the last one first), then the environment.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::code::Code;
use crate::diagnostic::{Diagnostics, Problem, locate};
use crate::source::Source;
use crate::sources::Sources;
use crate::span::FileId;
use crate::yaml::node::{Node, Value};
use crate::yaml::read::read;

/// What the names of environment variables begin with that set a variable.
pub const ENVIRONMENT_PREFIX: &str = "AMINT_VAR_";

/// Values that variables are given from outside the recipe. Has no `Debug`: the environment may hold secrets.
#[derive(Clone, Default)]
pub struct Given {
    arguments: BTreeMap<String, String>,
    /// Later ones override earlier ones.
    files: Vec<BTreeMap<String, Placed>>,
    /// By the whole name.
    environment: BTreeMap<String, String>,
}

/// A value of a file.
#[derive(Clone)]
struct Placed {
    value: String,
    /// `file:line:column` of the name.
    place: String,
}

/// Where a value comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// `--var`.
    Argument,
    /// A variable file: `file:line:column`.
    File(String),
    /// The environment variable of that name.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Argument => f.write_str("`--var`"),
            Origin::File(place) => f.write_str(place),
            Origin::Environment(name) => write!(f, "`{name}`"),
        }
    }
}

/// The values of `--var`, by name.
impl FromIterator<(String, String)> for Given {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(arguments: I) -> Given {
        Given {
            arguments: arguments.into_iter().collect(),
            ..Given::default()
        }
    }
}

impl Given {
    /// Adds what a variable file says, over what the files before it say: a YAML (or JSON) mapping of variables to single
    /// values.
    ///
    /// # Errors
    /// When it is something else; the diagnostics are about that file.
    pub fn add_file(&mut self, source: &Source) -> Result<(), Diagnostics> {
        let mut problems = Vec::new();
        let mut values = BTreeMap::new();
        let sources = Arc::new(Sources::new(source.clone()));
        if let Some(root) = read(&sources, FileId::default(), &mut problems) {
            values = file(&sources, &root, &mut problems);
        }
        if problems.is_empty() {
            self.files.push(values);
            return Ok(());
        }
        Err(locate(problems, sources))
    }

    /// Adds the variables of the environment that set variables: `AMINT_VAR_API_TOKEN` sets `api-token`.
    pub fn add_environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        let variables = variables.into_iter();
        self.environment
            .extend(variables.filter(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX)));
    }

    /// What `--var` gives.
    pub fn arguments(&self) -> &BTreeMap<String, String> {
        &self.arguments
    }

    /// What `--var` and the files give: the values that somebody wrote down for this run.
    pub fn written_values(&self) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        for file in &self.files {
            let placed = file.iter();
            values.extend(placed.map(|(name, placed)| (name.clone(), placed.value.clone())));
        }
        values.extend(self.arguments.clone());
        values
    }

    /// The value of a variable and where it comes from.
    pub(crate) fn value(&self, name: &str) -> Option<(&str, Origin)> {
        if let Some(written) = self.written(name) {
            return Some(written);
        }
        let environment = environment_name(name);
        let value = self.environment.get(&environment)?;
        Some((value, Origin::Environment(environment)))
    }

    /// The value that somebody wrote down for this run: where everybody can read it.
    pub(crate) fn written(&self, name: &str) -> Option<(&str, Origin)> {
        if let Some(value) = self.arguments.get(name) {
            return Some((value, Origin::Argument));
        }
        let placed = self.files.iter().rev().find_map(|file| file.get(name))?;
        Some((&placed.value, Origin::File(placed.place.clone())))
    }

    /// Every name that `--var` or a file gives a value.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, Origin)> {
        let arguments = self.arguments.keys();
        let arguments = arguments.map(|name| (name.as_str(), Origin::Argument));
        let files = self.files.iter().flatten();
        let files = files.map(|(name, placed)| (name.as_str(), Origin::File(placed.place.clone())));
        arguments.chain(files)
    }

    /// The names of the environment variables that set a variable, of this recipe or another one.
    pub(crate) fn environment(&self) -> impl Iterator<Item = &str> {
        self.environment.keys().map(String::as_str)
    }
}

/// The environment variable that sets a variable.
pub fn environment_name(variable: &str) -> String {
    let name = variable.to_ascii_uppercase().replace('-', "_");
    format!("{ENVIRONMENT_PREFIX}{name}")
}

fn file(sources: &Sources, root: &Node, problems: &mut Vec<Problem>) -> BTreeMap<String, Placed> {
    let entries = match &root.value {
        Value::Mapping(entries) => entries.as_slice(),
        Value::Refused => &[],
        _ if root.is_null() => &[],
        _ => {
            let found = root.describe();
            problems.push(
                Problem::new(
                    Code::WrongType,
                    root.span,
                    format!("expected variables and their values, found {found}"),
                )
                .hint("write `name: value` lines"),
            );
            &[]
        }
    };
    let mut values = BTreeMap::new();
    for entry in entries {
        let Value::Scalar(scalar) = &entry.node.value else {
            if !matches!(entry.node.value, Value::Refused) {
                problems.push(not_single(&entry.node, &entry.key));
            }
            continue;
        };
        if entry.node.is_null() {
            problems.push(not_single(&entry.node, &entry.key));
            continue;
        }
        let (line, column) = sources.position(entry.key_span);
        let placed = Placed {
            value: scalar.text.clone(),
            place: format!("{}:{line}:{column}", sources.recipe().path.display()),
        };
        values.insert(entry.key.clone(), placed);
    }
    values
}

fn not_single(node: &Node, name: &str) -> Problem {
    let found = node.describe();
    Problem::new(
        Code::WrongType,
        node.span,
        format!("`{name}` needs one value, found {found}"),
    )
    .hint("variables are strings, integers and booleans; write \"\" for an empty string")
}
