//! Which record may follow which, and what is owned after it.

use amint_cloud::ResourceKind;
use amint_event::Phase;

use super::Record;

/// A record that may not follow what is written already.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{record}` cannot come here: {reason}")]
pub struct Illegal {
    /// The record's name.
    pub record: &'static str,
    /// Which rule it breaks.
    pub reason: &'static str,
}

/// What became of an intent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum IntentState {
    /// Nobody knows whether it happened.
    Open,
    /// It made nothing.
    Voided,
    /// It made the resource of this id.
    Made(String),
}

#[derive(Debug)]
struct Intent {
    token: String,
    kind: ResourceKind,
    state: IntentState,
}

/// Where a build is in its life.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Life {
    #[default]
    Working,
    Unwinding,
    Finished,
}

/// What the records so far amount to.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    intents: Vec<Intent>,
    held: Vec<(ResourceKind, String)>,
    last_phase: Option<Phase>,
    last_step: usize,
    launching: bool,
    planting: bool,
    sealing: bool,
    life: Life,
}

impl Ledger {
    pub(super) fn held(&self) -> Vec<(ResourceKind, String)> {
        let mut held = self.held.clone();
        held.sort_by_key(|(kind, _)| *kind);
        held
    }

    pub(super) fn open_intents(&self) -> Vec<(String, ResourceKind)> {
        let open = self
            .intents
            .iter()
            .filter(|intent| intent.state == IntentState::Open);
        open.map(|intent| (intent.token.clone(), intent.kind))
            .collect()
    }

    pub(super) fn intent(&self, token: &str) -> Option<&IntentState> {
        let intent = self.intents.iter().find(|intent| intent.token == token);
        intent.map(|intent| &intent.state)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.life == Life::Finished
    }

    pub(super) fn hold(&mut self, kind: ResourceKind, id: &str) {
        self.held.push((kind, id.to_owned()));
    }

    pub(super) fn forget_intent(&mut self, token: &str) {
        self.intents.retain(|intent| intent.token != token);
    }

    /// Takes in one record.
    pub(super) fn apply(&mut self, record: &Record) -> Result<(), Illegal> {
        self.transition(record).map_err(|reason| Illegal {
            record: record.name(),
            reason,
        })
    }

    fn transition(&mut self, record: &Record) -> Result<(), &'static str> {
        self.allows(record)?;
        match record {
            Record::Intent { kind, token, .. } => self.intend(*kind, token),
            Record::Acquired { token, kind, id } => self.acquire(token, *kind, id),
            Record::Voided { token } => {
                self.open_intent(token)?.state = IntentState::Voided;
                Ok(())
            }
            Record::Released { kind, id } | Record::Kept { kind, id } => self.let_go(*kind, id),
            Record::Published { kept, .. } => self.let_all_go(kept),
            Record::PhaseFinished { phase, .. } => {
                if self.last_phase.is_some_and(|last| last >= *phase) {
                    return Err("a later phase has finished already");
                }
                self.last_phase = Some(*phase);
                Ok(())
            }
            Record::Launching { .. } => {
                once(&mut self.launching, "the builder's time is set already")
            }
            Record::Planting { .. } => once(&mut self.planting, "tracers are planted already"),
            Record::Sealing { .. } => once(&mut self.sealing, "the seal was begun already"),
            Record::Rebooting { .. } if self.sealing => Err("the seal was begun already"),
            Record::Rebooting { .. } => Ok(()),
            Record::StepFinished { index, .. } => {
                if *index <= self.last_step || self.sealing {
                    return Err("a later step has finished already");
                }
                self.last_step = *index;
                Ok(())
            }
            Record::Resumed => {
                // It may have to go back: to an agent that must be reached again.
                self.last_phase = None;
                Ok(())
            }
            Record::Unwinding { .. } => {
                self.life = Life::Unwinding;
                Ok(())
            }
            Record::Finished { .. } => {
                self.life = Life::Finished;
                Ok(())
            }
        }
    }

    /// Whether the record may come at this time of a build's life.
    fn allows(&self, record: &Record) -> Result<(), &'static str> {
        let settles = matches!(
            record,
            Record::Acquired { .. } | Record::Voided { .. } | Record::Released { .. }
        );
        match self.life {
            Life::Working => Ok(()),
            Life::Unwinding if settles => Ok(()),
            Life::Unwinding => match record {
                Record::Kept { .. }
                | Record::Resumed
                | Record::PhaseFinished { .. }
                | Record::Unwinding { .. }
                | Record::Finished { .. } => Ok(()),
                _ => Err("the build was given up"),
            },
            Life::Finished if settles => Ok(()),
            Life::Finished => Err("the build has finished"),
        }
    }

    fn intend(&mut self, kind: ResourceKind, token: &str) -> Result<(), &'static str> {
        let known = self.intents.iter().find(|intent| intent.token == token);
        if known.is_some_and(|intent| intent.state != IntentState::Voided) {
            return Err("its token was used before");
        }
        self.forget_intent(token);
        let token = token.to_owned();
        self.intents.push(Intent {
            token,
            kind,
            state: IntentState::Open,
        });
        Ok(())
    }

    fn acquire(&mut self, token: &str, kind: ResourceKind, id: &str) -> Result<(), &'static str> {
        let owned = |(one, held): &(ResourceKind, String)| *one == kind && held == id;
        if self.held.iter().any(owned) {
            return Err("the resource is owned already");
        }
        let intent = self.open_intent(token)?;
        if intent.kind != kind {
            return Err("the intent was for another kind of resource");
        }
        intent.state = IntentState::Made(id.to_owned());
        self.held.push((kind, id.to_owned()));
        Ok(())
    }

    fn let_go(&mut self, kind: ResourceKind, id: &str) -> Result<(), &'static str> {
        let position = self
            .held
            .iter()
            .position(|(one, held)| *one == kind && held == id);
        let position = position.ok_or("the resource is not owned")?;
        self.held.remove(position);
        Ok(())
    }

    /// All of them or none.
    fn let_all_go(&mut self, all: &[(ResourceKind, String)]) -> Result<(), &'static str> {
        if !all.iter().all(|one| self.held.contains(one)) {
            return Err("one of the resources is not owned");
        }
        self.held.retain(|one| !all.contains(one));
        Ok(())
    }

    fn open_intent(&mut self, token: &str) -> Result<&mut Intent, &'static str> {
        let intent = self.intents.iter_mut().find(|intent| intent.token == token);
        let intent = intent.ok_or("there is no intent with its token")?;
        if intent.state != IntentState::Open {
            return Err("its intent is settled already");
        }
        Ok(intent)
    }
}

/// For what happens once in a build.
fn once(done: &mut bool, twice: &'static str) -> Result<(), &'static str> {
    match std::mem::replace(done, true) {
        true => Err(twice),
        false => Ok(()),
    }
}
