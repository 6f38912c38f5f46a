//! What goes wrong, at which call.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::ErrorKind;

/// Something that a test wants to happen at a call.
#[derive(Clone)]
pub struct Hook(Arc<dyn Fn() + Send + Sync>);

impl Hook {
    /// A hook that runs `action`.
    pub fn new(action: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(action))
    }

    pub(super) fn run(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

/// What goes wrong at a call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The call fails and has had no effect.
    FailBefore(ErrorKind),
    /// The call has its effect and then fails: the answer is lost.
    FailAfter(ErrorKind),
    /// This call and the following ones of the same name, so many in all, are refused for being too many.
    Throttle(usize),
    /// The call never answers and has no effect.
    Hang,
    /// The call has its effect and never answers.
    HangAfter,
    /// The builder dies, and then the call is answered.
    Die,
    /// The hook runs, and then the call goes its way.
    Before(Hook),
    /// The call has its effect, the hook runs, and some time later the answer comes.
    After(Hook),
}

/// The faults that were asked for, by call.
#[derive(Debug, Default)]
pub(super) struct Faults {
    planned: HashMap<(String, usize), Fault>,
    /// By position among all calls.
    planned_at: HashMap<usize, Fault>,
    calls: usize,
    always: HashMap<String, Fault>,
    counts: HashMap<&'static str, usize>,
    throttled: HashMap<&'static str, usize>,
}

impl Faults {
    /// Plans `fault` for the `occurrence`-th call (from 1) of `call`.
    pub(super) fn plan(&mut self, call: &str, occurrence: usize, fault: Fault) {
        self.planned.insert((call.to_owned(), occurrence), fault);
    }

    /// Plans `fault` for the `position`-th call (from 1) of all.
    pub(super) fn plan_at(&mut self, position: usize, fault: Fault) {
        self.planned_at.insert(position, fault);
    }

    /// Forgets what was planned and not reached.
    pub(super) fn forget(&mut self) {
        let counts = std::mem::take(&mut self.counts);
        *self = Self {
            counts,
            calls: self.calls,
            ..Self::default()
        };
    }

    /// Plans `fault` for every call of `call`.
    pub(super) fn plan_always(&mut self, call: &str, fault: Fault) {
        self.always.insert(call.to_owned(), fault);
    }

    /// Counts one call and tells what goes wrong with it.
    pub(super) fn next(&mut self, call: &'static str) -> Option<Fault> {
        let count = self.counts.entry(call).or_default();
        *count += 1;
        self.calls += 1;
        let fault = self
            .planned
            .remove(&(call.to_owned(), *count))
            .or_else(|| self.planned_at.remove(&self.calls))
            .or_else(|| self.always.get(call).cloned());
        if let Some(Fault::Throttle(calls)) = fault {
            self.throttled.insert(call, calls);
        }
        match self.throttled.get_mut(call) {
            Some(left) if *left > 0 => {
                *left -= 1;
                Some(Fault::FailBefore(ErrorKind::Throttled))
            }
            _ => fault,
        }
    }
}
