//! `seal:`.

use super::decoder::Decoder;
use super::fields::Fields;
use super::value;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::Seal;
use crate::suggest::nearest;
use crate::yaml::node::{Entry, Node};

impl Default for Seal {
    fn default() -> Seal {
        Seal {
            profile: "marketplace-linux".to_owned(),
            application_logs: Vec::new(),
            span: None,
        }
    }
}

/// `None` when a problem was reported.
pub(super) fn decode(decoder: &mut Decoder<'_>, entry: Option<&Entry>) -> Option<Seal> {
    let mut seal = Seal::default();
    let Some(entry) = entry else {
        return Some(seal);
    };
    seal.span = Some(entry.key_span);
    let mut fields = Fields::of(decoder, &entry.node, "`seal`", entry.key_span)?;
    if let Some(entry) = fields.optional("profile") {
        seal.profile = profile(decoder, &entry.node).unwrap_or_default();
    }
    if let Some(entry) = fields.optional("application-logs") {
        for node in decoder.sequence(&entry.node).unwrap_or_default() {
            let Some(path) = decoder.fixed(node) else {
                continue;
            };
            decoder.accept(value::absolute_path(&path), node.span);
            seal.application_logs.push(path);
        }
    }
    fields.finish(decoder);
    Some(seal)
}

fn profile(decoder: &mut Decoder<'_>, node: &Node) -> Option<String> {
    let name = decoder.string(node)?;
    let known = decoder.catalogue().profiles;
    if known.contains(&name) {
        return Some(name.to_owned());
    }
    let hint = match nearest(name, known.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("there are `{}`", known.join("`, `")),
    };
    decoder.report(
        Problem::new(
            Code::UnknownProfile,
            node.span,
            format!("there is no profile `{name}`"),
        )
        .hint(hint),
    );
    None
}
