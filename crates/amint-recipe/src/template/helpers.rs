//! The helpers that insert something: `shell-quote`, `json`, `date`, `sha256-file`.

use std::collections::BTreeMap;

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonRender, Output, RenderContext,
    RenderError, RenderErrorReason, ScopedJson,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::quote::shell_word;

pub(crate) const SHELL_QUOTE: &str = "shell-quote";
pub(crate) const JSON: &str = "json";
pub(crate) const DATE: &str = "date";
pub(crate) const SHA256_FILE: &str = "sha256-file";

/// All of them.
pub(crate) const HELPERS: [&str; 4] = [DATE, JSON, SHA256_FILE, SHELL_QUOTE];

/// What `date` takes after a `%`: each is digits and hyphens in every language, and none names a time zone.
const DIRECTIVES: &str = "YmdHMSjF%";

/// The longest format of a date, in bytes.
const MAX_FORMAT: usize = 64;

/// Why a format is no format of a date.
pub(crate) fn bad_format(format: &str) -> Option<String> {
    if format.is_empty() || format.len() > MAX_FORMAT {
        return Some(format!(
            "write 1 to {MAX_FORMAT} characters, such as \"%Y%m%d\""
        ));
    }
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        let known = letter != '%' || letters.next().is_some_and(|one| DIRECTIVES.contains(one));
        if !known || letter.is_control() {
            return Some(
                "there are %Y, %m, %d, %H, %M, %S, %j (day of the year), %F (%Y-%m-%d) and %%; \
                 all in UTC"
                    .to_owned(),
            );
        }
    }
    None
}

/// Registers the helpers. `begun`: the build's time, where there is one; `digests`: of the files that the text names.
pub(crate) fn register<'reg>(
    handlebars: &mut Handlebars<'reg>,
    begun: Option<Timestamp>,
    digests: &'reg BTreeMap<String, String>,
) {
    handlebars.register_helper("eq", Box::new(equal));
    handlebars.register_helper("ne", Box::new(unequal));
    handlebars.register_helper(SHELL_QUOTE, Box::new(ShellQuote));
    handlebars.register_helper(JSON, Box::new(Json));
    handlebars.register_helper(DATE, Box::new(Date(begun)));
    handlebars.register_helper(SHA256_FILE, Box::new(Sha256File(digests)));
}

// Handlebars' own compare JSON, where a boolean never equals a string. To a recipe all values are strings.
handlebars::handlebars_helper!(equal: |a: Json, b: Json| a.render() == b.render());
handlebars::handlebars_helper!(unequal: |a: Json, b: Json| a.render() != b.render());

/// The value as one word of a shell command, quoted once wherever it stands.
struct ShellQuote;

impl HelperDef for ShellQuote {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        Ok(derived(shell_word(&parameter(helper)?.render())))
    }

    // Written as it is: in `run` the value would be quoted a second time.
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        out.write(&shell_word(&parameter(helper)?.render()))?;
        Ok(())
    }
}

/// The value as JSON.
struct Json;

impl HelperDef for Json {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        Ok(derived(parameter(helper)?.to_string()))
    }
}

/// The build's date in UTC.
struct Date(Option<Timestamp>);

impl HelperDef for Date {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let format = parameter(helper)?.render();
        let Some(begun) = self.0 else {
            return Err(other("the build's id does not hold its time"));
        };
        jiff::fmt::strtime::format(&format, &begun.to_zoned(TimeZone::UTC))
            .map(derived)
            .map_err(|error| other(&error.to_string()))
    }
}

/// The SHA-256 of a file beside the recipe.
struct Sha256File<'a>(&'a BTreeMap<String, String>);

impl HelperDef for Sha256File<'_> {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let path = parameter(helper)?.render();
        let digest = self.0.get(&path);
        let digest = digest.ok_or_else(|| other("the file was not read with the recipe"))?;
        Ok(derived(digest.clone()))
    }
}

fn parameter<'h>(helper: &'h Helper<'_>) -> Result<&'h Value, RenderError> {
    match helper.param(0) {
        Some(parameter) => Ok(parameter.value()),
        None => Err(other("it takes a value")),
    }
}

fn derived<'rc>(text: String) -> ScopedJson<'rc> {
    ScopedJson::Derived(Value::from(text))
}

fn other(message: &str) -> RenderError {
    RenderErrorReason::Other(message.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::bad_format;

    #[test]
    fn only_digits_of_a_date_are_taken() {
        for format in ["%Y%m%d", "%F", "v%Y.%j", "%H%M%S%%", "ü %d"] {
            assert_eq!(bad_format(format), None, "{format}");
        }
        for format in ["", "%", "%Z", "%A", "%10Y", "%-d", "a\nb", &"x".repeat(65)] {
            assert!(bad_format(format).is_some(), "{format:?}");
        }
    }
}
