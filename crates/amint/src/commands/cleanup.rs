//! `amint cleanup`: what is left of builds whose process is no more goes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use amint_cloud::{Clock, Cloud, Owned, Resource, SystemClock};
use amint_engine::Cancel;
use amint_engine::cleanup::{Cleanup as Sweep, Left, Scope, Survey};
use amint_engine::journal::{self, Journal, JournalError};
use amint_event::ExitClass;
use serde::Serialize;

use crate::builds::{BuildFolder, Request};
use crate::cli::{Cleanup, CloudName, DocumentFormat};
use crate::clouds::{self, Clouds};
use crate::error::CommandError;
use crate::render::text::visible;
use crate::{interrupt, output};

/// What a clean-up did, or would do, as programs see it.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    /// What it would release; empty once it did.
    found: Vec<Owned>,
    released: Vec<Resource>,
    left: Vec<Remaining>,
    stays: Vec<Staying>,
}

#[derive(Debug, Serialize)]
struct Remaining {
    resource: Resource,
    reason: String,
}

#[derive(Debug, Serialize)]
struct Staying {
    owned: Owned,
    reason: String,
}

pub(super) fn run(arguments: &Cleanup) -> Result<ExitClass, CommandError> {
    if arguments.builds.is_empty() && !arguments.expired && arguments.older_than.is_none() {
        return Err(CommandError::NothingToClean);
    }
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| CommandError::System("start the asynchronous runtime", error))?;
    let report = runtime.block_on(async {
        let cancel = Cancel::new();
        interrupt::watch(&cancel).map_err(|e| CommandError::System("listen for signals", e))?;
        let mut report = Report::default();
        if arguments.builds.is_empty() {
            sweep(arguments, &cancel, &mut report).await?;
        }
        for id in &arguments.builds {
            one_build(arguments, id, &cancel, &mut report).await?;
        }
        Ok::<_, CommandError>(report)
    })?;
    print(arguments, &report)?;
    Ok(match report.left.is_empty() {
        true => ExitClass::Success,
        false => ExitClass::Remains,
    })
}

/// Everything that is over, of any build, by tags and paths alone.
async fn sweep(
    arguments: &Cleanup,
    cancel: &Cancel,
    report: &mut Report,
) -> Result<(), CommandError> {
    let cloud = somewhere(arguments).await?;
    let clock = SystemClock::default();
    let scope = match arguments.older_than {
        Some(age) => Scope::MadeBefore(clock.now().saturating_sub(age).unwrap_or_default()),
        None => Scope::Expired,
    };
    let sweep = Sweep::new(cloud.as_ref(), &clock, cancel);
    let Survey { release, stays } = sweep.survey(scope, None).await?;
    stay(report, stays);
    // Builds that were begun here have journals, which are to know what becomes of them.
    let mut builds: BTreeMap<String, Vec<Owned>> = BTreeMap::new();
    for one in release {
        let build = one.resource.build.clone();
        builds.entry(build).or_default().push(one);
    }
    for (build, found) in builds {
        let folder = BuildFolder::new(&build);
        let stays = report
            .stays
            .iter()
            .any(|one| one.owned.resource.build == build);
        let journal = match Journal::open(&folder.path) {
            Err(JournalError::InUse { .. }) => {
                let reason = "its build is at work".to_owned();
                stay(report, found.into_iter().map(|one| (one, reason.clone())));
                continue;
            }
            // Lost, or of another machine, or of no use: the tags say enough.
            journal => journal.ok(),
        };
        release_all(arguments, &sweep, (found, stays), journal, report).await;
    }
    Ok(())
}

/// All of one build, whether or not its time is over.
async fn one_build(
    arguments: &Cleanup,
    id: &str,
    cancel: &Cancel,
    report: &mut Report,
) -> Result<(), CommandError> {
    let clock = SystemClock::default();
    let folder = BuildFolder::look(id)?;
    let journal = match folder.as_ref().map(|folder| Journal::open(&folder.path)) {
        Some(Err(JournalError::InUse { .. })) => {
            return Err(CommandError::AtWork(id.to_owned()));
        }
        Some(Err(error)) => {
            tracing::warn!(%error, "going by tags alone");
            None
        }
        Some(Ok(journal)) => Some(journal),
        None => None,
    };
    let cloud = match (arguments.on, &folder) {
        (None, None) => return Err(CommandError::UnknownBuild(id.to_owned())),
        (None, Some(folder)) => where_it_ran(folder).await?,
        (Some(_), _) => somewhere(arguments).await?,
    };
    let id = folder.map_or_else(|| id.to_owned(), |folder| folder.id);
    let sweep = Sweep::new(cloud.as_ref(), &clock, cancel);
    let survey = sweep.survey(Scope::Build(&id), journal.as_ref()).await?;
    let stays = !survey.stays.is_empty();
    stay(report, survey.stays);
    release_all(arguments, &sweep, (survey.release, stays), journal, report).await;
    Ok(())
}

async fn release_all(
    arguments: &Cleanup,
    sweep: &Sweep<'_>,
    (found, others_stay): (Vec<Owned>, bool),
    journal: Option<Journal>,
    report: &mut Report,
) {
    if !arguments.yes {
        report.found.extend(found);
        return;
    }
    let released = Mutex::new(Vec::new());
    let left = sweep
        .release(&found, |one| {
            let mut released = released.lock().unwrap_or_else(PoisonError::into_inner);
            released.push(one.clone());
        })
        .await;
    let released = released
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(mut journal) = journal {
        let now = SystemClock::default().now();
        if let Err(error) = journal.cleaned(now, &released, left.is_empty() && !others_stay) {
            tracing::warn!(%error, "could not write down what was released");
        }
    }
    report.released.extend(released);
    report.left.extend(left.into_iter().map(|one| {
        let Left { resource, reason } = one;
        Remaining { resource, reason }
    }));
}

fn stay(report: &mut Report, stays: impl IntoIterator<Item = (Owned, String)>) {
    let stays = stays.into_iter();
    report
        .stays
        .extend(stays.map(|(owned, reason)| Staying { owned, reason }));
}

/// The cloud that the build's plan is for.
async fn where_it_ran(folder: &BuildFolder) -> Result<Box<dyn Cloud>, CommandError> {
    let plan = journal::read_plan(&folder.path).map_err(|source| CommandError::Resume {
        build: folder.id.clone(),
        source,
    })?;
    let request = folder.request().unwrap_or_else(|_| nowhere());
    Clouds::default().of(&plan, &request).await
}

/// The cloud that the arguments name.
async fn somewhere(arguments: &Cleanup) -> Result<Box<dyn Cloud>, CommandError> {
    match arguments.on {
        None => Err(CommandError::NowhereToClean),
        Some(CloudName::Local) => Ok(Box::new(clouds::local(&nowhere())?)),
        #[cfg(feature = "aws")]
        Some(CloudName::Aws) => Ok(Box::new(clouds::account(&arguments.region).await?)),
        #[cfg(not(feature = "aws"))]
        Some(CloudName::Aws) => Err(CommandError::WithoutAws),
    }
}

/// A sweep has no results of its own.
fn nowhere() -> Request {
    Request {
        output: PathBuf::new(),
        force: false,
        cold: false,
        keep: false,
        secrets: Vec::new(),
        place: None,
    }
}

fn print(arguments: &Cleanup, report: &Report) -> Result<(), CommandError> {
    if arguments.format == DocumentFormat::Json {
        return output::print_json(report);
    }
    for one in &report.stays {
        let what = described(&one.owned);
        output::note(&format!("stays: {what}: {}\n", one.reason));
    }
    for one in &report.left {
        let what = named(&one.resource);
        output::note(&format!("left: {what}: {}\n", visible(&one.reason)));
    }
    for one in &report.released {
        output::print(&format!("released {}\n", named(one)))?;
    }
    for one in &report.found {
        output::print(&format!("would release {}\n", described(one)))?;
    }
    if !report.found.is_empty() {
        output::note("nothing was released; --yes does it\n");
    }
    Ok(())
}

fn named(one: &Resource) -> String {
    let (kind, id) = (one.kind.name(), visible(&one.id));
    format!("{kind} {id} of build {}", visible(&one.build))
}

fn described(one: &Owned) -> String {
    let recipe = one.recipe.as_deref().map(visible);
    let recipe = recipe.map(|recipe| format!(" ({recipe})"));
    let expires = one.expires.map(|at| at.strftime("%F %T UTC").to_string());
    let expires = expires.map(|at| format!(", time over at {at}"));
    let (recipe, expires) = (recipe.unwrap_or_default(), expires.unwrap_or_default());
    format!("{}{recipe}{expires}", named(&one.resource))
}
