//! `reboot: {}`.

use super::{Common, Decoded, what};
use crate::decode::decoder::Decoder;
use crate::decode::fields::Fields;
use crate::recipe::Action;
use crate::yaml::node::Entry;

pub(super) fn decode(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Decoded> {
    let what = what(entry);
    let mut fields = Fields::of(decoder, &entry.node, &what, entry.key_span)?;
    let common = Common::decode(decoder, &mut fields);
    fields.finish(decoder);
    Some(Decoded {
        action: Some(Action::Reboot),
        common,
    })
}
