//! `file: { from: … or content: …, to: …, owner, group, mode or executable }`.

use super::{Common, Decoded, what};
use crate::code::Code;
use crate::decode::decoder::Decoder;
use crate::decode::fields::Fields;
use crate::decode::value;
use crate::diagnostic::Problem;
use crate::lint::subject::Role;
use crate::recipe::{Action, Content, FileAction};
use crate::template::{Escape, Text};
use crate::yaml::node::{Entry, Node};

/// Permission bits of a file that the recipe gives none.
const DEFAULT_MODE: u32 = 0o644;
/// With `executable: true`.
const EXECUTABLE_MODE: u32 = 0o755;

pub(super) fn decode(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Decoded> {
    let what = what(entry);
    let mut fields = Fields::of(decoder, &entry.node, &what, entry.key_span)?;
    let common = Common::decode(decoder, &mut fields);
    let given = fields.either(decoder, ["from", "content"]);
    let to = fields
        .required(decoder, "to", "/etc/example.conf")
        .and_then(|entry| to(decoder, &entry.node));
    let role = Role::Content(
        to.as_ref()
            .map_or_else(String::new, |to| to.template().to_owned()),
    );
    let content = given.and_then(|entry| match entry.key.as_str() {
        "content" => {
            let content = decoder.template(&entry.node, Escape::None)?;
            decoder.lint_inline(role, &content);
            Some(Content::Inline(content.text))
        }
        _ => from(decoder, &entry.node, role),
    });
    let owner = fields
        .optional("owner")
        .and_then(|entry| account(decoder, &entry.node));
    let group = fields
        .optional("group")
        .and_then(|entry| account(decoder, &entry.node));
    let mode = mode(
        decoder,
        fields.optional("mode"),
        fields.optional("executable"),
    );
    fields.finish(decoder);
    let action = content.zip(to).map(|(content, to)| {
        Action::File(FileAction {
            content,
            to,
            owner,
            group,
            mode,
        })
    });
    Some(Decoded { action, common })
}

fn from(decoder: &mut Decoder<'_>, node: &Node, role: Role) -> Option<Content> {
    let path = decoder.fixed(node)?;
    let bytes = decoder.file(&path, node.span)?;
    if let Ok(text) = str::from_utf8(&bytes) {
        decoder.lint_beside(role, &path, node.span, text);
    }
    Some(Content::File { path, bytes })
}

fn to(decoder: &mut Decoder<'_>, node: &Node) -> Option<Text> {
    let to = decoder.template(node, Escape::None)?;
    if let Some(path) = to.preview {
        decoder.accept(value::absolute_path(&path), node.span);
    }
    Some(to.text)
}

fn account(decoder: &mut Decoder<'_>, node: &Node) -> Option<String> {
    let written = decoder.written(node)?;
    let name = decoder.fixed_text(written, node.span)?;
    decoder.accept(value::account(&name), node.span)?;
    if let Some(piece) = decoder.material.steps.last_mut() {
        piece.owners.push((name.clone(), node.span));
    }
    Some(name)
}

fn mode(decoder: &mut Decoder<'_>, mode: Option<&Entry>, executable: Option<&Entry>) -> u32 {
    let executable_value = executable.and_then(|entry| decoder.boolean(&entry.node));
    match (mode, executable) {
        (Some(_), Some(executable)) => {
            decoder.report(
                Problem::new(
                    Code::KeysExclude,
                    executable.key_span,
                    "`mode` and `executable` cannot be given together",
                )
                .hint("keep `mode`"),
            );
            DEFAULT_MODE
        }
        (Some(mode), None) => decoder
            .written(&mode.node)
            .and_then(|text| decoder.accept(value::mode(text), mode.node.span))
            .unwrap_or(DEFAULT_MODE),
        (None, _) if executable_value == Some(true) => EXECUTABLE_MODE,
        (None, _) => DEFAULT_MODE,
    }
}
