//! Which record may follow which, and what is owned after it.

use amint_cloud::ResourceKind;
use amint_event::Phase;

use super::{JournalError, Record};

#[derive(Debug, Eq, PartialEq)]
enum IntentState {
    Open,
    Settled,
}

#[derive(Debug)]
struct Intent {
    token: String,
    kind: ResourceKind,
    state: IntentState,
}

/// What the records so far amount to.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    intents: Vec<Intent>,
    held: Vec<(ResourceKind, String)>,
    last_phase: Option<Phase>,
    finished: bool,
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

    pub(super) fn hold(&mut self, kind: ResourceKind, id: &str) {
        self.held.push((kind, id.to_owned()));
    }

    pub(super) fn forget_intent(&mut self, token: &str) {
        self.intents.retain(|intent| intent.token != token);
    }

    /// Takes in one record.
    pub(super) fn apply(&mut self, record: &Record) -> Result<(), JournalError> {
        self.transition(record)
            .map_err(|reason| JournalError::Illegal {
                record: record.name(),
                reason,
            })
    }

    fn transition(&mut self, record: &Record) -> Result<(), &'static str> {
        if self.finished {
            return Err("the build has finished");
        }
        match record {
            Record::Intent { kind, token, .. } => self.intend(*kind, token),
            Record::Acquired { token, kind, id } => self.acquire(token, *kind, id),
            Record::Voided { token } => {
                self.open_intent(token)?.state = IntentState::Settled;
                Ok(())
            }
            Record::Released { kind, id } | Record::Kept { kind, id } => self.let_go(*kind, id),
            Record::PhaseFinished { phase, .. } => {
                if self.last_phase.is_some_and(|last| last >= *phase) {
                    return Err("a later phase has finished already");
                }
                self.last_phase = Some(*phase);
                Ok(())
            }
            Record::Finished { .. } => {
                self.finished = true;
                Ok(())
            }
        }
    }

    fn intend(&mut self, kind: ResourceKind, token: &str) -> Result<(), &'static str> {
        if self.intents.iter().any(|intent| intent.token == token) {
            return Err("its token was used before");
        }
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
        intent.state = IntentState::Settled;
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

    fn open_intent(&mut self, token: &str) -> Result<&mut Intent, &'static str> {
        let intent = self.intents.iter_mut().find(|intent| intent.token == token);
        let intent = intent.ok_or("there is no intent with its token")?;
        if intent.state != IntentState::Open {
            return Err("its intent is settled already");
        }
        Ok(intent)
    }
}
