//! Recipe text to a checked [`Recipe`], with every problem reported at once.
//!
//! ```text
//! Source ──yaml──► located tree ──decode──► Recipe ──renderer──► final strings
//! ```
//!
//! - [`source`], [`sources`], [`span`]: the text, all texts that a recipe is read from, and places in them.
//! - `yaml`: text to a located tree, bounded in depth and size.
//! - `decode`: the tree to a recipe; one file a section, one file a kind of step.
//! - `template`: `{{…}}`.
//! - `lint`: what can be said and is not meant; one file a lint.
//! - [`files`]: what lies beside the recipe. [`given`]: values that variables are given from outside.
//! - `outline`: whether a text is a recipe, and where its keys stand.
//! - [`diagnostic`], `report`, `code`: what is wrong, how it is shown, the table of codes.
//! - [`recipe`]: the result.
//! - `schema`: the JSON Schema, for editors.
//!
//! Nothing here writes, and nothing here knows what is done with a recipe.

mod code;
mod decode;
pub mod diagnostic;
pub mod files;
pub mod given;
mod lint;
mod outline;
pub mod recipe;
mod report;
mod schema;

pub mod source;
pub mod sources;
pub mod span;
mod suggest;
mod template;
mod yaml;

pub use code::{CodeInfo, codes, explain};
pub use decode::{Catalogue, Disagreement, Options, expand, expand_file, parse, parse_file};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use files::{Beside, FileError, Files};
pub use given::Given;
pub use outline::Outline;
pub use recipe::Recipe;
pub use schema::{schema, steps_schema};

pub use source::{ReadError, Source};
pub use sources::Sources;
pub use span::{FileId, Span};
pub use template::{Escape, PLACEHOLDER_BUILD_ID, RenderError, Renderer, SECRETS_FOLDER, Text};
