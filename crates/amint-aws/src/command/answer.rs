//! What SSM says about a command.

use amint_cloud::{CloudError, Result};
use aws_sdk_ssm::operation::get_command_invocation::GetCommandInvocationOutput;

/// What `kill -9` leaves (128 + 9): so the agent ends a command that is cancelled or out of time.
const KILLED: i32 = 137;
/// Before the log, with its boot and its size.
const HEADER: &str = "amint-log ";
/// After the log.
const END: &[u8] = b"amint-end";

/// Where a command is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    Running,
    Ended(End),
}

/// How a command ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct End {
    pub(super) exit_code: i32,
    pub(super) output: Output,
}

/// What it printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Output {
    /// All of it, as it came.
    Whole { boot: String, bytes: Vec<u8> },
    /// In the log of this boot, this long.
    Log { boot: String, size: u64 },
    /// In the log, as far as it came.
    Unknown,
}

/// The command's state. One that never ran is an error: nothing is known about an exit code.
pub(super) fn read(answer: &GetCommandInvocationOutput) -> Result<Answer> {
    let status = word(answer.status().map(|status| status.as_str()));
    let details = word(answer.status_details());
    let running = ["", "pending", "inprogress", "delayed", "cancelling"];
    if running.contains(&status.as_str()) {
        return Ok(Answer::Running);
    }
    for never in [&details, &status] {
        let Some(reason) = why_never(never) else {
            continue;
        };
        let error = format!("the command did not run on the builder: {reason} ({never})");
        return Err(CloudError::other(error).hint(
            "the builder's console and the SSM agent's log on the builder tell more; \
             --on-error keep keeps it",
        ));
    }
    let ended = matches!(status.as_str(), "success" | "failed") && answer.response_code() >= 0;
    let stdout = answer.standard_output_content().unwrap_or_default();
    let exit_code = if ended {
        answer.response_code()
    } else {
        KILLED
    };
    let output = match header(stdout) {
        Some((boot, size, rest)) => match whole(rest.as_bytes(), size) {
            Some(bytes) => Output::Whole {
                boot: boot.to_owned(),
                bytes: bytes.to_vec(),
            },
            None => Output::Log {
                boot: boot.to_owned(),
                size,
            },
        },
        // The wrapper itself failed: what it says is all that there is.
        None if ended => {
            let stderr = answer.standard_error_content().unwrap_or_default();
            Output::Whole {
                boot: String::new(),
                bytes: [stdout, stderr].concat().into_bytes(),
            }
        }
        None => Output::Unknown,
    };
    Ok(Answer::Ended(End { exit_code, output }))
}

/// Why a command never ran whose status is this word; nothing when it may have.
fn why_never(status: &str) -> Option<&'static str> {
    match status {
        "deliverytimedout" => Some("its agent did not fetch it in time"),
        "undeliverable" => Some("its agent could not be reached"),
        "terminated" | "incompatible" | "invalidplatform" | "accessdenied" => {
            Some("SSM gave it up")
        }
        _ => None,
    }
}

/// Whether the details of a command's status say that it never ran.
pub(super) fn never_ran(details: &str) -> bool {
    why_never(&word(Some(details))).is_some()
}

/// The boot, the size and what follows them.
pub(super) fn header(text: &str) -> Option<(&str, u64, &str)> {
    let (line, rest) = text.strip_prefix(HEADER)?.split_once('\n')?;
    let (boot, size) = line.split_once(' ')?;
    Some((boot, size.trim().parse().ok()?, rest))
}

/// The log, if all of it is there, unchanged.
fn whole(rest: &[u8], size: u64) -> Option<&[u8]> {
    let (log, after) = rest.split_at_checked(usize::try_from(size).ok()?)?;
    after.starts_with(END).then_some(log)
}

fn word(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let word = text.chars().filter(|c| c.is_ascii_alphabetic());
    word.collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::types::CommandInvocationStatus as Status;

    use super::*;

    fn answer(status: Status, details: &str, code: i32, stdout: &str) -> Result<Answer> {
        let answer = GetCommandInvocationOutput::builder()
            .status(status)
            .status_details(details)
            .response_code(code)
            .standard_output_content(stdout)
            .standard_error_content("sh: no")
            .build();
        read(&answer)
    }

    fn ended(status: Status, details: &str, code: i32, stdout: &str) -> End {
        match answer(status, details, code, stdout) {
            Ok(Answer::Ended(end)) => end,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_has_not_ended_is_running() {
        for status in [
            Status::Pending,
            Status::InProgress,
            Status::Delayed,
            Status::Cancelling,
        ] {
            let answer = answer(status, "", -1, "").expect("no error");
            assert_eq!(answer, Answer::Running);
        }
    }

    #[test]
    fn a_short_log_is_there_at_once() {
        let end = ended(
            Status::Failed,
            "Failed",
            3,
            "amint-log b 4\nab\ncamint-end\n",
        );
        assert_eq!(end.exit_code, 3);
        let (boot, bytes) = ("b".to_owned(), b"ab\nc".to_vec());
        assert_eq!(end.output, Output::Whole { boot, bytes });
    }

    #[test]
    fn a_log_that_was_left_out_cut_or_changed_is_read_elsewhere() {
        let left_out = "amint-log b 30000\n";
        let cut = "amint-log b 9\nab";
        let changed = "amint-log b 3\na\u{fffd}camint-end\n";
        for (stdout, size) in [(left_out, 30_000), (cut, 9), (changed, 3)] {
            let end = ended(Status::Success, "Success", 0, stdout);
            let boot = "b".to_owned();
            assert_eq!(end.output, Output::Log { boot, size }, "{stdout}");
        }
    }

    #[test]
    fn without_a_header_it_is_the_wrapper_that_speaks() {
        let end = ended(Status::Failed, "Failed", 126, "");
        let Output::Whole { bytes, .. } = end.output else {
            panic!("{end:?}");
        };
        assert_eq!(bytes, b"sh: no");
    }

    #[test]
    fn what_was_killed_says_so_and_has_a_log() {
        for (status, details) in [
            (Status::TimedOut, "Execution Timed Out"),
            (Status::Cancelled, "Cancelled"),
            (Status::Failed, "Failed"),
        ] {
            let end = ended(status, details, -1, "");
            assert_eq!((end.exit_code, end.output), (137, Output::Unknown));
        }
    }

    #[test]
    fn what_never_ran_has_no_exit_code() {
        for (status, details) in [
            (Status::TimedOut, "Delivery Timed Out"),
            (Status::TimedOut, "DeliveryTimedOut"),
            (Status::Failed, "Undeliverable"),
            (Status::Failed, "Terminated"),
            (Status::from("Undeliverable"), ""),
        ] {
            let error = answer(status, details, -1, "").expect_err("it never ran");
            assert!(error.message.contains("did not run"), "{error}");
        }
    }

    #[test]
    fn a_listing_tells_what_never_ran() {
        assert!(never_ran("DeliveryTimedOut") && never_ran("Undeliverable"));
        for may_have in ["Success", "Failed", "InProgress", "ExecutionTimedOut", ""] {
            assert!(!never_ran(may_have), "{may_have}");
        }
    }

    #[test]
    fn a_log_may_look_like_a_header() {
        let stdout = "amint-log b 14\namint-log c 99amint-end\n";
        let end = ended(Status::Success, "Success", 0, stdout);
        let (boot, bytes) = ("b".to_owned(), b"amint-log c 99".to_vec());
        assert_eq!(end.output, Output::Whole { boot, bytes });
    }
}
