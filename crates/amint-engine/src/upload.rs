//! Files onto the builder: directly, by commands that hold parts of them, or by way of a place in between.

use amint_cloud::{BuilderId, FileUpload, ResourceKind, Transfer};
use amint_event::Phase;
use base64::prelude::{BASE64_STANDARD, Engine};

use crate::acquire::{Intent, acquire_named};
use crate::call::{CallError, LONG};
use crate::command::{self, Command};
use crate::context::Context;
use crate::error::BuildError;
use crate::release;
use crate::step::Running;

/// The head of every script: where the file grows until it is complete, in memory.
const BEGIN: &str = "set -eu\numask 077\nmkdir -p /run/amint/upload\n";

/// Puts `file` in place; `token` makes the commands' tokens unique.
pub(crate) async fn run(
    cx: &Context<'_>,
    builder: &BuilderId,
    token: &str,
    file: &FileUpload,
    running: &mut Running<'_, '_>,
) -> Result<(), BuildError> {
    let Transfer::Commands { part, largest } = cx.cloud.transfer() else {
        return directly(cx, builder, file, running).await;
    };
    let partial = format!("/run/amint/upload/{token}");
    let large = file.content.len() > largest;
    let name = cx.cloud.staged_name(&cx.plan.build_id, token);
    let name = name.filter(|_| large);
    let scripts = match large {
        true => vec![staged(cx, token, name.as_deref(), file, &partial).await?],
        false => in_parts(file, part, &partial),
    };
    let last = scripts.len();
    for (number, mut script) in (1..).zip(scripts) {
        if number == last {
            script.push_str(&install(file, &partial));
        }
        let command = Command {
            token: format!("{token}-part-{number}"),
            script,
            timeout: running.time_left(),
        };
        let mut output = |bytes: &[u8]| running.output(bytes);
        let end = command::run(cx, builder, command, &mut output).await;
        match end {
            Ok(0) => {}
            end => return running.ended(end),
        }
    }
    if let Some(name) = name {
        // Nobody fetches it any more.
        release::early(cx, ResourceKind::StagedFile, &name).await;
    }
    Ok(())
}

async fn directly(
    cx: &Context<'_>,
    builder: &BuilderId,
    file: &FileUpload,
    running: &mut Running<'_, '_>,
) -> Result<(), BuildError> {
    let limit = LONG.min(running.time_left());
    let doing = format!("put {} onto the builder", file.to);
    let put = cx
        .call(&doing, limit, || cx.cloud.put_file(builder, file))
        .await;
    put.map_err(|error| match error {
        BuildError::Call {
            source: CallError::NoAnswer { .. },
            ..
        } if limit < LONG => running.timed_out(),
        error => error,
    })
}

/// The script that fetches the file from where it was laid down, under `name` where that is known beforehand.
async fn staged(
    cx: &Context<'_>,
    token: &str,
    name: Option<&str>,
    file: &FileUpload,
    partial: &str,
) -> Result<String, BuildError> {
    let build = &cx.plan.build_id;
    let doing = format!("lay {} down for the builder", file.to);
    let stage = || cx.cloud.stage_file(build, token, &file.content);
    let fetch = match name {
        Some(name) => {
            let intent = Intent {
                phase: Phase::Customize,
                kind: ResourceKind::StagedFile,
                token: &format!("{build}-{token}-file"),
                doing: &doing,
                patience: None,
            };
            acquire_named(cx, intent, name, stage).await?
        }
        None => cx.call(&doing, LONG, stage).await?,
    };
    Ok(format!(
        "{BEGIN}fetch() {{\n{}\n}}\nfetch {partial}\n",
        fetch.trim_end()
    ))
}

/// One script a part. The first begins anew; each says where it writes, so that one that runs twice does no harm.
fn in_parts(file: &FileUpload, part: usize, partial: &str) -> Vec<String> {
    let mut scripts = vec![format!("{BEGIN}: >{partial}\n")];
    for (index, bytes) in file.content.chunks(part.max(1)).enumerate() {
        let script = format!(
            "{BEGIN}base64 -d <<'END' | dd of={partial} bs={part} seek={index} conv=notrunc status=none\n{}\nEND\n",
            BASE64_STANDARD.encode(bytes)
        );
        match index {
            0 => scripts[0].push_str(&script),
            _ => scripts.push(script),
        }
    }
    scripts
}

/// Moves what is complete to where it belongs, with its owner and mode from the first moment on.
fn install(file: &FileUpload, partial: &str) -> String {
    let owner = file.owner.as_deref().unwrap_or("root");
    let group = match (&file.group, &file.owner) {
        (Some(group), _) => format!(":{group}"),
        // The owner's own group.
        (None, Some(_)) => ":".to_owned(),
        (None, None) => ":root".to_owned(),
    };
    let (owner, to) = (quote(&format!("{owner}{group}")), quote(&file.to));
    format!(
        "to={to}\nfolder=${{to%/*}}\n(umask 022 && mkdir -p \"${{folder:-/}}\")\nnew=$to.amint-new\n\
         cp {partial} \"$new\"\nchown {owner} \"$new\"\nchmod {:o} \"$new\"\nmv -f \"$new\" \"$to\"\nrm -f {partial}\n",
        file.mode
    )
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
