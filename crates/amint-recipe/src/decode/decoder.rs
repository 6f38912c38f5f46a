//! What every section needs: problems, scalars, templates, files.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::value::{self, Refusal};
use super::{Catalogue, Options};
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::files::FileError;
use crate::source::floor_char_boundary;
use crate::sources::Sources;
use crate::span::Span;
use crate::template::check::{self, Mistake};
use crate::template::limits::MAX_EXPRESSIONS_IN_RECIPE;
use crate::template::names::{BUILD_ID, Names};
use crate::template::renderer::render_compiled;
use crate::template::{Escape, PLACEHOLDER_BUILD_ID, Text};
use crate::yaml::node::{Node, Value};
use crate::yaml::scalar::Meaning;

/// Collects problems while sections are decoded.
pub(super) struct Decoder<'a> {
    pub(super) sources: &'a Sources,
    options: &'a Options<'a>,
    problems: &'a mut Vec<Problem>,
    /// What templates may name, without the build's id.
    pub(super) names: Names,
    /// Names whose value is not known because of a problem that is reported already.
    pub(super) unset: BTreeSet<String>,
    /// How many `{{` were met so far.
    expressions: usize,
}

/// A template that was checked, and what it renders to with the placeholder for the build's id. No preview: it has a
/// problem, which is reported already.
pub(super) struct Previewed {
    pub(super) text: Text,
    pub(super) preview: Option<String>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(
        sources: &'a Sources,
        options: &'a Options<'a>,
        problems: &'a mut Vec<Problem>,
    ) -> Decoder<'a> {
        Decoder {
            sources,
            options,
            problems,
            names: Names::default(),
            unset: BTreeSet::new(),
            expressions: 0,
        }
    }

    pub(super) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(super) fn catalogue(&self) -> Catalogue<'a> {
        self.options.catalogue
    }

    pub(super) fn locate(&self, path: &str) -> std::path::PathBuf {
        self.options.files.locate(path)
    }

    pub(super) fn wrong_type(&mut self, node: &Node, expected: &str) {
        // `key: {{x}}` without quotes is a mapping in a mapping to YAML, and its key has been reported.
        let bare_template = matches!(&node.value, Value::Mapping(entries) if entries.is_empty())
            && self.sources.slice(node.span).starts_with("{{");
        if bare_template || matches!(node.value, Value::Refused) {
            return;
        }
        let hint = match (&node.value, expected) {
            (Value::Scalar(scalar), "a string") if !scalar.text.is_empty() => {
                format!("put it in quotes: \"{}\"", scalar.text)
            }
            (Value::Scalar(_), "a string") => "give a value, or remove the key".to_owned(),
            (_, "a string") => "write one value".to_owned(),
            (_, "a mapping") => "write `{ key: value }`, or `key: value` lines below it".to_owned(),
            (_, "a list") => "write `[a, b]`, or lines that start with `- `".to_owned(),
            (_, "an integer") => "write digits, without quotes".to_owned(),
            (_, "a boolean") => "write true or false, without quotes".to_owned(),
            _ => "write `- shell: { run: … }`".to_owned(),
        };
        let problem = Problem::new(
            Code::WrongType,
            node.span,
            format!("expected {expected}, found {}", node.describe()),
        )
        .hint(hint);
        self.report(problem);
    }

    /// A string, without templating.
    pub(super) fn string<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(scalar) if scalar.meaning() == Meaning::Text => Some(&scalar.text),
            _ => {
                self.wrong_type(node, "a string");
                None
            }
        }
    }

    /// Any scalar but nothing, as it is written: `1.10` stays `1.10`.
    pub(super) fn written<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(scalar) if scalar.meaning() != Meaning::Null => Some(&scalar.text),
            _ => {
                self.wrong_type(node, "a string");
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, node: &Node) -> Option<bool> {
        if let Value::Scalar(scalar) = &node.value
            && let Meaning::Bool(value) = scalar.meaning()
        {
            return Some(value);
        }
        self.wrong_type(node, "a boolean");
        None
    }

    pub(super) fn integer(&mut self, node: &Node, range: RangeInclusive<u32>) -> Option<u32> {
        let Value::Scalar(scalar) = &node.value else {
            self.wrong_type(node, "an integer");
            return None;
        };
        let Meaning::Integer(value) = scalar.meaning() else {
            self.wrong_type(node, "an integer");
            return None;
        };
        let value = u32::try_from(value)
            .ok()
            .filter(|value| range.contains(value));
        if value.is_none() {
            let (low, high) = range.into_inner();
            self.report(
                Problem::new(Code::OutOfRange, node.span, "this number is out of range")
                    .hint(format!("use {low} to {high}")),
            );
        }
        value
    }

    pub(super) fn sequence<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Value::Sequence(items) => Some(items),
            _ => {
                self.wrong_type(node, "a list");
                None
            }
        }
    }

    /// One of some fixed words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.written(node)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.report(
                Problem::new(
                    Code::UnknownWord,
                    node.span,
                    format!("`{text}` is not known here"),
                )
                .hint(format!("use `{}`", known.join("` or `"))),
            );
        }
        found.map(|(_, value)| *value)
    }

    pub(super) fn duration(&mut self, node: &Node) -> Option<Duration> {
        let text = self.written(node)?;
        let parsed = value::duration(text);
        self.accept(parsed, node.span)
    }

    /// The value, or its refusal as a problem.
    pub(super) fn accept<T>(&mut self, result: Result<T, Refusal>, span: Span) -> Option<T> {
        result
            .map_err(|refusal| {
                let problem = Problem::new(refusal.code, span, refusal.message);
                self.report(problem.hint(refusal.hint));
            })
            .ok()
    }

    /// A string that may hold `{{…}}`, `build.id` included.
    pub(super) fn template(&mut self, node: &Node, escape: Escape) -> Option<Previewed> {
        let template = self.string(node)?;
        let mut names = self.names.clone();
        names.set(BUILD_ID, PLACEHOLDER_BUILD_ID);
        Some(self.checked(Text::new(template, escape, node.span), &names))
    }

    /// A string that may hold `{{…}}` but is the same in every build; `None` when it has a problem.
    pub(super) fn fixed(&mut self, node: &Node) -> Option<String> {
        let template = self.string(node)?;
        self.fixed_text(template, node.span)
    }

    pub(super) fn fixed_text(&mut self, template: &str, span: Span) -> Option<String> {
        let names = self.names.clone();
        self.checked(Text::new(template, Escape::None, span), &names)
            .preview
    }

    fn checked(&mut self, text: Text, names: &Names) -> Previewed {
        let before = self.expressions;
        self.expressions += text.template().matches("{{").count();
        if self.expressions > MAX_EXPRESSIONS_IN_RECIPE && self.expressions > before {
            if before <= MAX_EXPRESSIONS_IN_RECIPE {
                self.report(
                    Problem::new(
                        Code::TemplateTooComplex,
                        text.span(),
                        format!("a recipe may hold at most {MAX_EXPRESSIONS_IN_RECIPE} `{{{{`"),
                    )
                    .hint("move long content to files beside the recipe"),
                );
            }
            return Previewed {
                text,
                preview: None,
            };
        }
        let checked = check::check(&text, names);
        let wrong = checked.mistakes.iter().any(|mistake| !mistake.warning);
        let unset = checked.used.iter().any(|name| self.unset.contains(name));
        for mistake in checked.mistakes {
            let warning = mistake.warning;
            let span = self.inside(&text, &mistake);
            let problem = Problem::new(mistake.code, span, mistake.message).hint(mistake.hint);
            self.report(if warning { problem.warning() } else { problem });
        }
        let mut preview = None;
        if !wrong && !unset {
            let rendered = match checked.template {
                Some(template) => render_compiled(template, text.escape(), names),
                None => Ok(text.template().to_owned()),
            };
            match rendered {
                Ok(rendered) => preview = Some(rendered),
                Err(error) => self.report(Problem::new(
                    Code::TemplateSyntax,
                    text.span(),
                    format!("this template cannot be rendered: {error}"),
                )),
            }
        }
        Previewed { text, preview }
    }

    /// Where a template's mistake stands in the recipe: the same `{{` of the string, counted from its start. Counting
    /// holds in plain, quoted and block strings alike, whatever YAML does to indentation and line ends.
    fn inside(&self, text: &Text, mistake: &Mistake) -> Span {
        let template = text.template();
        let upto = (mistake.at + 2).min(template.len());
        let upto = floor_char_boundary(template, upto);
        let count = template[..upto].matches("{{").count();
        let written = self.sources.slice(text.span());
        let Some((start, _)) = written.match_indices("{{").nth(count.saturating_sub(1)) else {
            return text.span();
        };
        let rest = &written[start..];
        let line = rest.find('\n').unwrap_or(rest.len());
        let length = rest[..line].find("}}").map_or(line, |end| end + 2);
        let braces = rest[length..]
            .bytes()
            .take_while(|byte| *byte == b'}')
            .count();
        text.span().inside(start, start + length + braces)
    }

    /// The content of a file beside the recipe.
    pub(super) fn file(&mut self, path: &str, span: Span) -> Option<Vec<u8>> {
        let error = match self.options.files.read(path) {
            Ok(content) => return Some(content),
            Err(error) => error,
        };
        let (code, hint) = match &error {
            FileError::Missing => (
                Code::MissingFile,
                "the path is relative to the recipe's folder".to_owned(),
            ),
            FileError::Outside => (
                Code::FileOutside,
                "put the file into the recipe's folder or below it".to_owned(),
            ),
            FileError::TooLarge => (
                Code::FileTooLarge,
                "have a `shell` step fetch it on the builder".to_owned(),
            ),
            FileError::NotAFile => (
                Code::FileUnreadable,
                "name one file; use several `file` steps for a folder".to_owned(),
            ),
            FileError::Io(source) => (Code::FileUnreadable, source.to_string()),
        };
        self.report(
            Problem::new(code, span, format!("`{path}` cannot be used: {error}")).hint(hint),
        );
        None
    }
}
