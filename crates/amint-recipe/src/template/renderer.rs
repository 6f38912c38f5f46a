//! The final strings.

use handlebars::{Handlebars, Template, no_escape};

use super::build::Build;
use super::helpers;
use super::quote::shell_word;
use super::secret;
use super::text::{Escape, Text};

/// Renders the strings of recipes for one build.
#[derive(Debug)]
pub struct Renderer {
    build: Build,
}

/// Why a string could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A build id is part of names and paths, so it must be a word of letters and digits.
    #[error("a build id is 1 to 64 letters, digits and hyphens")]
    BuildId,
    /// Handlebars refused; [`crate::parse`] finds such mistakes, so this is one of amint's own.
    #[error("a template that was checked could not be rendered")]
    Template {
        /// What Handlebars said.
        #[source]
        source: Box<handlebars::RenderError>,
    },
    /// A secret would be where only its stand-in could be.
    #[error("a secret stands where its value cannot be read")]
    Secret,
}

impl From<handlebars::RenderError> for RenderError {
    fn from(source: handlebars::RenderError) -> RenderError {
        RenderError::Template {
            source: Box::new(source),
        }
    }
}

impl Renderer {
    /// A renderer for the build `build_id`.
    pub(crate) fn new(build_id: &str) -> Result<Renderer, RenderError> {
        Build::new(build_id).map(|build| Renderer { build })
    }

    /// The final string.
    ///
    /// # Errors
    /// When the text names the build's date and the build's id holds no time; otherwise none for a text of a recipe.
    pub fn render(&self, text: &Text) -> Result<String, RenderError> {
        if text.is_literal() {
            return Ok(text.template.clone());
        }
        let template = Template::compile(&text.template).map_err(handlebars::RenderError::from)?;
        render_compiled(template, text, Some(&self.build))
    }
}

/// Renders what Handlebars made of a text; without a build, one that is the same in every build.
pub(crate) fn render_compiled(
    template: Template,
    text: &Text,
    build: Option<&Build>,
) -> Result<String, RenderError> {
    const NAME: &str = "text";
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    match text.escape {
        Escape::None => handlebars.register_escape_fn(no_escape),
        Escape::Shell => handlebars.register_escape_fn(shell_value),
    }
    helpers::register(&mut handlebars, build.and_then(Build::begun), &text.digests);
    handlebars.register_template(NAME, template);
    let rendered = handlebars.render(NAME, &text.names.context(build))?;
    if secret::is_left_in(&rendered) {
        return Err(RenderError::Secret);
    }
    Ok(rendered)
}

/// One word of a shell command: a value in quotes, or the code that reads a secret.
fn shell_value(value: &str) -> String {
    secret::code(value).unwrap_or_else(|| shell_word(value))
}
