//! `variables:`, and the values that `--var` gives.

use std::collections::BTreeMap;

use regex_lite::Regex;

use super::decoder::Decoder;
use super::fields::Fields;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::span::Span;
use crate::suggest::nearest;
use crate::template::names::RESERVED;
use crate::yaml::node::{Entry, Node, Value};

/// Decodes the variables and makes them known to templates. `axes` are the names that the matrix gives values.
pub(super) fn decode(
    decoder: &mut Decoder<'_>,
    entry: Option<&Entry>,
    axes: &BTreeMap<String, String>,
    overrides: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for variable in declared(decoder, entry) {
        if axes.contains_key(&variable.key) {
            let message = format!("`{}` is an axis of the matrix already", variable.key);
            let problem = Problem::new(Code::NameTaken, variable.key_span, message);
            decoder.report(problem.hint("remove the variable, or give it another name"));
            continue;
        }
        let given = overrides.get(&variable.key).map(String::as_str);
        let value = decode_one(decoder, variable, given);
        decoder.declare(&variable.key, value.as_deref());
        values.insert(variable.key.clone(), value.unwrap_or_default());
    }
    let at = entry.map_or(Span::default(), |entry| entry.key_span);
    let known = |name: &&String| values.contains_key(*name) || axes.contains_key(*name);
    for name in overrides.keys().filter(|name| !known(name)) {
        let names = values.keys().chain(axes.keys());
        let hint = match nearest(name, names.map(String::as_str)) {
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
    values
}

/// The entries of `variables:` or `parameters:`.
pub(super) fn declared<'n>(decoder: &mut Decoder<'_>, entry: Option<&'n Entry>) -> &'n [Entry] {
    match entry.map(|entry| &entry.node) {
        Some(Node {
            value: Value::Mapping(entries),
            ..
        }) => entries,
        Some(node) => {
            decoder.wrong_type(node, "a mapping");
            &[]
        }
        None => &[],
    }
}

fn decode_one(decoder: &mut Decoder<'_>, variable: &Entry, given: Option<&str>) -> Option<String> {
    let declaration = Declaration::decode(decoder, variable)?;
    let given = given.map(|given| (given, variable.key_span));
    let default = declaration.default.as_ref();
    let default = default.map(|(value, at)| (value.as_str(), *at));
    let Some((value, at)) = given.or(default) else {
        let name = &variable.key;
        decoder.report(
            Problem::new(
                Code::MissingVariable,
                variable.key_span,
                format!("variable `{name}` has no value"),
            )
            .hint(format!("give one with `--var {name}=…`, or add a default")),
        );
        return None;
    };
    declaration.accept(decoder, value, at)
}

/// What a variable of a recipe, or a parameter of an included file, is declared as.
pub(super) struct Declaration {
    /// "variable `port`".
    what: String,
    pattern: Option<Regex>,
    /// The default and where it stands.
    pub(super) default: Option<(String, Span)>,
}

impl Declaration {
    /// `None` when a problem was reported.
    pub(super) fn decode(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Declaration> {
        let kind = decoder.declared.trim_end_matches('s');
        let what = format!("{kind} `{}`", entry.key);
        let named = check_name(decoder, entry);
        let declaration = Declaration::keys(decoder, entry, what)?;
        named.then_some(declaration)
    }

    fn keys(decoder: &mut Decoder<'_>, entry: &Entry, what: String) -> Option<Declaration> {
        // A bare scalar is short for its default.
        if matches!(entry.node.value, Value::Scalar(_)) && !entry.node.is_null() {
            let default = decoder.written(&entry.node)?;
            return Some(Declaration {
                what,
                pattern: None,
                default: Some((default.to_owned(), entry.node.span)),
            });
        }
        let mut fields = Fields::of(decoder, &entry.node, &what, entry.key_span)?;
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
        let default = match default {
            Some(entry) => Some((decoder.written(&entry.node)?.to_owned(), entry.node.span)),
            None => None,
        };
        Some(Declaration {
            what,
            pattern,
            default,
        })
    }

    /// The value, when it is one; what is wrong with it is reported where it was given.
    pub(super) fn accept(
        &self,
        decoder: &mut Decoder<'_>,
        value: &str,
        at: Span,
    ) -> Option<String> {
        let Declaration { what, pattern, .. } = self;
        let Some(pattern) = pattern else {
            return Some(value.to_owned());
        };
        if !decoder.may_match(pattern.as_str(), value, at) {
            return None;
        }
        if !pattern.is_match(value) {
            let message = format!("`{value}` is no value for {what}");
            let problem = Problem::new(Code::PatternMismatch, at, message);
            decoder.report(problem.hint(format!("it must match {}", pattern.as_str())));
            return None;
        }
        Some(value.to_owned())
    }
}

/// Whether an entry's key can be named in templates; what is wrong with it is reported.
pub(super) fn check_name(decoder: &mut Decoder<'_>, variable: &Entry) -> bool {
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
    decoder.count_pattern();
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
