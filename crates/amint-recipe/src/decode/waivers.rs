//! `waivers:`.

use super::decoder::Decoder;
use super::fields::Fields;
use super::value;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::Waiver;
use crate::suggest::nearest;
use crate::yaml::node::{Entry, Node};

/// `None` when a problem was reported.
pub(super) fn decode(decoder: &mut Decoder<'_>, entry: Option<&Entry>) -> Option<Vec<Waiver>> {
    let Some(entry) = entry else {
        return Some(Vec::new());
    };
    let nodes = decoder.sequence(&entry.node)?;
    let waivers: Vec<_> = nodes.iter().map(|node| decode_one(decoder, node)).collect();
    waivers.into_iter().collect()
}

fn decode_one(decoder: &mut Decoder<'_>, node: &Node) -> Option<Waiver> {
    let mut fields = Fields::of(decoder, node, "a waiver", node.span)?;
    let rule = fields.required(decoder, "rule", "MP-SSH-003");
    let reason = fields.required(decoder, "reason", "why it is accepted");
    let expires = fields.required(decoder, "expires", "2027-01-31");
    let path = fields.optional("path");
    fields.finish(decoder);

    let rule = rule.and_then(|entry| waivable(decoder, &entry.node));
    let reason = reason.and_then(|entry| {
        let text = decoder.string(&entry.node)?;
        if text.trim().is_empty() {
            let problem = Problem::new(Code::MissingKey, entry.node.span, "the reason is empty");
            decoder.report(problem.hint("say why it is accepted, for whoever audits the image"));
            return None;
        }
        Some(text)
    });
    let expires = expires.and_then(|entry| {
        let text = decoder.string(&entry.node)?;
        decoder.accept(value::date(text), entry.node.span)?;
        Some(text)
    });
    let path = path.map(|entry| {
        let text = decoder.string(&entry.node)?;
        decoder.accept(value::absolute_path(text), entry.node.span)?;
        Some(text.to_owned())
    });
    Some(Waiver {
        rule: rule?,
        reason: reason?.to_owned(),
        expires: expires?.to_owned(),
        path: match path {
            Some(path) => Some(path?),
            None => None,
        },
        span: node.span,
    })
}

/// The id of a rule whose violations can be accepted.
fn waivable(decoder: &mut Decoder<'_>, node: &Node) -> Option<String> {
    let id = decoder.string(node)?;
    let catalogue = decoder.catalogue();
    if catalogue.waivable.contains(&id) {
        return Some(id.to_owned());
    }
    let problem = if catalogue.rules.contains(&id) {
        let message = format!("the rule `{id}` guards the proof itself and cannot be waived");
        Problem::new(Code::NotWaivable, node.span, message)
            .hint("leave out the waiver, and mend what is found")
    } else {
        let hint = match nearest(id, catalogue.waivable.iter().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("there are `{}`", catalogue.waivable.join("`, `")),
        };
        Problem::new(
            Code::UnknownRule,
            node.span,
            format!("there is no rule `{id}`"),
        )
        .hint(hint)
    };
    decoder.report(problem);
    None
}
