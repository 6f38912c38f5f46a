//! What is known about the commands of one builder.

use std::collections::{HashMap, VecDeque};

use crate::command::answer::{End, Output};

/// How many commands are remembered. One runs at a time, and a look-up finds the others again.
const REMEMBERED: usize = 4;

/// What is known about the commands of one builder.
#[derive(Default)]
pub(super) struct Board {
    /// Comments of commands that were sent, and the ids that came back; none when the answer was lost.
    pub(super) sent: HashMap<String, Option<String>>,
    /// Whether those are noted too that an earlier process sent.
    pub(super) knows_earlier: bool,
    tracks: VecDeque<Track>,
}

/// One command.
#[derive(Clone, Default)]
pub(super) struct Track {
    id: String,
    log: Option<Log>,
    pub(super) end: Option<End>,
    /// The size of the log when it was last looked at.
    pub(super) size: u64,
}

/// A log, which starts anew with every boot.
#[derive(Clone)]
struct Log {
    boot: String,
    /// How much was read of earlier ones.
    base: u64,
}

impl Board {
    pub(super) fn track(&mut self, id: &str) -> &mut Track {
        if let Some(at) = self.tracks.iter().position(|track| track.id == id) {
            return &mut self.tracks[at];
        }
        if self.tracks.len() == REMEMBERED {
            self.tracks.pop_front();
        }
        self.tracks.push_back(Track {
            id: id.to_owned(),
            ..Track::default()
        });
        let last = self.tracks.len() - 1;
        &mut self.tracks[last]
    }
}

impl Track {
    /// The boot whose log was read last; empty when none was.
    pub(super) fn boot(&self) -> &str {
        self.log.as_ref().map_or("", |log| &log.boot)
    }

    /// Where byte `offset` of all that the command printed is in the log that was read last.
    pub(super) fn position(&self, offset: u64) -> u64 {
        let base = self.log.as_ref().map_or(0, |log| log.base);
        offset.saturating_sub(base)
    }

    /// Notes that the log from `offset` on is that of `boot`.
    pub(super) fn note(&mut self, boot: &str, offset: u64) {
        let base = match &self.log {
            Some(log) if log.boot == boot => return,
            Some(_) => offset,
            None => 0,
        };
        self.log = Some(Log {
            boot: boot.to_owned(),
            base,
        });
    }

    /// What the kept answer says about the output from `offset` on, if it says all about it.
    pub(super) fn rest(&mut self, offset: u64) -> Option<Vec<u8>> {
        let (boot, size) = match &self.end.as_ref()?.output {
            Output::Whole { boot, bytes } => (boot.clone(), bytes.len() as u64),
            Output::Log { boot, size } => (boot.clone(), *size),
            Output::Unknown => return None,
        };
        self.note(&boot, offset);
        self.size = size;
        let position = self.position(offset);
        if position >= size {
            return Some(Vec::new());
        }
        match &self.end.as_ref()?.output {
            Output::Whole { bytes, .. } => {
                let rest = bytes.get(usize::try_from(position).ok()?..)?;
                Some(rest.to_vec())
            }
            Output::Log { .. } | Output::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(boot: &str, text: &str) -> End {
        let (boot, bytes) = (boot.to_owned(), text.as_bytes().to_vec());
        End {
            exit_code: 0,
            output: Output::Whole { boot, bytes },
        }
    }

    #[test]
    fn the_kept_answer_continues_what_was_read_live() {
        let mut board = Board::default();
        let track = board.track("c");
        track.note("boot", 0);
        track.end = Some(whole("boot", "hello world"));
        assert_eq!(track.rest(6).as_deref(), Some(&b"world"[..]));
        assert_eq!(track.rest(11).as_deref(), Some(&b""[..]));
    }

    #[test]
    fn a_log_that_starts_anew_follows_what_was_read_of_the_old_one() {
        let mut board = Board::default();
        let track = board.track("c");
        track.note("one", 0);
        track.end = Some(whole("two", "after"));
        assert_eq!(track.rest(100).as_deref(), Some(&b"after"[..]));
        assert_eq!(track.rest(103).as_deref(), Some(&b"er"[..]));
    }

    #[test]
    fn a_long_log_is_known_to_have_an_end() {
        let mut board = Board::default();
        let track = board.track("c");
        let (boot, size) = ("b".to_owned(), 30_000);
        let output = Output::Log { boot, size };
        let exit_code = 0;
        track.end = Some(End { exit_code, output });
        assert_eq!(track.rest(17_000), None);
        assert_eq!(track.rest(30_000), Some(Vec::new()));
    }

    #[test]
    fn only_the_last_commands_are_remembered() {
        let mut board = Board::default();
        for id in 0..10 {
            board.track(&id.to_string()).end = Some(whole("b", ""));
        }
        assert_eq!(board.tracks.len(), REMEMBERED);
        assert!(board.track("9").end.is_some());
        assert!(board.track("0").end.is_none());
    }
}
