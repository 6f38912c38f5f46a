//! A file of steps: `amint-steps: 1`, `description`, `parameters`, `steps`.

use super::include::With;
use crate::code::Code;
use crate::decode::decoder::Decoder;
use crate::decode::document::format;
use crate::decode::fields::Fields;
use crate::decode::variables::{Declaration, declared};
use crate::diagnostic::Problem;
use crate::suggest::nearest;
use crate::template::names;
use crate::yaml::node::{Entry, Node, Value};

/// Makes the parameters known to templates; the list of the steps, or `None` when a problem was reported.
pub(super) fn decode<'n>(
    decoder: &mut Decoder<'_>,
    root: &'n Node,
    with: &With,
) -> Option<&'n Node> {
    let start = root.span.at_start();
    if let Value::Mapping(entries) = &root.value
        && entries.iter().any(|entry| entry.key == "amint")
    {
        let problem = Problem::new(
            Code::WrongType,
            start,
            "this is a recipe, not a file of steps",
        );
        decoder.report(problem.hint("only files that begin with `amint-steps: 1` can be included"));
        return None;
    }
    let mut fields = Fields::of(decoder, root, "a file of steps", start)?;
    let format = fields
        .required(decoder, "amint-steps", "1")
        .and_then(|entry| format(decoder, "steps", &entry.node));
    if let Some(description) = fields.optional("description") {
        decoder.string(&description.node);
    }
    parameters(decoder, fields.optional("parameters"), with);
    let steps = fields.required(decoder, "steps", "[…]");
    fields.finish(decoder);
    format?;
    Some(&steps?.node)
}

fn parameters(decoder: &mut Decoder<'_>, entry: Option<&Entry>, with: &With) {
    let entries = declared(decoder, entry);
    for parameter in entries {
        let value = decode_one(decoder, parameter, with);
        decoder.declare(&parameter.key, value);
    }
    let known = || entries.iter().map(|entry| entry.key.as_str());
    for (name, argument) in &with.values {
        if known().any(|known| known == name) {
            continue;
        }
        let hint = match nearest(name, known()) {
            Some(known) => format!("did you mean `{known}`?"),
            None if entries.is_empty() => "it has no parameters".to_owned(),
            None => format!("there are `{}`", known().collect::<Vec<_>>().join("`, `")),
        };
        let message = format!("`{}` has no parameter `{name}`", with.path);
        let problem = Problem::new(Code::UnknownParameter, argument.key_span, message);
        decoder.report(problem.hint(hint));
    }
}

fn decode_one(decoder: &mut Decoder<'_>, parameter: &Entry, with: &With) -> Option<names::Value> {
    let declaration = Declaration::decode(decoder, parameter)?;
    let (value, at) = match with.values.get(&parameter.key) {
        Some(argument) => (argument.value.as_deref()?, argument.span),
        None => match &declaration.default {
            Some((default, at)) => (default.as_str(), *at),
            None if with.broken => return None,
            None => {
                let name = &parameter.key;
                let message = format!("`{}` needs a value for `{name}`", with.path);
                let problem = Problem::new(Code::MissingParameter, with.at, message);
                decoder.report(problem.hint(format!("add `with: {{ {name}: … }}`")));
                return None;
            }
        },
    };
    declaration.accept(decoder, value, None, at)
}
