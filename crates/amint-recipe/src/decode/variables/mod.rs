//! `variables:`, and the values that they are given from outside; what they share with the parameters of included files.
//!
//! - [`kind`]: `type` and what limits its values.
//! - [`secret`]: `secret: true`, and where the value is read from.
//! - [`outside`]: values that no variable takes.

mod kind;
mod outside;
mod secret;

use std::collections::{BTreeMap, BTreeSet};

use self::kind::Kind;
use super::decoder::Decoder;
use super::fields::Fields;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::given::{Given, Origin, environment_name};
use crate::recipe::Secret;
use crate::span::Span;
use crate::template::names::{self, RESERVED};
use crate::yaml::node::{Entry, Node, Value};

/// What a recipe declares.
#[derive(Default)]
pub(super) struct Declared {
    /// Every variable's value, without the secret ones.
    pub(super) values: BTreeMap<String, String>,
    /// The secret ones, by name.
    pub(super) secrets: Vec<Secret>,
}

/// Decodes the variables and makes them known to templates. `axes` are the names that the matrix gives values.
pub(super) fn decode(
    decoder: &mut Decoder<'_>,
    entry: Option<&Entry>,
    axes: &BTreeMap<String, String>,
    given: &Given,
) -> Declared {
    let mut all = Declared::default();
    let mut names: BTreeSet<&str> = axes.keys().map(String::as_str).collect();
    for variable in declared(decoder, entry) {
        if axes.contains_key(&variable.key) {
            let message = format!("`{}` is an axis of the matrix already", variable.key);
            let problem = Problem::new(Code::NameTaken, variable.key_span, message);
            decoder.report(problem.hint("remove the variable, or give it another name"));
            continue;
        }
        names.insert(&variable.key);
        let is_secret = secret::is_secret(decoder, variable);
        if is_secret != Some(false)
            && let Value::Mapping(keys) = &variable.node.value
        {
            let defaults = keys.iter().filter(|one| one.key == "default");
            decoder.hidden.extend(defaults.map(|one| one.node.span));
        }
        let value = match is_secret {
            Some(true) => secret::decode(decoder, variable, given).map(|secret| {
                all.secrets.push(secret);
                names::Value::Secret
            }),
            Some(false) => decode_one(decoder, variable, given),
            None => None,
        };
        if let Some(value @ (names::Value::Text(_) | names::Value::Flag(_))) = &value {
            all.values.insert(variable.key.clone(), value.to_string());
        }
        decoder.declare(&variable.key, value);
    }
    all.secrets.sort_by(|a, b| a.name.cmp(&b.name));
    let at = entry.map_or(Span::default(), |entry| entry.key_span);
    outside::check(decoder, at, given, &names);
    all
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

fn decode_one(decoder: &mut Decoder<'_>, variable: &Entry, given: &Given) -> Option<names::Value> {
    let declaration = Declaration::decode(decoder, variable)?;
    let name = &variable.key;
    if let Some((value, origin)) = given.value(name) {
        return declaration.accept(decoder, value, Some(&origin), variable.key_span);
    }
    let Some((default, at)) = &declaration.default else {
        let environment = environment_name(name);
        let problem = Problem::new(
            Code::MissingVariable,
            variable.key_span,
            format!("variable `{name}` has no value"),
        );
        decoder.report(problem.hint(format!(
            "give one with `--var {name}=…`, `--var-file` or `{environment}`, or add a default"
        )));
        return None;
    };
    declaration.accept(decoder, default, None, *at)
}

/// What a variable of a recipe, or a parameter of an included file, is declared as.
pub(super) struct Declaration {
    /// "variable `port`".
    what: String,
    kind: Kind,
    /// The default and where it stands. It is a value of the kind.
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
                kind: Kind::default(),
                default: Some((default.to_owned(), entry.node.span)),
            });
        }
        let mut fields = Fields::of(decoder, &entry.node, &what, entry.key_span)?;
        let kind = Kind::decode(decoder, &mut fields, entry, &what);
        let default = fields.optional("default");
        if let Some(description) = fields.optional("description") {
            decoder.string(&description.node);
        }
        if decoder.declared == "variables" {
            secret::refuse_source(decoder, &mut fields);
        }
        fields.finish(decoder);
        let mut declaration = Declaration {
            kind: kind?,
            default: None,
            what: what.clone(),
        };
        if let Some(entry) = default {
            let written = decoder.written(&entry.node)?;
            // Whether or not it is used: the next build may use it.
            declaration.accept(decoder, written, None, entry.node.span)?;
            declaration.default = Some((written.to_owned(), entry.node.span));
        }
        Some(declaration)
    }

    /// The value, when it is one; what is wrong with it is reported where it was given.
    pub(super) fn accept(
        &self,
        decoder: &mut Decoder<'_>,
        value: &str,
        origin: Option<&Origin>,
        at: Span,
    ) -> Option<names::Value> {
        if let Some(pattern) = self.kind.pattern()
            && !decoder.may_match(pattern, value, at)
        {
            return None;
        }
        let refusal = match self.kind.value(value) {
            Ok(value) => return Some(value),
            Err(refusal) => refusal,
        };
        let what = &self.what;
        let message = match origin {
            Some(origin) => format!("`{value}` from {origin} is no value for {what}"),
            None => format!("`{value}` is no value for {what}"),
        };
        decoder.report(Problem::new(refusal.code, at, message).hint(refusal.hint));
        None
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
