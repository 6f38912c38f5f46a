//! What every section needs: problems, scalars, templates, files.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use handlebars::Template;

use super::document;
use super::library::Library;
use super::matrix::Cell;
use super::problems::{Inclusion, Problems};
use super::value::{self, Refusal};
use super::{Catalogue, Options};
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::files::FileError;
use crate::lint::subject::{Material, Passage, Role};
use crate::source::{Source, floor_char_boundary};
use crate::span::{FileId, Span};
use crate::template::build::Build;
use crate::template::check::{self, Place};
use crate::template::limits::{Cost, MAX_EXPRESSIONS_IN_RECIPE};
use crate::template::names::{self, Names};
use crate::template::renderer::render_compiled;
use crate::template::{Escape, Text};
use crate::yaml::node::{Node, Value};
use crate::yaml::read::read;
use crate::yaml::scalar::Meaning;

/// Collects problems while sections are decoded, in one cell of the matrix after the other.
pub(super) struct Decoder<'a> {
    pub(super) library: Library<'a>,
    catalogue: Catalogue<'a>,
    pub(super) problems: Problems,
    /// What templates may name, without what differs from build to build.
    pub(super) names: Arc<Names>,
    /// Names whose value is not known because of a problem that is reported already.
    pub(super) unset: BTreeSet<String>,
    /// The key under which names are declared: `variables`, or `parameters` in an included file.
    pub(super) declared: &'static str,
    /// How many `{{` were met in this cell so far.
    expressions: usize,
    /// What all templates of all cells cost so far.
    cost: Cost,
    /// What lints will look at in this cell.
    pub(super) material: Material,
    /// Values of secrets that stand in the recipe by mistake: never shown.
    pub(super) hidden: Vec<Span>,
}

/// What templates may name outside the included file that is being decoded.
pub(super) struct Scope {
    names: Arc<Names>,
    unset: BTreeSet<String>,
    declared: &'static str,
}

/// A template that was checked, and what it renders to with the placeholder for the build's id. No preview: it has a
/// problem, which is reported already.
pub(super) struct Previewed {
    pub(super) text: Text,
    pub(super) preview: Option<String>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(source: &Source, options: &'a Options<'a>) -> Decoder<'a> {
        Decoder {
            library: Library::new(source.clone(), options.files),
            catalogue: options.catalogue,
            problems: Problems::default(),
            names: Arc::default(),
            unset: BTreeSet::new(),
            declared: "variables",
            expressions: 0,
            cost: Cost::default(),
            material: Material::default(),
            hidden: Vec::new(),
        }
    }

    /// The recipe's tree; none when it is no YAML or empty, which is then reported.
    pub(super) fn root(&mut self) -> Option<Node> {
        let found = &mut self.problems.found;
        let root = read(&self.library.sources, FileId::default(), found);
        if root.is_none() && found.is_empty() {
            found.push(document::empty());
        }
        root
    }

    /// Begins to decode the recipe for one cell: these are the values of the axes.
    pub(super) fn begin_cell(&mut self, cell: &Cell, unset: &BTreeSet<String>) {
        self.problems.begin_cell(cell);
        self.names = Arc::new(Names::new(cell));
        self.unset.clone_from(unset);
        self.expressions = 0;
        self.material.begin_cell();
    }

    /// Begins to decode an included file: its templates may name these values alone. Returns what they may name outside.
    pub(super) fn enter(&mut self, inclusion: Inclusion) -> Scope {
        self.problems.enter(inclusion);
        let outer = Scope {
            names: std::mem::take(&mut self.names),
            unset: std::mem::take(&mut self.unset),
            declared: std::mem::replace(&mut self.declared, "parameters"),
        };
        for name in ["name", "version"] {
            let value = outer.names.get(name).cloned();
            let value = value.filter(|_| !outer.unset.contains(name));
            self.declare(name, value);
        }
        outer
    }

    /// Ends what [`Decoder::enter`] began.
    pub(super) fn leave(&mut self, outer: Scope) {
        self.problems.leave();
        self.names = outer.names;
        self.unset = outer.unset;
        self.declared = outer.declared;
    }

    pub(super) fn report(&mut self, problem: Problem) {
        self.problems.report(problem);
    }

    pub(super) fn catalogue(&self) -> Catalogue<'a> {
        self.catalogue
    }

    pub(super) fn locate(&self, path: &str) -> std::path::PathBuf {
        self.library.files().locate(path)
    }

    /// What stands at a place.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.library.sources.slice(span)
    }

    /// Makes a name known to templates. Without a value it is known too, and its problem is reported already.
    pub(super) fn declare(&mut self, name: &str, value: Option<names::Value>) {
        let length = match &value {
            Some(names::Value::Text(text)) => text.len(),
            _ => 0,
        };
        self.cost.add_name(length);
        if value.is_none() {
            self.unset.insert(name.to_owned());
        }
        Arc::make_mut(&mut self.names).set(name, value.unwrap_or_default());
    }

    /// Counts a regular expression.
    pub(super) fn count_pattern(&mut self) {
        self.cost.add_pattern();
    }

    /// Counts the match of a value, which then need not be tried when it would take too long: that is reported.
    pub(super) fn may_match(&mut self, pattern: &str, value: &str, at: Span) -> bool {
        self.cost.add_match(pattern, value.len());
        match self.too_large(at) {
            Some(problem) => {
                self.problems.report_once(problem);
                false
            }
            None => true,
        }
    }

    pub(super) fn wrong_type(&mut self, node: &Node, expected: &str) {
        // `key: {{x}}` without quotes is a mapping in a mapping to YAML, and its key has been reported.
        let bare_template = matches!(&node.value, Value::Mapping(entries) if entries.is_empty())
            && self.slice(node.span).starts_with("{{");
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
            Value::Scalar(scalar) if scalar.meaning() == Meaning::Text => {
                self.material.string(&scalar.text, node.span);
                Some(&scalar.text)
            }
            _ => {
                self.wrong_type(node, "a string");
                None
            }
        }
    }

    /// Any scalar but nothing, as it is written: `1.10` stays `1.10`.
    pub(super) fn written<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(scalar) if scalar.meaning() != Meaning::Null => {
                self.material.string(&scalar.text, node.span);
                Some(&scalar.text)
            }
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
        let written = self.written(node)?;
        let text = self.fixed_text(written, node.span)?;
        self.accept(value::duration(&text), node.span)
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

    /// A string that may hold `{{…}}` and differ from build to build.
    pub(super) fn template(&mut self, node: &Node, escape: Escape) -> Option<Previewed> {
        let template = self.string(node)?;
        let text = self.text(template, escape, node.span);
        Some(self.checked(text, true))
    }

    /// A string that may hold `{{…}}` but is the same in every build; `None` when it has a problem.
    pub(super) fn fixed(&mut self, node: &Node) -> Option<String> {
        let template = self.string(node)?;
        self.fixed_text(template, node.span)
    }

    pub(super) fn fixed_text(&mut self, template: &str, span: Span) -> Option<String> {
        let text = self.text(template, Escape::None, span);
        self.checked(text, false).preview
    }

    /// A string with the names that are known here.
    pub(super) fn text(&self, template: &str, escape: Escape, span: Span) -> Text {
        Text::new(template, escape, span, Arc::clone(&self.names))
    }

    fn checked(&mut self, mut text: Text, varies: bool) -> Previewed {
        let place = Place {
            varies,
            declared: self.declared,
        };
        if let Some(problem) = self.too_much(&text) {
            self.problems.report_once(problem);
            return Previewed {
                text,
                preview: None,
            };
        }
        let checked = check::check(&text, place);
        let unset = checked.used.iter().any(|name| self.unset.contains(name));
        let mut wrong = unset || checked.mistakes.iter().any(|mistake| !mistake.warning);
        for mistake in checked.mistakes {
            let warning = mistake.warning;
            let span = self.inside(&text, mistake.at);
            let problem = Problem::new(mistake.code, span, mistake.message).hint(mistake.hint);
            self.report(if warning { problem.warning() } else { problem });
        }
        for file in checked.files.into_iter().filter(|_| !unset) {
            match self.library.digest(&file.path) {
                Ok(digest) => {
                    text.digests.insert(file.path, digest);
                }
                Err(error) => {
                    let span = self.inside(&text, file.at);
                    self.unusable_file(&file.path, &error, span);
                    wrong = true;
                }
            }
        }
        let preview = if wrong {
            None
        } else {
            self.preview(&text, checked.template, varies)
        };
        Previewed { text, preview }
    }

    fn preview(&mut self, text: &Text, template: Option<Template>, varies: bool) -> Option<String> {
        let Some(template) = template else {
            return Some(text.template().to_owned());
        };
        let build = varies.then(Build::placeholder);
        match render_compiled(template, text, build.as_ref()) {
            Ok(rendered) => Some(rendered),
            Err(error) => {
                let message = format!("this template cannot be rendered: {error}");
                self.report(Problem::new(Code::TemplateSyntax, text.span(), message));
                None
            }
        }
    }

    /// Counts what a template costs; what is wrong when that is more than a recipe may cost.
    fn too_much(&mut self, text: &Text) -> Option<Problem> {
        let expressions = text.template().matches("{{").count();
        self.expressions += expressions;
        self.cost
            .add_text(text.template().len(), expressions, text.names.len());
        if expressions > 0 && self.expressions > MAX_EXPRESSIONS_IN_RECIPE {
            let message = format!("a recipe may hold at most {MAX_EXPRESSIONS_IN_RECIPE} `{{{{`");
            let problem = Problem::new(Code::TemplateTooComplex, text.span(), message);
            return Some(problem.hint("move long content to files beside the recipe"));
        }
        self.too_large(text.span())
    }

    /// What is wrong when the recipe is too large to go on.
    fn too_large(&self, span: Span) -> Option<Problem> {
        self.cost.is_too_much().then(|| {
            Problem::new(
                Code::TemplateTooComplex,
                span,
                "the recipe, with all that it includes and in all cells of its matrix, is too large",
            )
            .hint("include less, move long content to files that `from:` or `script:` names, or split the recipe")
        })
    }

    /// Whether nobody would read on, or it would take too long; the latter is then reported.
    pub(super) fn gives_up(&mut self, span: Span) -> bool {
        if let Some(problem) = self.too_large(span) {
            self.problems.report_once(problem);
            return true;
        }
        self.problems.are_too_many()
    }

    /// Where a template's mistake stands in the recipe: the same `{{` of the string, counted from its start. Counting
    /// holds in plain, quoted and block strings alike, whatever YAML does to indentation and line ends.
    fn inside(&self, text: &Text, at: usize) -> Span {
        let template = text.template();
        let upto = (at + 2).min(template.len());
        let upto = floor_char_boundary(template, upto);
        let count = template[..upto].matches("{{").count();
        let written = self.slice(text.span());
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

    /// Has lints look at a script or a file's content that is written in the recipe.
    pub(super) fn lint_inline(&mut self, role: Role, previewed: &Previewed) {
        if let Some(rendered) = &previewed.preview {
            let passage = Passage::inline(role, previewed.text.clone(), rendered.clone());
            self.material.passage(passage);
        }
    }

    /// Has lints look at a script or a file that lies beside the recipe.
    pub(super) fn lint_beside(&mut self, role: Role, path: &str, span: Span, text: &str) {
        let passage = Passage::beside(role, path, span, text);
        self.material.passage(passage);
    }

    /// The content of a file beside the recipe.
    pub(super) fn file(&mut self, path: &str, span: Span) -> Option<Arc<[u8]>> {
        match self.library.content(path) {
            Ok(content) => Some(content),
            Err(error) => {
                self.unusable_file(path, &error, span);
                None
            }
        }
    }

    pub(super) fn unusable_file(&mut self, path: &str, error: &FileError, span: Span) {
        let (code, hint) = match error {
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
    }
}
