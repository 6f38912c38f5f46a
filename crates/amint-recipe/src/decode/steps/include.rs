//! `include: { file: steps/nginx.yaml, with: { port: "8080" }, name: web }`, or the path alone.

use std::collections::BTreeMap;

use super::{List, included, name};
use crate::code::Code;
use crate::decode::decoder::Decoder;
use crate::decode::fields::Fields;
use crate::decode::library::{Unreadable, plain};
use crate::decode::problems::Inclusion;
use crate::diagnostic::Problem;
use crate::span::Span;
use crate::yaml::node::{Entry, Node, Value};

/// How many files may include each other in a row. Deeper than anybody reads.
const MAX_DEPTH: usize = 16;

/// What an include asks for.
struct Include {
    with: With,
    /// What the names of its steps begin with.
    name: Option<String>,
    at: Span,
}

/// The values for the parameters of an included file.
pub(super) struct With {
    /// The file's path.
    pub(super) path: String,
    pub(super) values: BTreeMap<String, Argument>,
    /// Where a parameter without a value is reported.
    pub(super) at: Span,
    /// Whether it is no mapping, which is reported already.
    pub(super) broken: bool,
}

/// The value for one parameter.
pub(super) struct Argument {
    /// None: it has a problem, which is reported already.
    pub(super) value: Option<String>,
    pub(super) key_span: Span,
    pub(super) span: Span,
}

/// Adds the steps of the included file; `None` when a problem was reported.
pub(super) fn expand(
    decoder: &mut Decoder<'_>,
    list: &mut List,
    entry: &Entry,
    prefix: &str,
) -> Option<()> {
    if decoder.gives_up(entry.key_span) {
        return None;
    }
    let include = decode(decoder, entry)?;
    let path = &include.with.path;
    let trail = decoder.problems.trail();
    if let Some(first) = trail.iter().position(|one| one.path == *path) {
        let mut cycle: Vec<&str> = trail[first..].iter().map(|one| one.path.as_str()).collect();
        cycle.push(path);
        let message = format!("these files include each other: {}", cycle.join(" -> "));
        let problem = Problem::new(Code::IncludeCycle, include.at, message);
        decoder.report(problem.hint("remove one of the includes"));
        return None;
    }
    if trail.len() >= MAX_DEPTH {
        let message = format!("more than {MAX_DEPTH} files include each other in a row");
        let problem = Problem::new(Code::TooManyIncludes, include.at, message);
        decoder.report(problem.hint("include the last of them from a file nearer to the recipe"));
        return None;
    }
    let before = decoder.problems.found.len();
    let found = &mut decoder.problems.found;
    let (file, tree) = match decoder.library.tree(path, found) {
        Ok(found) => found,
        Err(error) => {
            unreadable(decoder, &include, &error);
            return None;
        }
    };
    let prefix = match &include.name {
        Some(name) => format!("{prefix}{name}: "),
        None => prefix.to_owned(),
    };
    let outer = decoder.enter(Inclusion {
        file,
        path: path.clone(),
        at: include.at,
    });
    decoder.problems.lead_to(before);
    let steps = tree.as_deref().and_then(|root| {
        let steps = included::decode(decoder, root, &include.with)?;
        list.add_all(decoder, steps, &prefix);
        Some(())
    });
    decoder.leave(outer);
    steps
}

fn decode(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Include> {
    if matches!(entry.node.value, Value::Scalar(_)) && !entry.node.is_null() {
        return Some(Include {
            with: With {
                path: path(decoder, &entry.node)?,
                values: BTreeMap::new(),
                at: entry.key_span,
                broken: false,
            },
            name: None,
            at: entry.node.span,
        });
    }
    let mut fields = Fields::of(decoder, &entry.node, "`include`", entry.key_span)?;
    let file = fields.required(decoder, "file", "steps/nginx.yaml");
    let with = fields.optional("with");
    let at = with.map_or(entry.key_span, |with| with.key_span);
    let values = match with {
        Some(with) => arguments(decoder, &with.node),
        None => Some(BTreeMap::new()),
    };
    let named = fields.optional("name").is_some();
    let name = name(decoder, &mut fields).map(|(name, _)| name);
    fields.finish(decoder);
    let file = file?;
    let with = With {
        path: path(decoder, &file.node)?,
        broken: values.is_none(),
        values: values.unwrap_or_default(),
        at,
    };
    (name.is_some() == named).then_some(Include {
        with,
        name,
        at: file.node.span,
    })
}

fn path(decoder: &mut Decoder<'_>, node: &Node) -> Option<String> {
    decoder.fixed(node).map(|path| plain(&path))
}

/// Values are templates of the includer; a number is taken as it is written.
fn arguments(decoder: &mut Decoder<'_>, node: &Node) -> Option<BTreeMap<String, Argument>> {
    let entries: &[Entry] = match &node.value {
        Value::Mapping(entries) => entries,
        _ if node.is_null() => &[],
        _ => {
            decoder.wrong_type(node, "a mapping");
            return None;
        }
    };
    let mut arguments = BTreeMap::new();
    for entry in entries {
        let written = decoder.written(&entry.node);
        let value = written.and_then(|written| decoder.fixed_text(written, entry.node.span));
        let argument = Argument {
            value,
            key_span: entry.key_span,
            span: entry.node.span,
        };
        arguments.insert(entry.key.clone(), argument);
    }
    Some(arguments)
}

fn unreadable(decoder: &mut Decoder<'_>, include: &Include, error: &Unreadable) {
    let Include { with, at, .. } = include;
    let path = &with.path;
    let (code, message, hint) = match error {
        Unreadable::File(error) => return decoder.unusable_file(path, error, *at),
        Unreadable::TooLarge => (
            Code::FileTooLarge,
            format!("`{path}` cannot be used: it is larger than 1 MiB"),
            "move long content to files beside the recipe and name them with `from:`",
        ),
        Unreadable::NotText => (
            Code::FileUnreadable,
            format!("`{path}` cannot be used: it is not UTF-8 text"),
            "name a file of steps, which begins with `amint-steps: 1`",
        ),
    };
    decoder.report(Problem::new(code, *at, message).hint(hint));
}
