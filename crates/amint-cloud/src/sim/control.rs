//! What tests do to a simulated cloud, and what they see of it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fault::Fault;
use super::guest::Reply;
use super::{MemoryDisk, Publicity, SimCloud};
use crate::{Clock, ErrorKind, OlderImage, Resource};

impl SimCloud {
    /// Plans what goes wrong at the `occurrence`-th call (from 1) named `call`, as in the trait.
    pub fn fail(&self, call: &str, occurrence: usize, fault: Fault) {
        self.state().faults.plan(call, occurrence, fault);
    }

    /// Plans what goes wrong at the `position`-th call (from 1) of all.
    pub fn fail_at(&self, position: usize, fault: Fault) {
        self.state().faults.plan_at(position, fault);
    }

    /// From now on nothing goes wrong that was planned before.
    pub fn heal(&self) {
        self.state().faults.forget();
    }

    /// Plans what goes wrong at every call named `call`.
    pub fn fail_always(&self, call: &str, fault: Fault) {
        self.state().faults.plan_always(call, fault);
    }

    /// Makes commands whose token contains `token_part` behave as `reply` says; the newest rule wins.
    pub fn reply(&self, token_part: &str, reply: Reply) {
        self.state().world.script.add(token_part, reply);
    }

    /// Adds an image that an earlier build published.
    pub fn add_older(&self, image: OlderImage) {
        self.state().world.account.older.push(image);
    }

    /// What was done to each image, by id.
    pub fn publicity(&self) -> BTreeMap<String, Publicity> {
        self.state().world.account.publicities()
    }

    /// What a parameter names now.
    pub fn named(&self, parameter: &str) -> Option<String> {
        self.state().world.account.parameter(parameter)
    }

    /// The images of earlier builds that are there still.
    pub fn older(&self) -> Vec<String> {
        let older = &self.state().world.account.older;
        older.iter().map(|one| one.id.0.clone()).collect()
    }

    /// The calls so far, by name, in order.
    pub fn calls(&self) -> Vec<&'static str> {
        self.state().calls.clone()
    }

    /// The calls that had their effect, by name, in order, each with when that was: what an answer says was so then.
    pub fn effects(&self) -> Vec<(&'static str, Duration)> {
        self.state().effects.clone()
    }

    /// What is really there now, whatever look-ups show.
    pub fn live(&self) -> Vec<Resource> {
        let now = self.clock.steady();
        let world = &self.state().world;
        let things = world.alive(now).into_iter().map(|thing| thing.resource);
        things.chain(world.account.staged().to_vec()).collect()
    }

    /// How many builders run now.
    pub fn running(&self) -> usize {
        self.state().world.running(self.clock.steady())
    }

    /// How many builders were ever launched, and images ever made.
    pub fn made(&self) -> (usize, usize) {
        self.state().world.made()
    }

    /// What was uploaded to the newest builder, by path.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.state().world.files()
    }

    /// Every command that builders were given, in order of each: its token and its script.
    pub fn scripts(&self) -> Vec<(String, String)> {
        let state = self.state();
        let commands = state.world.commands();
        commands
            .map(|command| (command.token.clone(), command.script.clone()))
            .collect()
    }

    /// The disk of the newest image.
    pub fn image_disk(&self) -> Option<MemoryDisk> {
        self.state().world.image_disk()
    }
}

/// Keeps the kinds that tests most often ask for at hand.
impl Fault {
    /// The call fails for a reason that nobody knows, and has had no effect.
    pub fn fail_before() -> Self {
        Fault::FailBefore(ErrorKind::Other)
    }

    /// The call has its effect, and its answer is lost.
    pub fn fail_after() -> Self {
        Fault::FailAfter(ErrorKind::AnswerLost)
    }
}
