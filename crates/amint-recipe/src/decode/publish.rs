//! The keys of `image:` about its publication on AWS.

use super::decoder::Decoder;
use super::fields::Fields;
use crate::recipe::Publish;

pub(super) fn decode(decoder: &mut Decoder<'_>, fields: &mut Fields<'_>) -> Publish {
    let keep_last = fields.optional("keep-last");
    Publish {
        keep_last: keep_last.and_then(|entry| decoder.integer(&entry.node, 1..=1000)),
        ..Publish::default()
    }
}
