//! `image:`.

use std::collections::BTreeMap;

use super::decoder::{Decoder, Previewed};
use super::fields::Fields;
use super::matrix::Cell;
use super::{publish, tags, value};
use crate::recipe::{Image, Publish};
use crate::span::Span;
use crate::template::{Escape, Text};
use crate::yaml::node::Entry;

/// The name of an image that the recipe gives none: with the values of the matrix, where there is one.
fn default_name(cell: &Cell) -> String {
    let axes: String = cell.keys().map(|axis| format!("{{{{{axis}}}}}-")).collect();
    format!("{{{{name}}}}-{{{{version}}}}-{axes}{{{{build.id}}}}")
}

/// `None` when a problem was reported. `region` is the builder's.
pub(super) fn decode(
    decoder: &mut Decoder<'_>,
    entry: Option<&Entry>,
    recipe: Span,
    region: &str,
    cell: &Cell,
) -> Option<Image> {
    let mut image = Image {
        name: decoder.text(&default_name(cell), Escape::None, recipe),
        description: decoder.text("", Escape::None, recipe),
        tags: BTreeMap::new(),
        publish: Publish::default(),
    };
    let Some(entry) = entry else {
        return Some(image);
    };
    let mut fields = Fields::of(decoder, &entry.node, "`image`", entry.key_span)?;
    if let Some(name) = text(decoder, fields.optional("name"), value::image_name) {
        image.name = name;
    }
    let description = fields.optional("description");
    if let Some(description) = text(decoder, description, value::image_description) {
        image.description = description;
    }
    if let Some(entry) = fields.optional("tags") {
        image.tags = image_tags(decoder, entry);
    }
    if let Some(entry) = fields.optional("imds") {
        let words = [("v2.0", "v2.0")];
        decoder.word(&entry.node, &words);
    }
    image.publish = publish::decode(decoder, &mut fields, region);
    fields.finish(decoder);
    Some(image)
}

fn text(
    decoder: &mut Decoder<'_>,
    entry: Option<&Entry>,
    valid: fn(&str) -> Result<(), value::Refusal>,
) -> Option<Text> {
    let node = &entry?.node;
    let Previewed { text, preview } = decoder.template(node, Escape::None)?;
    if let Some(preview) = preview {
        decoder.accept(valid(&preview), node.span);
    }
    Some(text)
}

fn image_tags(decoder: &mut Decoder<'_>, entry: &Entry) -> BTreeMap<String, Text> {
    let mut tags = BTreeMap::new();
    for entry in tags::entries(decoder, entry) {
        let Some(Previewed { text, preview }) = decoder.template(&entry.node, Escape::None) else {
            continue;
        };
        let preview = preview.unwrap_or_default();
        decoder.accept(value::tag(&entry.key, &preview), entry.key_span);
        tags.insert(entry.key.clone(), text);
    }
    tags
}
