//! What the records tell a process that goes on with a build.

use amint_cloud::{Published, ResourceKind};
use amint_event::{Outcome, Phase};
use jiff::Timestamp;

use super::record::{Entry, Handed, Record};
use crate::digest;
use crate::phases::preflight::Ground;

/// A step that did what it should.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepDone {
    pub(crate) index: usize,
    pub(crate) duration_ms: u64,
    pub(crate) exit_code: Option<i32>,
}

/// Why a build was given up.
#[derive(Clone, Debug)]
pub(crate) struct GivenUp {
    pub(crate) error: String,
    pub(crate) exit: u8,
}

/// How far a build has come. Nothing, for one that begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    /// When its first record was written.
    pub(crate) started: Option<Timestamp>,
    /// How many processes have gone on with it.
    pub(crate) resumed: u32,
    pub(crate) ground: Option<Ground>,
    /// When its builder ends itself.
    pub(crate) expires: Option<Timestamp>,
    pub(crate) builder: Option<String>,
    pub(crate) steps: Vec<StepDone>,
    /// The step that was about to reboot the builder, and the boot before that.
    pub(crate) rebooting: Option<(usize, String)>,
    pub(crate) tracer_seed: Option<[u8; 32]>,
    /// What is unproven, once the seal was about to be started.
    pub(crate) sealing: Option<Vec<String>>,
    /// The image that was captured.
    pub(crate) captured: Option<String>,
    /// The image whose free space is clean.
    pub(crate) scrubbed: Option<String>,
    /// The published image, once its manifest is written.
    pub(crate) result: Option<(Published, usize)>,
    /// The phases that succeeded, with their milliseconds.
    pub(crate) done: Vec<(Phase, u64)>,
    pub(crate) given_up: Option<GivenUp>,
}

impl Past {
    pub(crate) fn of(entries: &[Entry]) -> Self {
        let mut past = Self {
            started: entries.first().map(|entry| entry.at),
            ..Self::default()
        };
        for entry in entries {
            past.take_in(&entry.record);
        }
        past
    }

    /// Whether anything was recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.started.is_none()
    }

    pub(crate) fn has_done(&self, phase: Phase) -> bool {
        self.done.iter().any(|(one, _)| *one == phase)
    }

    fn take_in(&mut self, record: &Record) {
        match record {
            Record::Launching { expires } => self.expires = Some(*expires),
            Record::Acquired {
                kind: ResourceKind::Builder,
                id,
                ..
            } => self.builder = Some(id.clone()),
            Record::Rebooting { step, boot } => self.rebooting = Some((*step, boot.clone())),
            Record::StepFinished {
                index,
                duration_ms,
                exit_code,
            } => self.steps.push(StepDone {
                index: *index,
                duration_ms: *duration_ms,
                exit_code: *exit_code,
            }),
            Record::Planting { seed } => self.tracer_seed = parse_seed(seed),
            Record::Sealing { unproven } => self.sealing = Some(unproven.clone()),
            Record::Published {
                published, waived, ..
            } => self.result = Some((published.clone(), *waived)),
            Record::Resumed => self.resumed += 1,
            Record::Unwinding { error, exit } => {
                // The first reason is the one that counts.
                self.given_up.get_or_insert(GivenUp {
                    error: error.clone(),
                    exit: *exit,
                });
            }
            Record::PhaseFinished {
                phase,
                outcome: Outcome::Succeeded,
                duration_ms,
                handed,
            } => {
                self.done.push((*phase, *duration_ms));
                if let Some(handed) = handed {
                    self.hand_over(*phase, handed);
                }
            }
            _ => {}
        }
    }

    fn hand_over(&mut self, phase: Phase, handed: &Handed) {
        match handed.clone() {
            Handed::Ground {
                base,
                placements,
                supports,
            } => {
                self.ground = Some(Ground {
                    base,
                    placements,
                    supports,
                });
            }
            Handed::Builder { id } => self.builder = Some(id),
            Handed::Image { id, .. } if phase == Phase::Capture => self.captured = Some(id),
            Handed::Image { id, .. } => self.scrubbed = Some(id),
        }
    }
}

/// A seed as it is written.
pub(crate) fn write_seed(seed: &[u8; 32]) -> String {
    digest::hex(seed)
}

fn parse_seed(text: &str) -> Option<[u8; 32]> {
    let mut seed = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(seed)
}
