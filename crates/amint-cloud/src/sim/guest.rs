//! What the simulated builder answers to commands.

use std::time::Duration;

/// What a command does on the simulated builder.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its exit code.
    pub exit_code: i32,
    /// What it prints; `{boot-id}` stands for the builder's boot id.
    pub output: String,
    /// How long it runs; for ever when absent.
    pub duration: Option<Duration>,
    /// Whether the builder powers itself off a moment after it.
    pub powers_off: bool,
}

impl Reply {
    /// Prints nothing, succeeds after 10 ms.
    pub fn ok() -> Self {
        Self {
            exit_code: 0,
            output: String::new(),
            duration: Some(Duration::from_millis(10)),
            powers_off: false,
        }
    }

    /// Prints `output`, then exits with `exit_code`.
    pub fn exit(exit_code: i32, output: impl Into<String>) -> Self {
        Self {
            exit_code,
            output: output.into(),
            ..Self::ok()
        }
    }

    /// Prints `output` and never ends.
    pub fn hang(output: impl Into<String>) -> Self {
        Self {
            output: output.into(),
            duration: None,
            ..Self::ok()
        }
    }

    /// Succeeds, and the builder powers itself off a moment later.
    pub fn power_off() -> Self {
        Self {
            powers_off: true,
            ..Self::ok()
        }
    }

    /// The part of `output` that can be seen after `elapsed`: at first only half of it, cut anywhere.
    pub(super) fn visible<'a>(&self, output: &'a [u8], elapsed: Duration) -> &'a [u8] {
        match self.duration {
            Some(duration) if elapsed < duration => &output[..output.len() / 2],
            _ => output,
        }
    }
}

/// Commands by a part of their token; the newest rule that fits is used, and a command without one succeeds.
#[derive(Debug, Default)]
pub(super) struct Script(Vec<(String, Reply)>);

impl Script {
    pub(super) fn add(&mut self, token_part: &str, reply: Reply) {
        self.0.push((token_part.to_owned(), reply));
    }

    pub(super) fn reply(&self, token: &str) -> Reply {
        let rule = self
            .0
            .iter()
            .rev()
            .find(|(part, _)| token.contains(part.as_str()));
        rule.map_or_else(Reply::ok, |(_, reply)| reply.clone())
    }
}
