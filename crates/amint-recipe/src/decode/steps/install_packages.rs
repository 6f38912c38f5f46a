//! `install-packages: { packages: [nginx] }`, or the list alone.

use super::{Common, Decoded, what};
use crate::code::Code;
use crate::decode::decoder::Decoder;
use crate::decode::fields::Fields;
use crate::decode::value;
use crate::diagnostic::Problem;
use crate::recipe::Action;
use crate::span::Span;
use crate::yaml::node::{Entry, Node, Value};

pub(super) fn decode(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Decoded> {
    if matches!(entry.node.value, Value::Sequence(_)) {
        return Some(Decoded {
            action: packages(decoder, &entry.node, entry.key_span),
            common: Common::default(),
        });
    }
    if matches!(entry.node.value, Value::Scalar(_)) && !entry.node.is_null() {
        decoder.wrong_type(&entry.node, "a list");
        return None;
    }
    let what = what(entry);
    let mut fields = Fields::of(decoder, &entry.node, &what, entry.key_span)?;
    let common = Common::decode(decoder, &mut fields);
    let action = fields
        .required(decoder, "packages", "[nginx]")
        .and_then(|entry| packages(decoder, &entry.node, entry.key_span));
    fields.finish(decoder);
    Some(Decoded { action, common })
}

fn packages(decoder: &mut Decoder<'_>, node: &Node, at: Span) -> Option<Action> {
    let nodes = decoder.sequence(node)?;
    if nodes.is_empty() {
        decoder.report(
            Problem::new(Code::BadPackage, at, "there is no package to install")
                .hint("name at least one, or remove the step"),
        );
    }
    let mut packages = Vec::new();
    for node in nodes {
        let Some(package) = decoder.fixed(node) else {
            continue;
        };
        decoder.accept(value::package(&package), node.span);
        packages.push(package);
    }
    decoder.material.packages(&packages);
    Some(Action::InstallPackages(packages))
}
