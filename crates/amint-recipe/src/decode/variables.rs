//! `variables:`, and the values that `--var` gives.

use std::collections::BTreeMap;

use regex_lite::Regex;

use super::decoder::Decoder;
use super::fields::Fields;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::span::Span;
use crate::suggest::nearest;
use crate::template::names::{Names, RESERVED};
use crate::yaml::node::{Entry, Node, Value};

/// Decodes the variables and makes them known to templates. Variables with a problem are marked as unset.
pub(super) fn decode(
    decoder: &mut Decoder<'_>,
    entry: Option<&Entry>,
    overrides: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let declared: &[Entry] = match entry.map(|entry| &entry.node) {
        Some(Node {
            value: Value::Mapping(entries),
            ..
        }) => entries,
        Some(node) => {
            decoder.wrong_type(node, "a mapping");
            &[]
        }
        None => &[],
    };
    for variable in declared {
        let given = overrides.get(&variable.key).map(String::as_str);
        let value = decode_one(decoder, variable, given);
        if value.is_none() {
            decoder.unset.insert(variable.key.clone());
        }
        values.insert(variable.key.clone(), value.unwrap_or_default());
    }
    let at = entry.map_or(Span::default(), |entry| entry.key_span);
    for name in overrides.keys().filter(|name| !values.contains_key(*name)) {
        let hint = match nearest(name, values.keys().map(String::as_str)) {
            Some(known) => format!("did you mean `--var {known}=…`?"),
            None => format!("declare `{name}` under `variables:`, or leave out `--var {name}=…`"),
        };
        decoder.report(
            Problem::new(
                Code::UndeclaredOverride,
                at,
                format!("`--var {name}` sets a variable that the recipe does not declare"),
            )
            .hint(hint),
        );
    }
    decoder.names = Names::new(&values);
    values
}

fn decode_one(decoder: &mut Decoder<'_>, variable: &Entry, given: Option<&str>) -> Option<String> {
    let name = variable.key.as_str();
    let named = check_name(decoder, variable);
    // A bare scalar is short for its default.
    if matches!(variable.node.value, Value::Scalar(_)) && !variable.node.is_null() {
        let default = decoder.written(&variable.node)?;
        return named.then(|| given.unwrap_or(default).to_owned());
    }
    let what = format!("variable `{name}`");
    let mut fields = Fields::of(decoder, &variable.node, &what, variable.key_span)?;
    let default = fields.optional("default");
    let pattern = fields.optional("pattern");
    if let Some(description) = fields.optional("description") {
        decoder.string(&description.node);
    }
    fields.finish(decoder);

    let pattern = match pattern {
        Some(entry) => Some(compile(decoder, &entry.node)?),
        None => None,
    };
    let (value, at) = match (given, default) {
        (Some(given), _) => (given, variable.key_span),
        (None, Some(default)) => (decoder.written(&default.node)?, default.node.span),
        (None, None) => {
            decoder.report(
                Problem::new(
                    Code::MissingVariable,
                    variable.key_span,
                    format!("variable `{name}` has no value"),
                )
                .hint(format!("give one with `--var {name}=…`, or add a default")),
            );
            return None;
        }
    };
    if let Some(pattern) = pattern
        && !pattern.is_match(value)
    {
        decoder.report(
            Problem::new(
                Code::PatternMismatch,
                at,
                format!("`{value}` is no value for variable `{name}`"),
            )
            .hint(format!("it must match {}", pattern.as_str())),
        );
        return None;
    }
    named.then(|| value.to_owned())
}

fn check_name(decoder: &mut Decoder<'_>, variable: &Entry) -> bool {
    let name = variable.key.as_str();
    let is_word = name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
        });
    let problem = if RESERVED.contains(&name) {
        Problem::new(
            Code::BadVariableName,
            variable.key_span,
            format!("`{name}` has a meaning of its own in templates"),
        )
        .hint("choose another name")
    } else if !is_word {
        Problem::new(
            Code::BadVariableName,
            variable.key_span,
            format!("`{name}` cannot be a variable's name"),
        )
        .hint("use small letters, digits, `-` and `_`, a letter first")
    } else {
        return true;
    };
    decoder.report(problem);
    false
}

fn compile(decoder: &mut Decoder<'_>, node: &Node) -> Option<Regex> {
    let pattern = decoder.string(node)?;
    match Regex::new(pattern) {
        Ok(regex) => {
            if !(pattern.starts_with('^') && pattern.ends_with('$')) {
                decoder.report(
                    Problem::new(
                        Code::PatternNotAnchored,
                        node.span,
                        "this pattern accepts any text that only contains a match",
                    )
                    .hint(format!("write ^({pattern})$ to match the whole value"))
                    .warning(),
                );
            }
            Some(regex)
        }
        Err(error) => {
            decoder.report(
                Problem::new(
                    Code::BadPattern,
                    node.span,
                    "this is not a regular expression",
                )
                .hint(error.to_string()),
            );
            None
        }
    }
}
