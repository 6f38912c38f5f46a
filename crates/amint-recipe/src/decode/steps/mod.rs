//! `steps:`: one key a step, one file a kind.
//!
//! - [`include`]: the steps of another file, in the place of a step. [`included`]: that file.

mod file;
mod first_boot_secret;
mod include;
mod included;
mod install_packages;
mod reboot;
mod shell;
mod upgrade_packages;

use std::collections::BTreeMap;
use std::time::Duration;

use super::decoder::Decoder;
use super::fields::Fields;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::{Action, Step};
use crate::span::Span;
use crate::suggest::nearest;
use crate::yaml::node::{Entry, Node, Value};

/// The most characters of a step's name.
const MAX_NAME: usize = 100;

/// Decodes what follows the step's key; `None` when a problem was reported.
type Decode = fn(&mut Decoder<'_>, &Entry) -> Option<Decoded>;

/// Every kind of step.
const KINDS: [(&str, Decode); 6] = [
    ("shell", shell::decode),
    ("file", file::decode),
    ("upgrade-packages", upgrade_packages::decode),
    ("install-packages", install_packages::decode),
    ("reboot", reboot::decode),
    ("first-boot-secret", first_boot_secret::decode),
];

/// The key of steps that are in a file of their own.
const INCLUDE: &str = "include";

/// How many steps and includes a recipe may have in all.
const MAX_ITEMS: usize = 1000;

/// A step without its default name.
struct Decoded {
    action: Option<Action>,
    common: Common,
}

/// The keys that every kind of step takes.
#[derive(Default)]
struct Common {
    name: Option<(String, Span)>,
    timeout: Option<Duration>,
}

impl Common {
    fn decode(decoder: &mut Decoder<'_>, fields: &mut Fields<'_>) -> Common {
        let name = name(decoder, fields);
        let timeout = fields
            .optional("timeout")
            .and_then(|entry| decoder.duration(&entry.node));
        Common { name, timeout }
    }
}

/// `name:`, and where it stands; `None` without one, and when a problem was reported.
fn name(decoder: &mut Decoder<'_>, fields: &mut Fields<'_>) -> Option<(String, Span)> {
    let entry = fields.optional("name")?;
    let name = decoder.fixed(&entry.node)?;
    let printable = !name.trim().is_empty() && !name.contains(char::is_control);
    if name.chars().count() > MAX_NAME || !printable {
        let problem = Problem::new(
            Code::BadName,
            entry.node.span,
            "this cannot be a step's name",
        );
        decoder.report(problem.hint("use one line of at most 100 characters"));
        return None;
    }
    Some((name, entry.node.span))
}

/// `None` when a problem was reported. A recipe may have no steps: the seal alone makes an image.
pub(super) fn decode(decoder: &mut Decoder<'_>, entry: Option<&Entry>) -> Option<Vec<Step>> {
    let mut list = List::default();
    if let Some(entry) = entry {
        list.add_all(decoder, &entry.node, "");
    }
    (!list.broken).then_some(list.steps)
}

/// The steps so far, those of included files in the place of their includes.
#[derive(Default)]
struct List {
    steps: Vec<Step>,
    /// Steps and includes, those with a problem too.
    items: usize,
    /// The position of the last step.
    position: usize,
    names: BTreeMap<String, Span>,
    secrets: BTreeMap<String, Span>,
    /// Whether a problem was reported.
    broken: bool,
}

impl List {
    /// Adds the steps of a list. `prefix`: what the names of the includes around it add to theirs.
    fn add_all(&mut self, decoder: &mut Decoder<'_>, node: &Node, prefix: &str) {
        if node.is_null() {
            return;
        }
        let Some(nodes) = decoder.sequence(node) else {
            self.broken = true;
            return;
        };
        for node in nodes {
            self.items += 1;
            if self.items > MAX_ITEMS {
                let message = format!("the recipe has more than {MAX_ITEMS} steps");
                let problem = Problem::new(Code::TooManySteps, node.span, message);
                let hint = "put what belongs together into one script; includes count too";
                decoder.problems.report_once(problem.hint(hint));
                self.broken = true;
                return;
            }
            if self.add(decoder, node, prefix).is_none() {
                self.broken = true;
            }
        }
    }

    /// Adds one step, or those of an include; `None` when a problem was reported.
    fn add(&mut self, decoder: &mut Decoder<'_>, node: &Node, prefix: &str) -> Option<()> {
        let entry = only_key(decoder, node);
        if let Some(entry) = entry.filter(|entry| entry.key == INCLUDE) {
            return include::expand(decoder, self, entry, prefix);
        }
        self.position += 1;
        decoder.material.begin_step();
        let decoded = entry.and_then(|entry| {
            let decode = kind(decoder, entry)?;
            Some((entry, decode(decoder, entry)?))
        });
        decoder.material.end_step();
        let (entry, Decoded { action, common }) = decoded?;
        let (own, at) = common
            .name
            .unwrap_or_else(|| (format!("{}-{}", entry.key, self.position), entry.key_span));
        let name = format!("{prefix}{own}");
        if !prefix.is_empty() && name.chars().count() > MAX_NAME {
            let problem = Problem::new(Code::BadName, at, "this step's name is too long");
            let hint = format!(
                "with the names of the includes around it, it may have {MAX_NAME} characters"
            );
            decoder.report(problem.hint(hint));
        }
        unique(decoder, &mut self.names, &name, at);
        if let Some(Action::FirstBootSecret { name, .. }) = &action {
            unique_secret(decoder, &mut self.secrets, name, at);
        }
        let step = Step {
            name,
            timeout: common.timeout,
            action: action?,
            span: entry.key_span,
        };
        decoder.material.step(&step);
        self.steps.push(step);
        Some(())
    }
}

/// The one key of a step.
fn only_key<'n>(decoder: &mut Decoder<'_>, node: &'n Node) -> Option<&'n Entry> {
    match &node.value {
        Value::Mapping(entries) if entries.len() == 1 => return Some(&entries[0]),
        Value::Refused => {}
        Value::Mapping(entries) => {
            let second = entries.get(1);
            decoder.report(
                Problem::new(
                    Code::NotOneKey,
                    second.map_or(node.span, |entry| entry.key_span),
                    "a step has one key: what it does",
                )
                .hint("start each step with `- `, and indent its keys below it"),
            );
        }
        Value::Scalar(scalar) if KINDS.iter().any(|(kind, _)| *kind == scalar.text) => {
            decoder.report(
                Problem::new(Code::NotOneKey, node.span, "a step is a mapping of one key")
                    .hint(format!("write `{}: {{}}`", scalar.text)),
            );
        }
        _ => decoder.wrong_type(node, "a mapping of one key: what the step does"),
    }
    None
}

fn kind(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Decode> {
    if let Some((_, decode)) = KINDS.iter().find(|(kind, _)| *kind == entry.key) {
        return Some(*decode);
    }
    let kinds = || KINDS.iter().map(|(kind, _)| *kind).chain([INCLUDE]);
    let hint = match nearest(&entry.key, kinds()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("there are `{}`", kinds().collect::<Vec<_>>().join("`, `")),
    };
    decoder.report(
        Problem::new(
            Code::UnknownStep,
            entry.key_span,
            format!("there is no step `{}`", entry.key),
        )
        .hint(hint),
    );
    None
}

fn unique(decoder: &mut Decoder<'_>, names: &mut BTreeMap<String, Span>, name: &str, at: Span) {
    let Some(first) = names.insert(name.to_owned(), at) else {
        return;
    };
    let sources = &decoder.library.sources;
    let (line, _) = sources.position(first);
    let hint = if first == at {
        "its file is included twice: give one of the includes a `name:`, which the names of its steps begin with"
            .to_owned()
    } else if first.file == at.file {
        format!("the first is on line {line}; logs and events tell steps apart by name")
    } else {
        let path = sources.shown_path(first.file);
        format!("the first is on line {line} of {path}; give the include a `name:`")
    };
    let message = format!("two steps are named `{name}`");
    decoder.report(Problem::new(Code::DuplicateStepName, at, message).hint(hint));
    names.insert(name.to_owned(), first);
}

/// A secret's name is part of names of files on the image, whatever the names of includes.
fn unique_secret(
    decoder: &mut Decoder<'_>,
    secrets: &mut BTreeMap<String, Span>,
    name: &str,
    at: Span,
) {
    if secrets.insert(name.to_owned(), at).is_some() {
        let message = format!("two secrets are named `{name}`");
        let problem = Problem::new(Code::DuplicateSecret, at, message);
        decoder.report(problem.hint("make the name a parameter of the included file"));
    }
}

/// The `` `kind` `` that messages name a step by.
fn what(entry: &Entry) -> String {
    format!("`{}`", entry.key)
}
