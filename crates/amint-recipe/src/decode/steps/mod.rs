//! `steps:`: one key a step, one file a kind.

mod file;
mod first_boot_secret;
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
        let name = fields.optional("name").and_then(|entry| {
            let name = decoder.fixed(&entry.node)?;
            let printable = !name.trim().is_empty() && !name.contains(char::is_control);
            if name.chars().count() > 100 || !printable {
                decoder.report(
                    Problem::new(
                        Code::BadName,
                        entry.node.span,
                        "this cannot be a step's name",
                    )
                    .hint("use one line of at most 100 characters"),
                );
                return None;
            }
            Some((name, entry.node.span))
        });
        let timeout = fields
            .optional("timeout")
            .and_then(|entry| decoder.duration(&entry.node));
        Common { name, timeout }
    }
}

/// `None` when a problem was reported. A recipe may have no steps: the seal alone makes an image.
pub(super) fn decode(decoder: &mut Decoder<'_>, entry: Option<&Entry>) -> Option<Vec<Step>> {
    let Some(entry) = entry else {
        return Some(Vec::new());
    };
    if entry.node.is_null() {
        return Some(Vec::new());
    }
    let nodes = decoder.sequence(&entry.node)?;
    let mut names = BTreeMap::new();
    let mut steps = Vec::new();
    let mut complete = true;
    for (index, node) in nodes.iter().enumerate() {
        let step = decode_one(decoder, node).and_then(|(entry, decoded)| {
            let (name, at) = decoded
                .common
                .name
                .unwrap_or_else(|| (format!("{}-{}", entry.key, index + 1), entry.key_span));
            unique(decoder, &mut names, &name, at);
            Some(Step {
                name,
                timeout: decoded.common.timeout,
                action: decoded.action?,
                span: entry.key_span,
            })
        });
        complete &= step.is_some();
        steps.extend(step);
    }
    complete.then_some(steps)
}

fn decode_one<'n>(decoder: &mut Decoder<'_>, node: &'n Node) -> Option<(&'n Entry, Decoded)> {
    let entry = match &node.value {
        Value::Mapping(entries) if entries.len() == 1 => &entries[0],
        Value::Refused => return None,
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
            return None;
        }
        Value::Scalar(scalar) if KINDS.iter().any(|(kind, _)| *kind == scalar.text) => {
            decoder.report(
                Problem::new(Code::NotOneKey, node.span, "a step is a mapping of one key")
                    .hint(format!("write `{}: {{}}`", scalar.text)),
            );
            return None;
        }
        _ => {
            decoder.wrong_type(node, "a mapping of one key: what the step does");
            return None;
        }
    };
    let Some((_, decode)) = KINDS.iter().find(|(kind, _)| *kind == entry.key) else {
        let kinds = || KINDS.iter().map(|(kind, _)| *kind);
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
        return None;
    };
    decode(decoder, entry).map(|decoded| (entry, decoded))
}

fn unique(decoder: &mut Decoder<'_>, names: &mut BTreeMap<String, Span>, name: &str, at: Span) {
    if let Some(first) = names.get(name) {
        let (line, _) = decoder.sources.position(*first);
        decoder.report(
            Problem::new(
                Code::DuplicateStepName,
                at,
                format!("two steps are named `{name}`"),
            )
            .hint(format!(
                "the first is on line {line}; logs and events tell steps apart by name"
            )),
        );
    } else {
        names.insert(name.to_owned(), at);
    }
}

/// The `` `kind` `` that messages name a step by.
fn what(entry: &Entry) -> String {
    format!("`{}`", entry.key)
}
