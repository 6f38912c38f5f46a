//! `amint build`: from recipes to images and their manifests.
//!
//! - [`current`]: whether there is anything to build.
//! - [`place`]: where the results go. [`minting`]: one build.
//! - Here: all of them, so many at a time, and what the command makes of how they ended.

mod current;
mod minting;
mod place;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use amint_engine::Cancel;
use amint_event::ExitClass;
use futures_util::stream::{self, StreamExt};
use indicatif::ProgressDrawTarget;

use self::minting::Ended;
pub(super) use self::minting::Minting;
use crate::builds::BuildFolder;
use crate::cli::{Build, BuildFormat};
use crate::clouds::Clouds;
use crate::error::{self, CommandError};
use crate::render::json::Json;
use crate::render::plain::Plain;
use crate::render::progress::Progress;
use crate::render::{Renderer, terminal};
use crate::report::files::{self, ReportFile};
use crate::report::{Report, Subject};
use crate::{interrupt, output, recipe};

/// What shows the events of all builds.
type SharedRenderer = Arc<Mutex<Box<dyn Renderer>>>;

pub(super) fn run(arguments: &Build, verbose: u8) -> Result<ExitClass, CommandError> {
    files::check(&arguments.reports.files)?;
    let mut recipes = Vec::new();
    for path in &arguments.recipes {
        recipes.extend(recipe::read_cells(path, &arguments.variables)?);
    }
    let many = recipes.len() > 1;
    let mintings = recipes
        .iter()
        .map(|recipe| Minting::prepare(arguments, recipe, many))
        .collect::<Result<Vec<_>, _>>()?;
    place::require_distinct(&mintings)?;
    // The cells of a matrix have one lock file.
    let warnings: BTreeSet<&str> = mintings
        .iter()
        .filter_map(|one| one.warning.as_deref())
        .collect();
    warnings.into_iter().for_each(output::note);
    let showing = Showing {
        format: arguments.format,
        verbose,
        reports: &arguments.reports.files,
    };
    mint(mintings, showing, arguments.jobs)
}

/// How builds are shown, and what is written about them.
#[derive(Clone, Copy)]
pub(super) struct Showing<'a> {
    pub(super) format: BuildFormat,
    pub(super) verbose: u8,
    pub(super) reports: &'a [ReportFile],
}

/// Runs builds to their ends, so many at a time.
pub(super) fn mint(
    mintings: Vec<Minting>,
    showing: Showing<'_>,
    jobs: NonZeroUsize,
) -> Result<ExitClass, CommandError> {
    let Showing {
        format,
        verbose,
        reports,
    } = showing;
    let many = mintings.len() > 1;
    let renderer = Arc::new(Mutex::new(renderer(format, verbose, many)));
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| CommandError::System("start the asynchronous runtime", error))?;
    runtime.block_on(async {
        let cancel = Cancel::new();
        interrupt::watch(&cancel).map_err(|e| CommandError::System("listen for signals", e))?;
        let clouds = Clouds::default();
        let (clouds, cancel, renderer) = (&clouds, &cancel, &renderer);
        let mut builds = stream::iter(mintings)
            .map(|minting| async move {
                let name = minting.name();
                let folder = minting.folder().clone();
                let subject = minting.subject();
                let ended = minting.run(clouds, cancel, renderer).await;
                let report = report(subject, &ended);
                let label = many.then_some(name.as_str());
                (conclude(ended, format, &folder, label), report)
            })
            .buffered(jobs.get());
        let mut class = Ok(ExitClass::Success);
        let mut told = Vec::new();
        while let Some((ended, report)) = builds.next().await {
            class = first_failure(class, ended);
            told.push(report);
        }
        let written = files::write(reports, &told);
        first_failure(class, written.map(|()| ExitClass::Success))
    })
}

/// What is told of a build's inspection, also when there was none.
fn report(subject: Subject, ended: &Result<Ended, CommandError>) -> Report {
    let summary = match ended {
        Err(error) => return subject.unread(&error::one_line(error)),
        Ok(Ended::Current(_)) => {
            return subject
                .unread("an earlier build inspected the disk: its verdict is in its manifest");
        }
        Ok(Ended::Built(summary)) => summary,
    };
    match (&summary.inspection, &summary.error) {
        (Some(inspection), _) => subject.read(inspection),
        (None, Some(error)) => {
            let why = error::one_line(error);
            subject.unread(&format!(
                "the build ended before its disk had a verdict: {why}"
            ))
        }
        (None, None) => {
            subject.unread("an earlier process inspected the disk: its verdict is in the manifest")
        }
    }
}

/// Keeps what went wrong first. The errors of builds have been shown; one that is kept is shown by the caller.
fn first_failure(
    so_far: Result<ExitClass, CommandError>,
    next: Result<ExitClass, CommandError>,
) -> Result<ExitClass, CommandError> {
    match (so_far, next) {
        (Ok(ExitClass::Success), next) => next,
        (so_far, Err(error)) => {
            error::report(&error);
            so_far
        }
        (so_far, Ok(_)) => so_far,
    }
}

/// Log lines would tear a live display apart, so asking for them means plain lines.
fn renderer(format: BuildFormat, verbose: u8, many: bool) -> Box<dyn Renderer> {
    match format {
        BuildFormat::Json => Box::new(Json::new(std::io::stdout())),
        BuildFormat::Auto if verbose == 0 && terminal::stderr_is_live() => Box::new(Progress::new(
            ProgressDrawTarget::stderr(),
            terminal::stderr_has_color(),
            many,
        )),
        BuildFormat::Auto | BuildFormat::Plain => Box::new(Plain::new(std::io::stderr(), many)),
    }
}

/// What a published image's inspection came to.
fn verdict(waived: usize) -> String {
    match waived {
        0 => "clean".to_owned(),
        1 => "waived, with 1 accepted finding".to_owned(),
        count => format!("waived, with {count} accepted findings"),
    }
}

/// Prints the results of one build, each line after its `label`, or what went wrong. In JSON, the events said it all.
fn conclude(
    ended: Result<Ended, CommandError>,
    format: BuildFormat,
    folder: &BuildFolder,
    label: Option<&str>,
) -> Result<ExitClass, CommandError> {
    let label = label.map(|name| format!("{name}: ")).unwrap_or_default();
    let summary = match ended? {
        Ended::Built(summary) => summary,
        Ended::Current(current) => {
            if format != BuildFormat::Json {
                let manifest = current.manifest.map(|path| path.display().to_string());
                let lines = [("image", Some(current.location)), ("manifest", manifest)];
                for (what, value) in lines {
                    if let Some(value) = value {
                        output::print(&format!("{label}{what}: {value}\n"))?;
                    }
                }
                output::print(&format!("{label}current: nothing was built\n"))?;
            }
            return Ok(ExitClass::Success);
        }
    };
    if let Some(access) = &summary.access {
        output::note(&format!("{label}the builder is kept:\n{access}\n"));
    }
    if let Some(error) = &summary.error {
        let journal = folder.path.display();
        output::note(&format!("{label}journal and step logs: {journal}\n"));
        error::report_build(&label, error);
    }
    if !summary.left.is_empty() {
        let (id, count) = (&folder.id, summary.left.len());
        output::note(&format!(
            "{label}{count} left behind: `amint cleanup {id} --yes` releases what is there\n"
        ));
    }
    if format != BuildFormat::Json {
        if let Some(image) = &summary.published {
            output::print(&format!("{label}image: {}\n", image.location))?;
        }
        if let Some(manifest) = &summary.manifest {
            let (manifest, verdict) = (manifest.display(), verdict(summary.waived));
            output::print(&format!(
                "{label}manifest: {manifest}\n{label}verdict: {verdict}\n"
            ))?;
        }
    }
    Ok(summary.exit)
}
