//! Cleaning up after builds whose process is no more: what is amint's is found by its tags and paths, whatever became
//! of the journals, and goes unless it was published.

use std::time::Duration;

use amint_cloud::{Clock, Cloud, CloudError, Owned, PublicState, Resource, ResourceKind, WaitFor};
use amint_event::{ExitClass, Outcome, Phase};
use jiff::Timestamp;

use crate::call::{self, CallEnd, CallError, Calling, LONG};
use crate::cancel::{Cancel, CancelLevel};
use crate::jitter::Jitter;
use crate::journal::{Journal, JournalError, Record};
use crate::release::Releasing;

/// How long releasing may take: a security group is free once its instance is gone.
const LIMIT: Duration = Duration::from_secs(300);

/// What a clean-up is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope<'a> {
    /// All that one build made, whether or not its time is over.
    Build(&'a str),
    /// Everything whose time is over.
    Expired,
    /// Everything that was made before.
    MadeBefore(Timestamp),
}

/// What a clean-up found.
#[derive(Debug, Default)]
pub struct Survey {
    /// What it would release, the most expensive first.
    pub release: Vec<Owned>,
    /// What it would not, each with the reason.
    pub stays: Vec<(Owned, String)>,
}

/// What could not be released.
#[derive(Debug)]
pub struct Left {
    /// What.
    pub resource: Resource,
    /// Why.
    pub reason: String,
}

/// Why nothing could be found out.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The cloud could not tell.
    #[error("cannot list what is amint's")]
    List(#[source] CallError),
    /// The user had enough.
    #[error("interrupted")]
    Interrupted,
}

impl SweepError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            SweepError::List(CallError::Cloud(CloudError { hint, .. })) => hint.as_deref(),
            _ => None,
        }
    }
}

/// Cleans up on one cloud.
pub struct Cleanup<'a> {
    cloud: &'a dyn Cloud,
    clock: &'a dyn Clock,
    cancel: &'a Cancel,
    jitter: Jitter,
}

impl<'a> Cleanup<'a> {
    /// A clean-up of what is on `cloud`.
    pub fn new(cloud: &'a dyn Cloud, clock: &'a dyn Clock, cancel: &'a Cancel) -> Self {
        Self {
            cloud,
            clock,
            cancel,
            jitter: Jitter::new("cleanup"),
        }
    }

    /// Finds what is to be released. Nothing is touched.
    ///
    /// With a build's own `journal`, what was made a moment ago is waited for, and what no list shows is released too: a
    /// change of a parameter, a file that was laid down for the builder.
    ///
    /// # Errors
    /// When the cloud cannot tell, or the user interrupts.
    pub async fn survey(
        &self,
        scope: Scope<'_>,
        journal: Option<&Journal>,
    ) -> Result<Survey, SweepError> {
        let build = match scope {
            Scope::Build(build) => Some(build),
            Scope::Expired | Scope::MadeBefore(_) => None,
        };
        let mut owned = self.list(build).await?;
        if let Some(journal) = journal {
            self.wait_for_intents(build, journal, &mut owned).await?;
            add_journalled(build, journal, &mut owned);
        }
        let now = self.clock.now();
        let mut survey = Survey::default();
        for one in owned {
            match reason_to_stay(&one, scope, now) {
                None => survey.release.push(one),
                Some(reason) => survey.stays.push((one, reason)),
            }
        }
        survey.release.sort_by_key(|one| one.resource.kind);
        Ok(survey)
    }

    /// Releases `found`, in rounds, for five minutes at most; `released` hears about each that is gone. What is gone
    /// already is released. An interrupt ends it.
    pub async fn release(&self, found: &[Owned], released: impl Fn(&Resource)) -> Vec<Left> {
        let releasing = Releasing {
            cloud: self.cloud,
            clock: self.clock,
            cancel: self.cancel,
            jitter: &self.jitter,
            stops_at: CancelLevel::Cancelled,
            released: Box::new(released),
        };
        let resources = found.iter().map(|one| one.resource.clone()).collect();
        let left = releasing.all(resources, LIMIT).await;
        let left = left.into_iter().map(|one| Left {
            reason: one.reason(),
            resource: one.resource,
        });
        left.collect()
    }

    async fn list(&self, build: Option<&str>) -> Result<Vec<Owned>, SweepError> {
        let calling = Calling {
            clock: self.clock,
            cancel: self.cancel,
            jitter: &self.jitter,
            level: CancelLevel::Cancelled,
            limit: LONG,
        };
        let answer = call::call(calling, || self.cloud.owned(build)).await;
        answer.map_err(|end| match end {
            CallEnd::Failed(error) => SweepError::List(error),
            CallEnd::Stopped => SweepError::Interrupted,
        })
    }

    /// Look-ups trail a create: what the journal does not know the end of is looked for, for three of the cloud's
    /// longest gaps.
    async fn wait_for_intents(
        &self,
        build: Option<&str>,
        journal: &Journal,
        owned: &mut Vec<Owned>,
    ) -> Result<(), SweepError> {
        let pace = self.cloud.pace(WaitFor::State);
        let start = self.clock.steady();
        let end = start + pace.longest * 3;
        let missing = |owned: &[Owned]| {
            let unknown =
                |one: &&Owned| !journal.acquired_ever(one.resource.kind, &one.resource.id);
            let mut found: Vec<_> = owned.iter().filter(unknown).collect();
            // Whether an image is public only the list tells.
            let unlisted = |(kind, id): (ResourceKind, String)| {
                kind == ResourceKind::Image && !owned.iter().any(|one| one.resource.id == id)
            };
            journal.held().into_iter().any(unlisted)
                || journal.open_intents().into_iter().any(|(_, kind)| {
                    // What no list shows was not made, or it would be held.
                    if !kind.is_listed() {
                        return false;
                    }
                    let its = found.iter().position(|one| one.resource.kind == kind);
                    its.map(|index| found.swap_remove(index)).is_none()
                })
        };
        while missing(owned) {
            let gap = pace.gap(self.clock.steady().saturating_sub(start));
            if self.clock.steady() + gap >= end {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(SweepError::Interrupted),
                () = self.clock.sleep(gap) => {}
            }
            *owned = self.list(build).await?;
        }
        Ok(())
    }
}

/// Adds what the journal knows and no list shows: because lists do not show such things, or not yet.
fn add_journalled(build: Option<&str>, journal: &Journal, owned: &mut Vec<Owned>) {
    let Some(build) = build else {
        return;
    };
    let public = owned.iter().any(|one| one.state.is_some());
    // From then on an image may be public, and one that no list shows is not to be touched.
    let inspected = journal.has_passed(Phase::Inspect);
    for (kind, id) in journal.held() {
        let listed = owned.iter().any(|one| one.resource.id == id);
        let stays = match kind {
            // It names an image that stays.
            ResourceKind::Parameter => public,
            ResourceKind::Image | ResourceKind::Snapshot => inspected,
            _ => false,
        };
        if listed || stays {
            continue;
        }
        owned.push(Owned {
            resource: Resource {
                build: build.to_owned(),
                kind,
                id,
            },
            recipe: None,
            state: None,
            expires: None,
            created: None,
        });
    }
}

fn reason_to_stay(one: &Owned, scope: Scope<'_>, now: Timestamp) -> Option<String> {
    match (one.state, scope) {
        (Some(PublicState::Published), _) => Some("it is published".to_owned()),
        (Some(PublicState::Publishing), _) => {
            Some("it passed its inspection and is being published".to_owned())
        }
        (None, Scope::Build(_)) => None,
        (None, Scope::Expired) => match one.expires {
            Some(expires) if expires <= now => None,
            Some(_) => Some("its time is not over".to_owned()),
            None => Some("nothing tells when its time is over".to_owned()),
        },
        (None, Scope::MadeBefore(limit)) => match one.created.or_else(|| begun(one)) {
            Some(created) if created < limit => None,
            Some(created) => Some(format!("it was made at {}", moment(created))),
            None => Some("nothing tells when it was made".to_owned()),
        },
    }
}

/// When the build was begun: its id tells that, if it is one of the command's.
fn begun(one: &Owned) -> Option<Timestamp> {
    let id: ulid::Ulid = one.resource.build.parse().ok()?;
    Timestamp::from_millisecond(id.timestamp_ms().try_into().ok()?).ok()
}

fn moment(at: Timestamp) -> String {
    at.strftime("%F %T UTC").to_string()
}

impl Journal {
    /// Writes down what a clean-up did for the build: what it `released`; and that the build does not go on, when that was
    /// `all` there is of it. Otherwise it can still be gone on with, or cleaned up later.
    ///
    /// # Errors
    /// When it cannot be written; what was released is released all the same.
    pub fn cleaned(
        &mut self,
        now: Timestamp,
        released: &[Resource],
        all: bool,
    ) -> Result<(), JournalError> {
        for one in released {
            if self.holds(one.kind, &one.id) {
                self.released(now, one.kind, &one.id)?;
            }
        }
        if !all || !self.held().is_empty() {
            return Ok(());
        }
        for (token, _) in self.open_intents() {
            self.voided(now, &token)?;
        }
        if !self.is_finished() {
            let error = "it was cleaned up".to_owned();
            self.record(now, Record::unwinding(error, ExitClass::Interrupted))?;
            self.finished(now, Outcome::Cancelled)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(kind: ResourceKind) -> Owned {
        Owned {
            resource: Resource {
                build: "01arz3ndektsv4rrffq69g5fav".to_owned(),
                kind,
                id: "x-1".to_owned(),
            },
            recipe: None,
            state: None,
            expires: None,
            created: None,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    /// 2016-07-30 23:54:10 UTC, says the build's id.
    const BEGUN: i64 = 1_469_922_850;

    #[test]
    fn what_nothing_tells_the_age_of_is_as_old_as_its_build() {
        let group = owned(ResourceKind::SecurityGroup);
        let stays = |limit| reason_to_stay(&group, Scope::MadeBefore(at(limit)), at(0)).is_some();
        assert!(stays(BEGUN - 1) && !stays(BEGUN + 1));
        let newer = Owned {
            created: Some(at(BEGUN + 100)),
            ..group.clone()
        };
        let scope = Scope::MadeBefore(at(BEGUN + 50));
        assert!(reason_to_stay(&newer, scope, at(0)).is_some());
    }

    #[test]
    fn only_what_is_over_has_expired_and_nothing_public_ever() {
        let image = owned(ResourceKind::Image);
        let expired = |expires: Option<i64>, state| {
            let one = Owned {
                expires: expires.map(at),
                state,
                ..image.clone()
            };
            reason_to_stay(&one, Scope::Expired, at(50)).is_none()
        };
        assert!(expired(Some(50), None));
        assert!(!expired(Some(51), None) && !expired(None, None));
        for state in [PublicState::Publishing, PublicState::Published] {
            assert!(!expired(Some(1), Some(state)));
            let of_build = Owned {
                state: Some(state),
                ..image.clone()
            };
            assert!(reason_to_stay(&of_build, Scope::Build("b"), at(50)).is_some());
        }
        assert!(reason_to_stay(&image, Scope::Build("b"), at(50)).is_none());
    }
}
