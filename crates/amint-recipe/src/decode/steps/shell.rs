//! `shell: { run: … }` or `shell: { script: path }`.

use super::{Common, Decoded, what};
use crate::code::Code;
use crate::decode::decoder::Decoder;
use crate::decode::fields::Fields;
use crate::diagnostic::Problem;
use crate::lint::subject::Role;
use crate::recipe::{Action, Script};
use crate::template::Escape;
use crate::yaml::node::{Entry, Node};

pub(super) fn decode(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Decoded> {
    let what = what(entry);
    let mut fields = Fields::of(decoder, &entry.node, &what, entry.key_span)?;
    let common = Common::decode(decoder, &mut fields);
    let script =
        fields
            .either(decoder, ["run", "script"])
            .and_then(|entry| match entry.key.as_str() {
                "run" => inline(decoder, &entry.node),
                _ => beside(decoder, &entry.node),
            });
    fields.finish(decoder);
    Some(Decoded {
        action: script.map(Action::Shell),
        common,
    })
}

fn inline(decoder: &mut Decoder<'_>, node: &Node) -> Option<Script> {
    let run = decoder.template(node, Escape::Shell)?;
    check(decoder, run.text.template(), node);
    decoder.lint_inline(Role::Script, &run);
    Some(Script::Inline(run.text))
}

fn beside(decoder: &mut Decoder<'_>, node: &Node) -> Option<Script> {
    let path = decoder.fixed(node)?;
    let bytes = decoder.file(&path, node.span)?;
    let Ok(text) = str::from_utf8(&bytes) else {
        decoder.report(
            Problem::new(Code::NotShell, node.span, format!("`{path}` is not text"))
                .hint("install a program with a `file` step and start it with `run`"),
        );
        return None;
    };
    check(decoder, text, node);
    decoder.lint_beside(Role::Script, &path, node.span, text);
    let text = text.to_owned();
    Some(Script::File { path, text })
}

/// A script runs under `/bin/sh`, whatever its first line says; so that line must not say something else.
fn check(decoder: &mut Decoder<'_>, script: &str, node: &Node) {
    let first = script.lines().next().unwrap_or_default();
    let problem = if script.contains('\0') {
        Problem::new(
            Code::NotShell,
            node.span,
            "a script cannot hold a zero byte",
        )
        .hint("put binary data into a file beside the recipe")
    } else if script.trim().is_empty() {
        Problem::new(Code::NotShell, node.span, "the script is empty")
            .hint("write a command, or remove the step")
    } else if let Some(interpreter) = first.strip_prefix("#!")
        && !matches!(
            interpreter.split_whitespace().collect::<Vec<_>>()[..],
            ["/bin/sh", ..] | ["/usr/bin/sh", ..] | ["/usr/bin/env", "sh"]
        )
    {
        Problem::new(
            Code::NotShell,
            node.span,
            format!(
                "scripts run under /bin/sh, not under `{}`",
                interpreter.trim()
            ),
        )
        .hint("install it with a `file` step (`executable: true`) and start it with `run`")
    } else {
        return;
    };
    decoder.report(problem);
}
