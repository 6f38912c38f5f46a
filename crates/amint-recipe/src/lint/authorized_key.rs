//! A key that opens every instance of the image.

use super::shell::command::RedirectKind;
use super::subject::{Material, Role};
use super::{Context, Findings};
use crate::code::Code;

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let message = "whoever has this key can enter every instance of the image";
    let hint = "leave it out: EC2 puts the launcher's own key there when an instance first boots";
    for at in material.commands() {
        let command = at.command;
        let writes = |kind| matches!(kind, RedirectKind::Write | RedirectKind::Append);
        let redirected = command
            .redirects
            .iter()
            .find(|one| writes(one.kind) && is_key_file(&one.target.text))
            .map(|one| &one.target);
        let written = match command.name() {
            "cp" | "mv" | "install" | "tee" => command
                .operands()
                .last()
                .filter(|word| is_key_file(&word.text)),
            "ssh-copy-id" | "ssh-import-id" => command.words.first(),
            _ => None,
        };
        // `: >` and `cp /dev/null` empty it.
        let empties = matches!(command.name(), "" | ":" | "true" | "truncate")
            || command.words.iter().any(|word| word.text == "/dev/null");
        if let Some(word) = redirected.or(written).filter(|_| !empties) {
            found.warn(
                Code::AuthorizedKey,
                at.part(word.range.clone()),
                message,
                hint,
            );
        }
    }
    for (_, passage) in material.passages() {
        if let Role::Content(to) = &passage.role
            && is_key_file(to)
        {
            found.warn(Code::AuthorizedKey, material.value(to), message, hint);
        }
    }
}

fn is_key_file(path: &str) -> bool {
    path.ends_with("/authorized_keys") || path.ends_with("/authorized_keys2")
}
