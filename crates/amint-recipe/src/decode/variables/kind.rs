//! `type`, and what limits the values: `pattern`, `choices`, `min`, `max`.

use regex_lite::Regex;

use crate::code::Code;
use crate::decode::decoder::Decoder;
use crate::decode::fields::Fields;
use crate::decode::value::Refusal;
use crate::diagnostic::Problem;
use crate::template::names;
use crate::yaml::node::{Entry, Node, Scalar, Value};
use crate::yaml::scalar::Meaning;

/// What values a variable takes.
pub(super) enum Kind {
    /// Any text that matches the pattern.
    Text(Option<Regex>),
    /// A decimal integer within these bounds.
    Integer { min: i64, max: i64 },
    /// `true` or `false`.
    Boolean,
    /// One of these.
    Choice(Vec<String>),
}

impl Default for Kind {
    fn default() -> Kind {
        Kind::Text(None)
    }
}

/// The words of `type`.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Type {
    Text,
    Integer,
    Boolean,
    Choice,
}

const TYPES: [(&str, Type); 4] = [
    ("string", Type::Text),
    ("integer", Type::Integer),
    ("boolean", Type::Boolean),
    ("choice", Type::Choice),
];

impl Kind {
    /// `None` when a problem was reported.
    pub(super) fn decode(
        decoder: &mut Decoder<'_>,
        fields: &mut Fields<'_>,
        variable: &Entry,
        what: &str,
    ) -> Option<Kind> {
        let wanted = fields.optional("type");
        let pattern = fields.optional("pattern");
        let choices = fields.optional("choices");
        let (min, max) = (fields.optional("min"), fields.optional("max"));
        let wanted = match wanted {
            Some(entry) => decoder.word(&entry.node, &TYPES)?,
            // The choices say it.
            None if choices.is_some() => Type::Choice,
            None => Type::Text,
        };
        let limits = [
            (pattern, Type::Text, "string"),
            (choices, Type::Choice, "choice"),
            (min, Type::Integer, "integer"),
            (max, Type::Integer, "integer"),
        ];
        let mut fits = true;
        for (limit, of, word) in limits {
            if let Some(entry) = limit.filter(|_| of != wanted) {
                fits = false;
                let message = format!("`{}` limits variables of type {word}", entry.key);
                let problem = Problem::new(Code::UnfitConstraint, entry.key_span, message);
                decoder.report(problem.hint(format!("remove it, or write `type: {word}`")));
            }
        }
        if !fits {
            return None;
        }
        match wanted {
            Type::Text => match pattern {
                Some(entry) => Some(Kind::Text(Some(compile(decoder, &entry.node)?))),
                None => Some(Kind::Text(None)),
            },
            Type::Integer => integer(decoder, min, max),
            Type::Boolean => Some(Kind::Boolean),
            Type::Choice => match choices {
                Some(entry) => choice(decoder, entry),
                None => {
                    let message = format!("{what} needs `choices`");
                    let problem = Problem::new(Code::MissingKey, variable.key_span, message);
                    decoder.report(problem.hint("add `choices: [one, another]`"));
                    None
                }
            },
        }
    }

    /// The pattern that every value must match, where there is one.
    pub(super) fn pattern(&self) -> Option<&str> {
        match self {
            Kind::Text(Some(pattern)) => Some(pattern.as_str()),
            _ => None,
        }
    }

    /// The value that a text stands for.
    pub(super) fn value(&self, text: &str) -> Result<names::Value, Refusal> {
        let refuse = |code, hint: String| Refusal {
            code,
            message: String::new(),
            hint,
        };
        if text.contains('\0') {
            return Err(refuse(Code::NotOfType, "it holds a zero byte".to_owned()));
        }
        let as_text = || Ok(names::Value::Text(text.to_owned()));
        match self {
            Kind::Text(Some(pattern)) if !pattern.is_match(text) => {
                let hint = format!("it must match {}", pattern.as_str());
                Err(refuse(Code::PatternMismatch, hint))
            }
            Kind::Text(_) => as_text(),
            Kind::Integer { min, max } => match decimal(text) {
                Some(number) if (*min..=*max).contains(&number) => as_text(),
                Some(_) => Err(refuse(Code::OutOfRange, range(*min, *max))),
                None => {
                    let hint = "it is an integer: digits without zeros before them, after a `-` where it is negative";
                    Err(refuse(Code::NotOfType, hint.to_owned()))
                }
            },
            Kind::Boolean => match Meaning::of(text) {
                Meaning::Bool(value) => Ok(names::Value::Flag(value)),
                _ => {
                    let hint = "it is a boolean: true or false";
                    Err(refuse(Code::NotOfType, hint.to_owned()))
                }
            },
            Kind::Choice(choices) if choices.iter().any(|choice| choice == text) => as_text(),
            Kind::Choice(choices) => {
                let hint = format!("use `{}`", choices.join("` or `"));
                Err(refuse(Code::NotAChoice, hint))
            }
        }
    }
}

/// Digits as they are usually written: templates insert them as they stand.
fn decimal(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn range(min: i64, max: i64) -> String {
    match (min, max) {
        (min, i64::MAX) => format!("use {min} or more"),
        (i64::MIN, max) => format!("use {max} or less"),
        (min, max) => format!("use {min} to {max}"),
    }
}

fn integer(decoder: &mut Decoder<'_>, min: Option<&Entry>, max: Option<&Entry>) -> Option<Kind> {
    let mut bound = |entry: Option<&Entry>, otherwise: i64| {
        let Some(node) = entry.map(|entry| &entry.node) else {
            return Some(otherwise);
        };
        let number = match &node.value {
            Value::Scalar(Scalar { text, plain: true }) => decimal(text),
            _ => None,
        };
        if number.is_none() {
            decoder.wrong_type(node, "an integer");
        }
        number
    };
    let (low, high) = (bound(min, i64::MIN), bound(max, i64::MAX));
    let (low, high) = low.zip(high)?;
    if low > high {
        let span = max.or(min)?.node.span;
        let problem = Problem::new(
            Code::UnfitConstraint,
            span,
            "`max` is less than `min`: no value fits",
        );
        decoder.report(problem.hint("exchange the two"));
        return None;
    }
    Some(Kind::Integer {
        min: low,
        max: high,
    })
}

fn choice(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Kind> {
    let nodes = decoder.sequence(&entry.node)?;
    let mut choices: Vec<String> = Vec::new();
    for node in nodes {
        let choice = decoder.written(node)?;
        if choices.iter().any(|one| one == choice) {
            let message = format!("`{choice}` is there twice");
            let problem = Problem::new(Code::DuplicateItem, node.span, message);
            decoder.report(problem.hint("keep one of the two"));
            return None;
        }
        choices.push(choice.to_owned());
    }
    if choices.is_empty() {
        let problem = Problem::new(
            Code::UnfitConstraint,
            entry.node.span,
            "there is nothing to choose from",
        );
        decoder.report(problem.hint("write `choices: [one, another]`"));
        return None;
    }
    Some(Kind::Choice(choices))
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
