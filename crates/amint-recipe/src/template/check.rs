//! Every mistake in a template, found before anything is rendered.
//!
//! Strict mode alone stops at the first unknown name, and `{{#if typo}}` passes it; this looks at all of them.

use std::collections::BTreeSet;

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use handlebars::{Template, TemplateErrorReason};

use super::helpers::{self, DATE, HELPERS, JSON, SHA256_FILE, SHELL_QUOTE};
use super::limits::{self, Excess, MAX_BACKSLASHES, MAX_BLOCKS, MAX_BRACKETS, MAX_EXPRESSION};
use super::names::{BUILD_ID, Names, Value};
use super::quote::{Inside, is_plain_word, quoted_interpolations};
use super::secret::SECRETS_FOLDER;
use super::text::{Escape, Text};
use crate::code::Code;
use crate::suggest::nearest;

/// The helpers of an expression; a block may be `if` or `unless`.
const COMPARISONS: [&str; 5] = ["and", "eq", "ne", "not", "or"];
const BLOCKS: [&str; 2] = ["if", "unless"];
/// Those that ask whether a value is true.
const CONDITIONS: [&str; 5] = ["and", "if", "not", "or", "unless"];

/// One mistake.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) code: Code,
    /// Byte offset in the template.
    pub(crate) at: usize,
    pub(crate) message: String,
    pub(crate) hint: String,
    pub(crate) warning: bool,
}

/// Where a template stands, as far as it matters to what it may name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Whether the string may differ from build to build.
    pub(crate) varies: bool,
    /// The key under which names are declared there.
    pub(crate) declared: &'static str,
}

/// A file that a template names.
#[derive(Debug)]
pub(crate) struct FileName {
    pub(crate) path: String,
    /// Byte offset in the template.
    pub(crate) at: usize,
}

/// The mistakes of a template, and what it uses.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) used: BTreeSet<String>,
    /// The files whose digest it inserts.
    pub(crate) files: Vec<FileName>,
    /// What Handlebars made of it, when it could and had to.
    pub(crate) template: Option<Template>,
}

/// Checks a template against the names that it may use.
pub(crate) fn check(text: &Text, place: Place) -> Checked {
    let mut checker = Checker {
        template: &text.template,
        escape: text.escape,
        names: &text.names,
        place,
        compared: false,
        checked: Checked::default(),
    };
    if text.is_literal() {
        return checker.checked;
    }
    if let Err(excess) = limits::within(&text.template) {
        checker.excess(&excess);
        return checker.checked;
    }
    match Template::compile(&text.template) {
        Ok(template) => {
            checker.template(&template);
            checker.checked.template = Some(template);
            if text.escape == Escape::Shell {
                checker.quoted();
            }
        }
        Err(error) => {
            let (line, column) = error.pos().unwrap_or((1, 1));
            checker.mistake(
                Code::TemplateSyntax,
                (line, column),
                explain(error.reason()),
                "write `{{name}}` for a value, or `\\{{` for two literal braces",
            );
        }
    }
    checker.checked
}

struct Checker<'a> {
    template: &'a str,
    escape: Escape,
    names: &'a Names,
    place: Place,
    /// Whether what is read decides what the text says. What tells builds apart must not: a plan that is compared, approved or
    /// locked would not be the one that is built.
    compared: bool,
    checked: Checked,
}

impl Checker<'_> {
    fn template(&mut self, template: &Template) {
        for (element, place) in template.elements.iter().zip(&template.mapping) {
            let place = (place.0, place.1);
            match element {
                TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
                TemplateElement::Expression(helper) => match secret(helper, self.names) {
                    Some(name) => self.secret(name, place),
                    None => self.expression(helper, place),
                },
                TemplateElement::HtmlExpression(helper) => self.expression(helper, place),
                TemplateElement::HelperBlock(helper) => self.block(helper, place),
                _ => self.mistake(
                    Code::TemplateSyntax,
                    place,
                    "recipes have no partials and no decorators".to_owned(),
                    "use values, `if`, `unless` and `else`",
                ),
            }
        }
    }

    /// A secret, inserted by itself: in a script it is code that reads it, and nothing anywhere else.
    fn secret(&mut self, name: &str, place: (usize, usize)) {
        self.checked.used.insert(name.to_owned());
        if self.escape == Escape::None {
            self.mistake(
                Code::SecretElsewhere,
                place,
                format!("the secret `{name}` cannot be inserted here: the text is written down"),
                &format!("use it in `run`, or read {SECRETS_FOLDER}/{name} in a script"),
            );
        }
    }

    fn expression(&mut self, helper: &HelperTemplate, place: (usize, usize)) {
        let bare = helper.params.is_empty() && helper.hash.is_empty();
        let is_helper = |name: &str| HELPERS.contains(&name);
        if bare && !helper.name.as_name().is_some_and(is_helper) {
            self.parameter(&helper.name, place);
        } else {
            self.helper(helper, &[&COMPARISONS[..], &HELPERS].concat(), place);
        }
    }

    fn block(&mut self, helper: &HelperTemplate, place: (usize, usize)) {
        self.helper(helper, &BLOCKS, place);
        for inner in [&helper.template, &helper.inverse].into_iter().flatten() {
            self.template(inner);
        }
    }

    fn helper(&mut self, helper: &HelperTemplate, known: &[&str], place: (usize, usize)) {
        let name = helper.name.as_name().unwrap_or("(…)");
        let wanted = match name {
            "if" | "unless" | "not" | DATE | JSON | SHA256_FILE | SHELL_QUOTE => 1..=1,
            "eq" | "ne" => 2..=2,
            _ => 2..=usize::MAX,
        };
        if !known.contains(&name) {
            let known = known.join("`, `");
            self.mistake(
                Code::TemplateSyntax,
                place,
                format!("`{name}` is not something that a template can do here"),
                &format!("there are `{known}`"),
            );
        } else if !wanted.contains(&helper.params.len()) || !helper.hash.is_empty() {
            self.mistake(
                Code::TemplateSyntax,
                place,
                format!("`{name}` does not take {} values", helper.params.len()),
                "`eq` and `ne` take two values, `and` and `or` two or more, all others one",
            );
        } else if name == DATE {
            self.date(helper, place);
        } else if name == SHA256_FILE {
            self.file(helper, place);
        }
        let outer = self.compared;
        self.compared |= COMPARISONS.contains(&name) || BLOCKS.contains(&name);
        for parameter in helper.params.iter().chain(helper.hash.values()) {
            self.parameter(parameter, place);
            if CONDITIONS.contains(&name) {
                self.condition(parameter, place);
            }
        }
        self.compared = outer;
    }

    /// What differs from build to build decides something.
    fn comparison(&mut self, name: &str, place: (usize, usize)) {
        let message =
            format!("`{name}` cannot be compared: what is built would depend on when it is built");
        let hint = "insert it as it is, and compare variables only";
        self.mistake(Code::HelperMisused, place, message, hint);
    }

    /// `date` takes a format that is written there: so it can be checked before any build.
    fn date(&mut self, helper: &HelperTemplate, place: (usize, usize)) {
        let format = match helper.params.first() {
            Some(Parameter::Literal(format)) => format.as_str(),
            _ => None,
        };
        let hint = match format {
            None => Some("write it in quotes: `{{date \"%Y%m%d\"}}`".to_owned()),
            Some(format) => helpers::bad_format(format),
        };
        if let Some(hint) = hint {
            let message = "this is no format of a date".to_owned();
            self.mistake(Code::HelperMisused, place, message, &hint);
        } else if !self.place.varies {
            self.mistake(
                Code::HelperMisused,
                place,
                "`date` cannot be used here: every build would differ".to_owned(),
                "use it in `run`, `content`, `to`, `command` or `image`",
            );
        } else if self.compared {
            self.comparison(DATE, place);
        }
    }

    /// `sha256-file` takes a path that is known before any build: written there, or a variable's.
    fn file(&mut self, helper: &HelperTemplate, place: (usize, usize)) {
        let path = match helper.params.first() {
            Some(Parameter::Literal(path)) => path.as_str(),
            // What is no variable is reported as that.
            Some(name @ (Parameter::Name(_) | Parameter::Path(_))) => {
                match name.as_name().filter(|name| *name != BUILD_ID) {
                    Some(name) => match self.names.get(name) {
                        Some(Value::Text(value)) => Some(value.as_str()),
                        Some(Value::Flag(_)) => None,
                        Some(Value::Secret) | None => return,
                    },
                    None => None,
                }
            }
            _ => None,
        };
        match path {
            Some(path) => self.checked.files.push(FileName {
                path: path.to_owned(),
                at: offset(self.template, place),
            }),
            None => self.mistake(
                Code::HelperMisused,
                place,
                "`sha256-file` takes the path of a file beside the recipe".to_owned(),
                "write it in quotes, `{{sha256-file \"files/app.tar.gz\"}}`, or name a variable",
            ),
        }
    }

    fn parameter(&mut self, parameter: &Parameter, place: (usize, usize)) {
        match parameter {
            Parameter::Literal(_) => {}
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(helper) => self.expression(helper, place),
                _ => self.name("(…)", place),
            },
            Parameter::Name(_) | Parameter::Path(_) => {
                self.name(parameter.as_name().unwrap_or_default(), place);
            }
            _ => self.name("(…)", place),
        }
    }

    /// Handlebars takes every string for true but the empty one.
    fn condition(&mut self, parameter: &Parameter, place: (usize, usize)) {
        let name = parameter.as_name().unwrap_or_default();
        if matches!(self.names.get(name), Some(Value::Text(text)) if text == "false") {
            self.checked.mistakes.push(Mistake {
                code: Code::StringAsCondition,
                at: offset(self.template, place),
                message: format!("`{name}` is a string, and the string `false` counts as true"),
                hint: "declare the variable with `type: boolean`".to_owned(),
                warning: true,
            });
        }
    }

    fn name(&mut self, name: &str, place: (usize, usize)) {
        if self.names.get(name).is_some() {
            self.checked.used.insert(name.to_owned());
            if self.names.is_secret(name) {
                self.mistake(
                    Code::SecretElsewhere,
                    place,
                    format!("the secret `{name}` can only be inserted as `{{{{{name}}}}}`"),
                    "the plan knows nothing of its value: it can't be tested, changed or left unquoted",
                );
            }
            return;
        }
        if name == BUILD_ID && self.place.varies {
            if self.compared {
                self.comparison(BUILD_ID, place);
            }
            return;
        }
        let (message, hint) = if name == BUILD_ID {
            (
                "`build.id` cannot be used here: every build would differ".to_owned(),
                "use it in `run`, `content`, `to`, `command` or `image`".to_owned(),
            )
        } else {
            let declared = self.place.declared;
            let build = self.place.varies.then_some(BUILD_ID);
            let hint = match nearest(name, self.names.all().chain(build)) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("declare it: `{declared}: {{ {name}: {{ default: … }} }}`"),
            };
            let kind = declared.trim_end_matches('s');
            (format!("there is no {kind} `{name}`"), hint)
        };
        self.mistake(Code::UnknownTemplateName, place, message, &hint);
    }

    /// A value that needs quotes, inserted where there are quotes already, is no longer what the writer meant; neither is
    /// the code that reads a secret.
    fn quoted(&mut self) {
        for quoted in quoted_interpolations(self.template) {
            let name = quoted
                .expression
                .trim_matches(|c: char| c.is_whitespace() || "~\"'[]".contains(c));
            let place = match quoted.inside {
                Inside::Quotes => "inside quotes",
                Inside::HereDocument => "in a here-document",
            };
            let mistake = match self.names.get(name) {
                Some(Value::Secret) => Mistake {
                    code: Code::SecretQuoted,
                    at: quoted.at,
                    message: format!(
                        "the secret `{name}` stands {place}, where the code that reads it is text"
                    ),
                    hint: format!(
                        "give it to a shell variable first, `value={{{{{name}}}}}`, and use \"$value\""
                    ),
                    warning: false,
                },
                Some(Value::Text(value)) if !is_plain_word(value) => Mistake {
                    code: Code::QuotedInterpolation,
                    at: quoted.at,
                    message: format!(
                        "`{{{{{name}}}}}` stands {place}, and its value brings its own quotes"
                    ),
                    hint: match quoted.inside {
                        Inside::Quotes => {
                            "leave out the quotes around it; amint quotes values in `run`"
                                .to_owned()
                        }
                        Inside::HereDocument => {
                            format!("write `{{{{{{{name}}}}}}}` there: nothing quotes that")
                        }
                    },
                    warning: true,
                },
                _ => continue,
            };
            self.checked.mistakes.push(mistake);
        }
    }

    fn excess(&mut self, excess: &Excess) {
        let (code, at, message, hint) = match *excess {
            Excess::Blocks(at) => (
                Code::TemplateTooComplex,
                at,
                format!("a string may hold at most {MAX_BLOCKS} blocks"),
                "move the script to a file beside the recipe and name it with `script:`",
            ),
            Excess::Brackets(at) => (
                Code::TemplateTooComplex,
                at,
                format!("brackets lie more than {MAX_BRACKETS} deep in this `{{{{`"),
                "look for a missing `}}`",
            ),
            Excess::Length(at) => (
                Code::TemplateTooComplex,
                at,
                format!("nothing closes this `{{{{` within {MAX_EXPRESSION} bytes"),
                "add `}}`, or write `\\{{` for two literal braces",
            ),
            Excess::Expressions(at, most) => (
                Code::TemplateTooComplex,
                at,
                format!("a string of this length may hold at most {most} `{{{{`"),
                "move it to a file beside the recipe and name it with `from:` or `script:`",
            ),
            Excess::Backslashes(at) => (
                Code::TemplateTooComplex,
                at,
                format!("more than {MAX_BACKSLASHES} backslashes follow each other"),
                "move it to a file beside the recipe and name it with `from:` or `script:`",
            ),
            Excess::Partial(at) => (
                Code::TemplateSyntax,
                at,
                "recipes have no partials and no decorators".to_owned(),
                "use values, `if`, `unless` and `else`",
            ),
        };
        self.checked.mistakes.push(Mistake {
            code,
            at,
            message,
            hint: hint.to_owned(),
            warning: false,
        });
    }

    fn mistake(&mut self, code: Code, place: (usize, usize), message: String, hint: &str) {
        self.checked.mistakes.push(Mistake {
            code,
            at: offset(self.template, place),
            message,
            hint: hint.to_owned(),
            warning: false,
        });
    }
}

/// The secret that an expression inserts by itself.
fn secret<'h>(helper: &'h HelperTemplate, names: &Names) -> Option<&'h str> {
    let name = helper.name.as_name()?;
    let bare = helper.params.is_empty() && helper.hash.is_empty();
    (bare && names.is_secret(name)).then_some(name)
}

/// Handlebars' own words, where they are about the template and not about its grammar.
fn explain(reason: &TemplateErrorReason) -> String {
    match reason {
        TemplateErrorReason::MismatchingClosedHelper(open, close) => {
            format!("`{open}` is open here, and `{close}` is closed")
        }
        _ => "a template cannot be read from here on".to_owned(),
    }
}

/// Line and column, both from 1, to a byte offset.
pub(super) fn offset(text: &str, (line, column): (usize, usize)) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let inside = text[before..]
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(text.len() - before, |(at, _)| at);
    before + inside
}
