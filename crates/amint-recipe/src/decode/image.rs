//! `image:`.

use std::collections::BTreeMap;

use super::decoder::{Decoder, Previewed};
use super::fields::Fields;
use super::publish;
use super::value;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::{Image, Publish};
use crate::source::Span;
use crate::template::{Escape, Text};
use crate::yaml::node::{Entry, Value};

/// The name of an image that the recipe gives none.
const DEFAULT_NAME: &str = "{{name}}-{{version}}-{{build.id}}";

/// The most tags that one EC2 resource takes (EC2 user guide, "Tag your Amazon EC2 resources"), less amint's own.
const MAX_TAGS: usize = 40;

/// `None` when a problem was reported.
pub(super) fn decode(
    decoder: &mut Decoder<'_>,
    entry: Option<&Entry>,
    recipe: Span,
) -> Option<Image> {
    let mut image = Image {
        name: Text::new(DEFAULT_NAME, Escape::None, recipe),
        description: Text::new("", Escape::None, recipe),
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
        image.tags = tags(decoder, entry);
    }
    if let Some(entry) = fields.optional("imds") {
        let words = [("v2.0", "v2.0")];
        decoder.word(&entry.node, &words);
    }
    image.publish = publish::decode(decoder, &mut fields);
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

fn tags(decoder: &mut Decoder<'_>, entry: &Entry) -> BTreeMap<String, Text> {
    let Value::Mapping(entries) = &entry.node.value else {
        decoder.wrong_type(&entry.node, "a mapping");
        return BTreeMap::new();
    };
    if entries.len() > MAX_TAGS {
        decoder.report(
            Problem::new(
                Code::BadImageText,
                entry.key_span,
                "these are too many tags",
            )
            .hint(format!("keep at most {MAX_TAGS}")),
        );
    }
    let mut tags = BTreeMap::new();
    for entry in entries {
        let Some(Previewed { text, preview }) = decoder.template(&entry.node, Escape::None) else {
            continue;
        };
        let preview = preview.unwrap_or_default();
        decoder.accept(value::tag(&entry.key, &preview), entry.key_span);
        tags.insert(entry.key.clone(), text);
    }
    tags
}
