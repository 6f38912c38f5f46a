//! Configuration is hardened, and read back while the machine can still be asked.

use std::time::Duration;

use amint_harden::{Profile, Stage};

use crate::command::{self, Command};
use crate::context::Context;
use crate::error::BuildError;
use crate::phases::launch::Builder;
use crate::step::{self, Header, Running};

/// How long one hardening step may take.
const LIMIT: Duration = Duration::from_secs(300);

pub(crate) async fn run(
    cx: &Context<'_>,
    builder: &Builder,
    profile: &Profile,
) -> Result<(), BuildError> {
    let first = cx.plan.steps.len() + 1;
    for (index, hardening) in (first..).zip(profile.at_stage(Stage::Attached)) {
        let header = Header {
            index,
            name: hardening.id,
            kind: "hardening",
            timeout: LIMIT,
        };
        let work = async |running: &mut Running<'_, '_>| {
            let command = Command {
                token: format!("hardening-{}", hardening.id),
                script: hardening.command(),
                timeout: LIMIT,
            };
            let mut output = |bytes: &[u8]| running.output(bytes);
            let end = command::run(cx, &builder.id, command, &mut output).await;
            running.ended(end)
        };
        step::report(cx, header, work).await?;
    }
    Ok(())
}
