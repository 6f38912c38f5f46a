//! A simulated builder: one machine, its commands, its files.

use std::collections::BTreeMap;
use std::time::Duration;

use super::guest::Reply;
use crate::{BuilderState, CommandId, OnPowerOff, Owner, Result};

/// A builder that was ever launched.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) owner: Owner,
    pub(super) attempt: u32,
    pub(super) launched: Duration,
    /// When the agent answers: at first, and again after a reboot.
    pub(super) agent: Option<Duration>,
    /// When the dead man's switch ends it, from its launch on.
    pub(super) deadline: Duration,
    /// When it powers itself off.
    pub(super) power_off: Option<Duration>,
    pub(super) on_power_off: OnPowerOff,
    /// When it was terminated from outside.
    pub(super) terminated: Option<Duration>,
    pub(super) boots: u32,
    pub(super) commands: Vec<Command>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug)]
pub(super) struct Command {
    pub(super) token: String,
    pub(super) script: String,
    pub(super) started: Duration,
    pub(super) reply: Reply,
    pub(super) output: Vec<u8>,
}

impl Builder {
    pub(super) fn state(&self, now: Duration) -> BuilderState {
        let off = self.power_off.unwrap_or(self.deadline).min(self.deadline) <= now;
        match (self.terminated.is_some(), off, self.on_power_off) {
            (true, _, _) | (false, true, OnPowerOff::Terminate) => BuilderState::Terminated,
            (false, true, OnPowerOff::Stop) => BuilderState::Stopped,
            (false, false, _) => BuilderState::Running,
        }
    }

    /// When it ended, if it is gone.
    pub(super) fn ended(&self, now: Duration) -> Option<Duration> {
        let by_itself = self.power_off.unwrap_or(self.deadline).min(self.deadline);
        match self.state(now) {
            BuilderState::Terminated => Some(self.terminated.unwrap_or(by_itself)),
            _ => None,
        }
    }

    pub(super) fn command(&self, id: &CommandId) -> Result<&Command> {
        self.commands
            .iter()
            .find(|one| one.token == id.0)
            .ok_or_else(|| super::world::unknown(&id.0))
    }
}
