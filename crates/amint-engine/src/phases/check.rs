//! Configuration is hardened, and read back while the machine can still be asked: all of it in one command,
//! because each costs a round trip, with a result for each step.

use std::time::Duration;

use amint_harden::{Profile, Stage};

use crate::command::{self, Command, CommandEnd};
use crate::context::Context;
use crate::error::BuildError;
use crate::phases::launch::Builder;
use crate::step::{self, Header, Running};

/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(300);

pub(crate) async fn run(
    cx: &Context<'_>,
    builder: &Builder,
    profile: &Profile,
) -> Result<(), BuildError> {
    let steps: Vec<_> = profile.at_stage(Stage::Attached).collect();
    let mut script = String::new();
    for step in &steps {
        script.push_str(&reported(step.id, &step.command()));
    }
    let command = Command {
        token: "hardening".to_owned(),
        script,
        timeout: LIMIT,
    };
    let mut output = Vec::new();
    let mut keep = |bytes: &[u8]| {
        output.extend_from_slice(bytes);
        Ok(())
    };
    let ended = command::run(cx, &builder.id, command, &mut keep).await;
    // Of the whole: that of the step that failed, and 0 only when none did.
    let exit_code = match ended {
        Ok(exit_code) => Some(exit_code),
        Err(CommandEnd::TimedOut) => None,
        Err(CommandEnd::Failed(error)) => return Err(error),
    };
    let results = results(&String::from_utf8_lossy(&output));
    let first = cx.plan.steps.len() + 1;
    for (index, hardening) in (first..).zip(&steps) {
        let header = Header {
            index,
            name: hardening.id,
            kind: "hardening",
            timeout: LIMIT,
        };
        let result = results.iter().find(|one| one.id == hardening.id);
        let work = async |running: &mut Running<'_, '_>| {
            if let Some(result) = result {
                running.output(result.output.as_bytes())?;
            }
            match result.and_then(|one| one.exit_code).or(exit_code) {
                Some(exit_code) => running.ended(Ok(exit_code)),
                None => Err(running.timed_out()),
            }
        };
        step::report(cx, header, work).await?;
    }
    Ok(())
}

/// How the lines begin that tell the steps apart. Hardening steps are amint's own and print no such line.
const MARK: &str = "::amint-step::";

/// The part of the command that runs one step and reports it. The first that fails is the last that runs.
fn reported(id: &str, script: &str) -> String {
    format!(
        "echo '{MARK} begin {id}'\n(\n{}\n)\nstatus=$?\necho\necho \"{MARK} end {id} $status\"\n\
         [ \"$status\" -eq 0 ] || exit \"$status\"\n",
        script.trim_end()
    )
}

/// What one step came to.
#[derive(Debug, Default, Eq, PartialEq)]
struct StepResult {
    id: String,
    output: String,
    exit_code: Option<i32>,
}

fn results(output: &str) -> Vec<StepResult> {
    let mut results: Vec<StepResult> = Vec::new();
    for line in output.lines() {
        let words: Vec<&str> = match line.strip_prefix(MARK) {
            Some(rest) => rest.split_whitespace().collect(),
            None => Vec::new(),
        };
        match (words[..].first(), results.last_mut()) {
            (Some(&"begin"), _) => results.push(StepResult {
                id: words.get(1).unwrap_or(&"").to_string(),
                ..StepResult::default()
            }),
            (Some(&"end"), Some(result)) => {
                result.exit_code = words.get(2).and_then(|code| code.parse().ok());
            }
            (_, Some(result)) if !line.is_empty() => {
                result.output.push_str(line);
                result.output.push('\n');
            }
            _ => {}
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> (Option<i32>, String) {
        let output = std::process::Command::new("sh")
            .args(["-c", script])
            .output();
        let output = output.expect("there is a shell");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), text)
    }

    #[test]
    fn each_step_has_its_output_and_its_exit_code() {
        let script = [
            reported("one", "set -e\nprintf 'no newline'"),
            reported("two", "echo a; echo b; exit 3"),
            reported("three", "echo not reached"),
        ];
        let (code, output) = sh(&script.concat());
        assert_eq!(code, Some(3));
        let result = |id: &str, output: &str, exit_code| StepResult {
            id: id.to_owned(),
            output: output.to_owned(),
            exit_code: Some(exit_code),
        };
        assert_eq!(
            results(&output),
            [result("one", "no newline\n", 0), result("two", "a\nb\n", 3)]
        );
    }

    #[test]
    fn a_step_that_was_cut_off_has_no_exit_code() {
        let cut = format!("{MARK} begin one\nworking");
        let results = results(&cut);
        assert_eq!(
            (results[0].exit_code, results[0].output.as_str()),
            (None, "working\n")
        );
    }
}
