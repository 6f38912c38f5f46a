//! `seal:`.

use std::collections::BTreeMap;

use super::decoder::Decoder;
use super::fields::Fields;
use super::list::words_with;
use super::value;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::Seal;
use crate::suggest::nearest;
use crate::yaml::node::{Entry, Node, Value};

impl Default for Seal {
    fn default() -> Seal {
        Seal {
            profiles: vec!["marketplace-linux".to_owned()],
            choices: BTreeMap::new(),
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
    let (one, several) = (fields.optional("profile"), fields.optional("profiles"));
    if one.is_some() && several.is_some() {
        // Reports that both are given.
        let _ = fields.either(decoder, ["profile", "profiles"]);
    } else if let Some(entry) = one {
        seal.profiles = profile(decoder, &entry.node).into_iter().collect();
    } else if let Some(entry) = several {
        seal.profiles = words_with(decoder, Some(entry), profile);
    }
    if let Some(entry) = fields.optional("choices") {
        seal.choices = choices(decoder, entry);
    }
    let at = several
        .or(one)
        .map_or(entry.key_span, |entry| entry.key_span);
    // What is wrong with a name has been said.
    if !seal.profiles.is_empty()
        && let Some((message, hint)) =
            (decoder.catalogue().disagreement)(&seal.profiles, &seal.choices)
    {
        decoder.report(Problem::new(Code::ProfilesDisagree, at, message).hint(hint));
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

/// A profile by topic.
fn choices(decoder: &mut Decoder<'_>, entry: &Entry) -> BTreeMap<String, String> {
    let Value::Mapping(entries) = &entry.node.value else {
        decoder.wrong_type(&entry.node, "a mapping");
        return BTreeMap::new();
    };
    let choice = |one: &Entry| Some((one.key.clone(), profile(decoder, &one.node)?));
    entries.iter().filter_map(choice).collect()
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
