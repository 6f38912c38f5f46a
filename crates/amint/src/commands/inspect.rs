//! `amint inspect`: a disk's own bytes to a verdict.

use std::path::Path;

use amint_event::ExitClass;
use amint_harden::inspection::{self, Expectations, Inspection};
use amint_harden::{Finding, Profile, Waiver, waiver};
use amint_recipe::Recipe;
use jiff::Timestamp;

use crate::cli::{Inspect, InspectFormat};
use crate::error::{self, CommandError};
use crate::report::files::{self, Format};
use crate::report::json::Document;
use crate::report::place::Place;
use crate::report::{Report, Subject, text};
use crate::{output, recipe, secrets};

/// What is inspected against when nobody says.
const PROFILE: &str = "marketplace-linux";

pub(super) fn run(arguments: &Inspect) -> Result<ExitClass, CommandError> {
    files::check(&arguments.reports.files)?;
    let recipe = arguments.recipe.as_deref();
    if recipe.is_none() && !arguments.variables.is_empty() {
        return Err(CommandError::VariablesOfNothing);
    }
    let recipe = recipe.map(|path| recipe::read(path, &arguments.variables));
    let recipe = recipe.transpose()?;
    if let Some(recipe) = &recipe {
        secrets::plan::learn_of(recipe);
    }
    let expectations = expectations(arguments, recipe.as_ref())?;
    let subject = subject(arguments, recipe.as_ref(), expectations.profile)?;
    let mut result = inspect(&arguments.disk, &expectations);
    if let Ok(inspection) = &mut result {
        waiver::apply(&subject.waivers, &mut inspection.findings, Timestamp::now());
    }
    let report = match &result {
        Ok(inspection) => subject.read(inspection),
        Err(error) => subject.unread(&error::one_line(error)),
    };
    show(&report, arguments.format)?;
    files::write(&arguments.reports.files, std::slice::from_ref(&report))?;
    Ok(class(&result?))
}

fn show(report: &Report, format: InspectFormat) -> Result<(), CommandError> {
    let reports = std::slice::from_ref(report);
    match format {
        InspectFormat::Text => output::print(&text::describe(report)),
        InspectFormat::Json => output::print_json(&Document::of(report)),
        InspectFormat::Sarif => output::print(&Format::Sarif.document(reports)?),
        InspectFormat::Junit => output::print(&Format::Junit.document(reports)?),
    }
}

fn expectations(
    arguments: &Inspect,
    recipe: Option<&Recipe>,
) -> Result<Expectations, CommandError> {
    let profile = profile(arguments, recipe)?;
    let mut logs = arguments.application_logs.clone();
    if let Some(log) = logs.iter().find(|log| !log.starts_with('/')) {
        return Err(CommandError::RelativeLog(log.clone()));
    }
    logs.extend(
        recipe
            .into_iter()
            .flat_map(|recipe| recipe.seal.application_logs.clone()),
    );
    Ok(Expectations {
        // Which build the disk comes from is not known here, nor what that build planted.
        build_id: None,
        tracers: Vec::new(),
        secrets: secrets::searched_for(),
        application_logs: logs,
        agent_removed: false,
        digest: arguments.digest,
        profile,
    })
}

/// The profile that was named, or those of the recipe together.
fn profile(arguments: &Inspect, recipe: Option<&Recipe>) -> Result<&'static Profile, CommandError> {
    match (&arguments.profile, recipe) {
        (None, Some(recipe)) => amint_harden::combine(&recipe.seal.profiles, &recipe.seal.choices)
            .map_err(|source| CommandError::Plan {
                path: recipe.source().path.clone(),
                source: source.into(),
            }),
        (named, _) => {
            let name = named.as_deref().unwrap_or(PROFILE);
            amint_harden::profile(name).ok_or_else(|| CommandError::UnknownProfile(name.to_owned()))
        }
    }
}

fn subject(
    arguments: &Inspect,
    recipe: Option<&Recipe>,
    profile: &Profile,
) -> Result<Subject, CommandError> {
    let waivers = recipe.map_or(Ok(Vec::new()), waivers)?;
    Ok(Subject {
        name: arguments.disk.display().to_string(),
        place: recipe.map_or_else(|| Place::of_file(&arguments.disk), Place::of_seal),
        profile: profile.reference(),
        of_build: false,
        waivers,
    })
}

/// What the recipe accepts; as in a build, none of it may have expired.
fn waivers(recipe: &Recipe) -> Result<Vec<Waiver>, CommandError> {
    let waivers = amint_plan::waivers(recipe).map_err(|source| CommandError::Plan {
        path: recipe.source().path.clone(),
        source,
    })?;
    let now = Timestamp::now();
    match waivers.iter().find(|waiver| waiver.has_expired(now)) {
        Some(expired) => Err(CommandError::WaiverExpired(expired.clone())),
        None => Ok(waivers),
    }
}

fn inspect(path: &Path, expectations: &Expectations) -> Result<Inspection, CommandError> {
    let disk = amint_inspect::open(path)?;
    inspection::inspect(disk.as_ref(), expectations).map_err(|source| CommandError::Inspect {
        path: path.to_owned(),
        source,
    })
}

fn class(inspection: &Inspection) -> ExitClass {
    match inspection.findings.iter().any(Finding::fails) {
        true => ExitClass::Findings,
        false => ExitClass::Success,
    }
}
