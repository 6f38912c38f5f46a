//! Lists of words, each of which may stand in them once.

use super::decoder::Decoder;
use super::value::Refusal;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::yaml::node::{Entry, Node};

/// The words of a list, where it is given. What is no such word is reported, and so is what stands there twice.
pub(super) fn words(
    decoder: &mut Decoder<'_>,
    entry: Option<&Entry>,
    valid: fn(&str) -> Result<(), Refusal>,
) -> Vec<String> {
    let word = |decoder: &mut Decoder<'_>, node: &Node| {
        let text = decoder.fixed(node)?;
        decoder.accept(valid(&text), node.span)?;
        Some(text)
    };
    words_with(decoder, entry, word)
}

/// As [`words`], with a decoder of each item.
pub(super) fn words_with<'a>(
    decoder: &mut Decoder<'a>,
    entry: Option<&Entry>,
    word: impl Fn(&mut Decoder<'a>, &Node) -> Option<String>,
) -> Vec<String> {
    let Some(entry) = entry else {
        return Vec::new();
    };
    let mut words = Vec::new();
    for node in decoder.sequence(&entry.node).unwrap_or_default() {
        let Some(text) = word(decoder, node) else {
            continue;
        };
        if words.contains(&text) {
            let message = format!("`{text}` is in this list already");
            let problem = Problem::new(Code::DuplicateItem, node.span, message);
            decoder.report(problem.hint("remove one of the two"));
        } else {
            words.push(text);
        }
    }
    words
}
