//! What is sent to the agent.

use std::fmt::Write as _;

use amint_cloud::{CloudError, CommandRequest, ErrorKind, Result};
use sha2::{Digest, Sha256};

const WRAPPER: &str = include_str!("wrapper.sh");
const TAIL: &str = include_str!("tail.sh");

/// The most bytes of a command: SSM takes 64 KiB of a document and its parameters (quotas of Systems
/// Manager), and they grow when they are escaped.
const LARGEST: usize = 60_000;
/// The most characters of a comment (SendCommand in the SSM API reference).
const COMMENT: usize = 100;
/// The most bytes of a log that [`tail`] prints.
pub(super) const PIECE: u64 = 17_000;

/// What finds the command again: unique for its builder, readable in the console.
pub(super) fn comment(request: &CommandRequest) -> String {
    let comment = format!("amint {} {}", request.build, request.token);
    if comment.chars().count() <= COMMENT {
        return comment;
    }
    format!("amint {}", digest(&comment))
}

/// The name of the command's folder on the builder.
pub(super) fn folder(token: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !token.is_empty() && token.len() <= 64 && token.chars().all(plain) {
        return token.to_owned();
    }
    digest(token)
}

/// The script in its wrapper.
pub(super) fn wrapped(request: &CommandRequest) -> Result<String> {
    // Of the script, so that it can't be in the script.
    let mark = digest(&request.script);
    let script = part_braces(request.script.trim_end_matches('\n'), &mark);
    let command = fill(
        WRAPPER,
        &[
            ("@TOKEN@", &folder(&request.token)),
            ("@MARK@", &mark),
            ("@END@", &format!("end-{mark}")),
            ("@SCRIPT@", &script),
        ],
    );
    // As JSON, in which line ends and quotes take two bytes.
    let length = serde_json::to_string(&command).map_or(command.len(), |text| text.len());
    if length > LARGEST {
        return Err(CloudError::new(
            ErrorKind::Unfit,
            format!(
                "the script of {} has {} bytes, and a command over SSM takes {LARGEST} at most",
                request.token,
                request.script.len()
            ),
        )
        .hint("put it onto the builder with a `file` step and run it from there"));
    }
    Ok(command)
}

/// What prints the log of the command in `folder` from byte `from` of the log of boot `boot`.
pub(super) fn tail(folder: &str, boot: &str, from: u64) -> String {
    let from = from.to_string();
    fill(
        TAIL,
        &[("@TOKEN@", folder), ("@FROM@", &from), ("@BOOT@", boot)],
    )
}

/// Puts values in place of names, each value as it is: it may hold what looks like another name.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    loop {
        let next = values
            .iter()
            .filter_map(|(name, value)| Some((rest.find(name)?, name.len(), value)))
            .min();
        let Some((at, length, value)) = next else {
            filled.push_str(rest);
            return filled;
        };
        filled.push_str(&rest[..at]);
        filled.push_str(value);
        rest = &rest[at + length..];
    }
}

/// Two braces that open would be a parameter of SSM's own (`{{ssm:name}}`): a mark parts them.
fn part_braces(script: &str, mark: &str) -> String {
    let mut parted = String::with_capacity(script.len());
    let mut last = None;
    for c in script.chars() {
        if c == '{' && last == Some('{') {
            parted.push_str(mark);
        }
        parted.push(c);
        last = Some(c);
    }
    parted
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).fold(String::new(), |mut hex, byte| {
        // Writing to a string can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::*;

    fn request(token: &str, script: &str) -> CommandRequest {
        CommandRequest {
            build: "01J0000000000000000000000A".to_owned(),
            token: token.to_owned(),
            script: script.to_owned(),
            timeout: Duration::from_secs(60),
        }
    }

    /// Runs the wrapped script with `/run/amint` elsewhere.
    fn run(run: &std::path::Path, request: &CommandRequest) -> (Option<i32>, String) {
        let script = wrapped(request).expect("it fits");
        let script = script.replace("/run/amint", &run.display().to_string());
        let output = Command::new("sh").args(["-c", &script]).output();
        let output = output.expect("there is a shell");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        (output.status.code(), text)
    }

    #[test]
    fn the_log_follows_a_line_that_tells_its_size() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = "echo out\necho err >&2\nprintf '%s' '{{{x}}' \"$0\"\nexit 7\n";
        let (code, text) = run(folder.path(), &request("step-01-1", script));
        assert_eq!(code, Some(7));
        let (header, log) = text.split_once('\n').expect("a header");
        let place = folder.path().join("command/step-01-1/script");
        let expected = format!("out\nerr\n{{{{{{x}}}}{}", place.display());
        assert_eq!(log, format!("{expected}amint-end\n"));
        assert!(header.starts_with("amint-log "), "{header}");
        assert!(
            header.ends_with(&format!(" {}", expected.len())),
            "{header}"
        );
    }

    #[test]
    fn a_command_that_is_sent_twice_runs_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let count = folder.path().join("count");
        let script = format!("echo x >>{}\necho done\nexit 3", count.display());
        let first = run(folder.path(), &request("t", &script));
        let second = run(folder.path(), &request("t", &script));
        assert_eq!(first.0, Some(3));
        assert_eq!(first, second);
        assert_eq!(std::fs::read_to_string(count).expect("it ran"), "x\n");
    }

    #[test]
    fn a_reboot_lets_it_run_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let count = folder.path().join("count");
        let script = format!(
            "[ -e {0} ] && echo again && exit 0\n: >{0}\nexit 194",
            count.display()
        );
        assert_eq!(run(folder.path(), &request("t", &script)).0, Some(194));
        let (code, text) = run(folder.path(), &request("t", &script));
        assert_eq!(code, Some(0));
        assert!(text.contains("\nagain\n"), "{text}");
    }

    #[test]
    fn a_long_log_stays_where_it_is_and_is_read_in_parts() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = "yes amint | head -c 30000";
        let (code, text) = run(folder.path(), &request("t", script));
        assert_eq!((code, text.lines().count()), (Some(0), 1));
        let boot = text.split(' ').nth(1).expect("a boot");
        let part = |boot: &str, from: u64| {
            let script = tail("t", boot, from);
            let script = script.replace("/run/amint", &folder.path().display().to_string());
            let output = Command::new("sh").args(["-c", &script]).output();
            String::from_utf8(output.expect("a shell").stdout).expect("ASCII")
        };
        let bytes = |text: &str| {
            let (header, base64) = text.split_once('\n').expect("a header");
            assert!(header.ends_with(" 30000"), "{header}");
            let base64: String = base64.split_whitespace().collect();
            aws_smithy_types::base64::decode(base64).expect("base64")
        };
        let (first, second) = (part(boot, 0), part(boot, PIECE));
        assert!(first.len() < 24_000, "{}", first.len());
        let read = [bytes(&first), bytes(&second)].concat();
        assert_eq!(read, "amint\n".repeat(5000).as_bytes());
        // Another boot's log is read from its beginning.
        assert_eq!(bytes(&part("other", 9000)), bytes(&first));
        assert_eq!(part("", 40_000).lines().count(), 1);
    }

    #[test]
    fn no_two_braces_open_for_ssm() {
        let command = wrapped(&request("t", "docker ps --format '{{.ID}} {{{'")).expect("it fits");
        assert!(!command.contains("{{"), "{command}");
    }

    #[test]
    fn what_looks_like_a_name_in_a_script_stays() {
        let command = wrapped(&request("t", "echo @TOKEN@ @END@")).expect("it fits");
        assert!(command.contains("echo @TOKEN@ @END@"), "{command}");
    }

    #[test]
    fn a_script_that_is_too_long_is_refused_with_a_way_out() {
        let error = wrapped(&request("step-01-1", &"x".repeat(60_000))).expect_err("too long");
        assert_eq!(error.kind, ErrorKind::Unfit);
        assert!(error.message.contains("step-01-1"), "{error}");
        assert!(error.hint.is_some());
        // A part of a file as base64.
        assert!(wrapped(&request("t", &"x".repeat(50_000))).is_ok());
    }

    #[test]
    fn comments_and_folders_are_short_and_tell_commands_apart() {
        let short = comment(&request("step-01-1", ""));
        assert_eq!(short, "amint 01J0000000000000000000000A step-01-1");
        let long = |end: &str| request(&format!("{}{end}", "x".repeat(90)), "");
        assert!(comment(&long("a")).len() <= COMMENT);
        assert_ne!(comment(&long("a")), comment(&long("b")));
        assert_eq!(folder("step-01-1"), "step-01-1");
        for odd in ["", "..", "a/b", "$(id)", &"x".repeat(65)] {
            let folder = folder(odd);
            assert!(folder.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
    }
}
