//! Mappings of tags.

use super::decoder::Decoder;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::yaml::node::{Entry, Value};

/// The most tags that one EC2 resource takes (EC2 user guide, "Tag your Amazon EC2 resources"), less amint's own.
const MAX_TAGS: usize = 40;

/// The entries of a mapping of tags; anything else, and too many of them, is reported.
pub(super) fn entries<'n>(decoder: &mut Decoder<'_>, entry: &'n Entry) -> &'n [Entry] {
    let Value::Mapping(entries) = &entry.node.value else {
        decoder.wrong_type(&entry.node, "a mapping");
        return &[];
    };
    if entries.len() > MAX_TAGS {
        let problem = Problem::new(
            Code::BadImageText,
            entry.key_span,
            "these are too many tags",
        );
        decoder.report(problem.hint(format!("keep at most {MAX_TAGS}")));
    }
    entries
}
