//! The final strings.

use handlebars::{Handlebars, Template, no_escape};

use super::names::{BUILD_ID, Names};
use super::quote::shell_word;
use super::text::{Escape, Text};

/// Renders a recipe's strings for one build.
#[derive(Debug)]
pub struct Renderer {
    names: Names,
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
    pub(crate) fn new(names: &Names, build_id: &str) -> Result<Renderer, RenderError> {
        let is_word = (1..=64).contains(&build_id.len())
            && build_id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_word {
            return Err(RenderError::BuildId);
        }
        let mut names = names.clone();
        names.set(BUILD_ID, build_id);
        Ok(Renderer { names })
    }

    /// The final string.
    ///
    /// # Errors
    /// None for a text of the recipe that this renderer was made from.
    pub fn render(&self, text: &Text) -> Result<String, RenderError> {
        render(text, &self.names)
    }
}

/// Renders with exactly these names.
fn render(text: &Text, names: &Names) -> Result<String, RenderError> {
    if text.is_literal() {
        return Ok(text.template.clone());
    }
    let template = Template::compile(&text.template).map_err(handlebars::RenderError::from)?;
    render_compiled(template, text.escape, names)
}

/// Renders what Handlebars made of a text.
pub(crate) fn render_compiled(
    template: Template,
    escape: Escape,
    names: &Names,
) -> Result<String, RenderError> {
    const NAME: &str = "text";
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    match escape {
        Escape::None => handlebars.register_escape_fn(no_escape),
        Escape::Shell => handlebars.register_escape_fn(shell_word),
    }
    handlebars.register_template(NAME, template);
    Ok(handlebars.render(NAME, &names.context())?)
}
