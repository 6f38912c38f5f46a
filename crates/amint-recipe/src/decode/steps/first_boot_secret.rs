//! `first-boot-secret: { name: …, command: …, length: 32 }`.

use super::{Common, Decoded, what};
use crate::decode::decoder::Decoder;
use crate::decode::fields::Fields;
use crate::decode::value;
use crate::recipe::Action;
use crate::template::Escape;
use crate::yaml::node::Entry;

/// Characters of a secret: of 62 letters and digits, 32 hold 190 bits.
const DEFAULT_LENGTH: u32 = 32;

pub(super) fn decode(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Decoded> {
    let what = what(entry);
    let mut fields = Fields::of(decoder, &entry.node, &what, entry.key_span)?;
    let given = fields.required(decoder, "name", "admin-password");
    let common = Common::decode(decoder, &mut fields);
    let name = given.and_then(|entry| {
        // Its templates were checked as the step's name.
        let (name, _) = common.name.clone()?;
        decoder.accept(value::name(&name), entry.node.span)?;
        Some(name)
    });
    let command = fields
        .required(decoder, "command", "/opt/product/bin/set-password")
        .and_then(|entry| {
            let command = decoder.template(&entry.node, Escape::None)?;
            if let Some(preview) = command.preview {
                decoder.accept(value::command(&preview), entry.node.span)?;
            }
            Some(command.text)
        });
    // Fewer than 16 characters can be guessed; a line longer than 128 breaks tools that read passwords.
    let length = match fields.optional("length") {
        Some(entry) => decoder.integer(&entry.node, 16..=128),
        None => Some(DEFAULT_LENGTH),
    };
    fields.finish(decoder);
    let action = name
        .zip(command)
        .zip(length)
        .map(|((name, command), length)| Action::FirstBootSecret {
            name,
            command,
            length,
        });
    Some(Decoded { action, common })
}
