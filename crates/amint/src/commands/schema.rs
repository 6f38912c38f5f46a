//! `amint schema`: the JSON Schema of a document.

use amint_event::ExitClass;

use crate::cli::{Document, Schema};
use crate::error::CommandError;
use crate::output;

pub(super) fn run(arguments: &Schema) -> Result<ExitClass, CommandError> {
    output::print_json(&match arguments.document {
        Document::Recipe => amint_recipe::schema(),
        Document::Steps => amint_recipe::steps_schema(),
        Document::Manifest => amint_manifest::schema(),
    })?;
    Ok(ExitClass::Success)
}
