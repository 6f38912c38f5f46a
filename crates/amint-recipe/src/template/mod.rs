//! Templating: Handlebars in strict mode, with few helpers and bounded work.
//!
//! - [`text`]: a string of the recipe that may hold `{{…}}`.
//! - [`names`]: what `{{…}}` may name. [`build`]: what of it differs from build to build.
//! - [`helpers`]: what inserts more than a value.
//! - [`check`]: every mistake in a template, found before anything is rendered.
//! - [`limits`]: what a template may cost to parse.
//! - [`quote`]: shell quoting of interpolated values. [`secret`]: those that nobody may read.
//! - [`renderer`]: the final strings; [`trace`]: where in a template each part of them comes from.
//!
//! There are values (`{{name}}`), `{{{name}}}` for a value without shell quoting, `if`, `unless`, `else`, and the
//! comparisons `eq`, `ne`, `and`, `or`, `not`; and what [`helpers`] has. There are no loops, partials or decorators: all values are
//! strings, but that `if` and its like know a boolean variable's `false`.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod helpers;
pub(crate) mod limits;
pub(crate) mod names;
pub(crate) mod quote;
pub(crate) mod renderer;
pub(crate) mod secret;
pub(crate) mod text;
pub(crate) mod trace;

pub use build::PLACEHOLDER_BUILD_ID;
pub use renderer::{RenderError, Renderer};
pub use secret::SECRETS_FOLDER;
pub use text::{Escape, Text};
