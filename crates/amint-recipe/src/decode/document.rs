//! The recipe as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::decoder::Decoder;
use super::fields::Fields;
use super::matrix::Cell;
use super::{allow, base, builder, image, seal, steps, value, variables, waivers};
use crate::code::Code;
use crate::diagnostic::{Diagnostics, Problem};
use crate::given::Given;
use crate::recipe::Recipe;
use crate::span::Span;
use crate::template::names;
use crate::yaml::node::{Node, Value};

/// The version of the recipe format.
const FORMAT: u32 = 1;

/// The problem of a file without a document.
pub(super) fn empty() -> Problem {
    Problem::new(Code::Empty, Span::default(), "the recipe is empty")
        .hint("start with `amint: 1`; recipes/demo.yaml is an example")
}

/// Decodes all sections; `None` when a problem was reported that leaves no recipe.
pub(super) fn decode(
    decoder: &mut Decoder<'_>,
    root: &Node,
    cell: &Cell,
    given: &Given,
) -> Option<Recipe> {
    if root.is_null() {
        decoder.report(empty());
        return None;
    }
    let start = root.span.at_start();
    if is_file_of_steps(root) {
        let problem = Problem::new(
            Code::WrongType,
            start,
            "this is a file of steps, not a recipe",
        );
        decoder.report(problem.hint("name a recipe that includes it"));
        return None;
    }
    let mut fields = Fields::of(decoder, root, "the recipe", start)?;

    let format = fields
        .required(decoder, "amint", "1")
        .and_then(|entry| format(decoder, "recipe", &entry.node));
    let name = fields
        .required(decoder, "name", "my-image")
        .and_then(|entry| {
            let name = decoder.string(&entry.node)?;
            decoder.accept(value::name(name), entry.node.span)?;
            Some(name.to_owned())
        });

    // Decoded before anything else: it says what the recipe is decoded for.
    fields.optional("matrix");

    // Everything after may name variables, the recipe's name and its version.
    let variables::Declared { values, secrets } =
        variables::decode(decoder, fields.optional("variables"), cell, given);
    decoder.declare("name", name.as_deref().map(names::Value::from));
    let version = fields
        .required(decoder, "version", "1.0.0")
        .and_then(|entry| {
            let written = decoder.written(&entry.node)?;
            let version = decoder.fixed_text(written, entry.node.span)?;
            decoder.accept(value::version(&version), entry.node.span)?;
            Some(version)
        });
    decoder.declare("version", version.as_deref().map(names::Value::from));

    let description = fields
        .optional("description")
        .map(|entry| decoder.fixed(&entry.node));
    let base = fields
        .required(decoder, "base", "{ local: { debian: bookworm } }")
        .and_then(|entry| base::decode(decoder, entry));
    let builder = builder::decode(decoder, fields.optional("builder"));
    let steps = steps::decode(decoder, fields.optional("steps"));
    let seal = seal::decode(decoder, fields.optional("seal"));
    let region = builder.as_ref().map(|builder| builder.aws.region.as_str());
    let region = region.unwrap_or_default();
    let image = image::decode(decoder, fields.optional("image"), root.span, region, cell);
    let waivers = waivers::decode(decoder, fields.optional("waivers"));
    let allow = allow::decode(decoder, fields.optional("allow"));
    fields.finish(decoder);

    decoder.material.base.clone_from(&base);
    decoder.material.region = builder.as_ref().map(|builder| builder.aws.region.clone());
    decoder.material.allow.clone_from(&allow);
    format?;
    Some(Recipe {
        sources: Arc::default(),
        name: name?,
        version: version?,
        description: description.flatten(),
        matrix: cell.clone(),
        variables: values,
        secrets,
        files: BTreeMap::new(),
        base: base?,
        builder: builder?,
        steps: steps?,
        seal: seal?,
        image: image?,
        waivers: waivers?,
        allow,
        warnings: Diagnostics::default(),
    })
}

/// Whether a tree is that of a file that recipes include.
fn is_file_of_steps(root: &Node) -> bool {
    let Value::Mapping(entries) = &root.value else {
        return false;
    };
    let has = |key| entries.iter().any(|entry| entry.key == key);
    has("amint-steps") && !has("amint")
}

/// The version of a `what`'s format, which must be the one that is known.
pub(super) fn format(decoder: &mut Decoder<'_>, what: &str, node: &Node) -> Option<()> {
    let version = decoder.integer(node, 1..=u32::MAX)?;
    if version == FORMAT {
        return Some(());
    }
    decoder.report(
        Problem::new(
            Code::FormatVersion,
            node.span,
            format!("{what} format {version} is not known"),
        )
        .hint(format!(
            "this amint reads format {FORMAT}; a newer one may read {version}"
        )),
    );
    None
}
