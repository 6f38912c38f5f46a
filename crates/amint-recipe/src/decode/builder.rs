//! `builder:`.

use std::time::Duration;

use super::aws_builder;
use super::decoder::Decoder;
use super::fields::Fields;
use crate::recipe::{AwsBuilder, Builder};
use crate::yaml::node::Entry;

impl Default for Builder {
    fn default() -> Builder {
        Builder {
            vcpus: 2,
            memory_mib: 1024,
            network: true,
            timeout: Duration::from_secs(60 * 60),
            aws: AwsBuilder::default(),
        }
    }
}

/// `None` when a problem was reported.
pub(super) fn decode(decoder: &mut Decoder<'_>, entry: Option<&Entry>) -> Option<Builder> {
    let mut builder = Builder::default();
    let Some(entry) = entry else {
        return Some(builder);
    };
    let mut fields = Fields::of(decoder, &entry.node, "`builder`", entry.key_span)?;
    if let Some(entry) = fields.optional("vcpus") {
        builder.vcpus = decoder.integer(&entry.node, 1..=64).unwrap_or_default();
    }
    if let Some(entry) = fields.optional("memory") {
        builder.memory_mib = decoder
            .integer(&entry.node, 256..=1024 * 1024)
            .unwrap_or_default();
    }
    if let Some(entry) = fields.optional("network") {
        let words = [("user", true), ("none", false)];
        builder.network = decoder.word(&entry.node, &words).unwrap_or_default();
    }
    if let Some(entry) = fields.optional("timeout") {
        builder.timeout = decoder.duration(&entry.node).unwrap_or_default();
    }
    builder.aws = aws_builder::decode(decoder, &mut fields);
    fields.finish(decoder);
    Some(builder)
}
