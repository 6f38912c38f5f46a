//! `allow:`, the lints that a recipe silences.

use super::decoder::Decoder;
use super::fields::Fields;
use crate::code::{self, CodeInfo};
use crate::diagnostic::Problem;
use crate::recipe::Allow;
use crate::suggest::nearest;
use crate::yaml::node::{Entry, Node};

/// Those that are right; the others are reported.
pub(super) fn decode(decoder: &mut Decoder<'_>, entry: Option<&Entry>) -> Vec<Allow> {
    let Some(entry) = entry else {
        return Vec::new();
    };
    let nodes = decoder.sequence(&entry.node).unwrap_or_default();
    let allows = nodes.iter().map(|node| decode_one(decoder, node));
    allows.collect::<Vec<_>>().into_iter().flatten().collect()
}

fn decode_one(decoder: &mut Decoder<'_>, node: &Node) -> Option<Allow> {
    let mut fields = Fields::of(decoder, node, "an item of `allow`", node.span)?;
    let lint = fields.required(decoder, "lint", "AM0113");
    let reason = fields.required(decoder, "reason", "why it is meant");
    let step = fields.optional("step");
    fields.finish(decoder);

    let lint = lint.and_then(|entry| lint_id(decoder, &entry.node));
    let reason = reason.and_then(|entry| {
        let reason = decoder.string(&entry.node)?;
        if reason.trim().is_empty() {
            let problem = Problem::new(
                code::Code::MissingKey,
                entry.node.span,
                "the reason is empty",
            );
            decoder.report(problem.hint("say why it is meant, for whoever reads the recipe next"));
            return None;
        }
        Some(reason.to_owned())
    });
    let step = step.map(|entry| decoder.fixed(&entry.node));
    Some(Allow {
        lint: lint?.id.to_owned(),
        step: match step {
            Some(step) => Some(step?),
            None => None,
        },
        reason: reason?,
        span: node.span,
    })
}

fn lint_id(decoder: &mut Decoder<'_>, node: &Node) -> Option<&'static CodeInfo> {
    let id = decoder.string(node)?;
    let lints = || code::codes().filter(|info| info.is_lint);
    if let Some(info) = lints().find(|info| info.id == id) {
        if info.can_be_allowed {
            return Some(info);
        }
        let message = format!("`{id}` protects secrets and cannot be allowed");
        let problem = Problem::new(code::Code::NotAllowable, node.span, message);
        decoder.report(problem.hint("take the secret out of the recipe"));
        return None;
    }
    let (message, hint) = if code::explain(id).is_some_and(|info| !info.is_lint) {
        (
            format!("`{id}` is no lint: it keeps the recipe from being used"),
            "mend what it reports".to_owned(),
        )
    } else {
        let hint = match nearest(id, lints().map(|info| info.id)) {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`amint explain --list` lists them".to_owned(),
        };
        (format!("there is no lint `{id}`"), hint)
    };
    decoder.report(Problem::new(code::Code::UnknownLint, node.span, message).hint(hint));
    None
}
