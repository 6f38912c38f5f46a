//! `amint lock`: what recipes are resolved to, written down.

use std::path::Path;

use amint_cloud::SystemClock;
use amint_engine::{Asking, Cancel};
use amint_event::ExitClass;
use amint_plan::lock::{LockFile, Moved};
use amint_plan::{BuildPlan, Target};
use amint_recipe::given::environment_name;
use amint_recipe::{PLACEHOLDER_BUILD_ID, Recipe};
use serde::Serialize;

use crate::cli::{DocumentFormat, Lock};
use crate::clouds::Clouds;
use crate::error::CommandError;
use crate::render::text::escaped;
use crate::{interrupt, locks, output, recipe};

/// What became of one lock file.
#[derive(Serialize)]
struct Report {
    /// The recipe, as it was given.
    recipe: String,
    /// Its lock file.
    lock: String,
    /// Whether it was written.
    written: bool,
    /// What changed in it, or would.
    moved: Vec<Moved>,
    /// The same in words.
    messages: Vec<String>,
}

pub(super) fn run(arguments: &Lock) -> Result<ExitClass, CommandError> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| CommandError::System("start the asynchronous runtime", error))?;
    runtime.block_on(async {
        let cancel = Cancel::new();
        interrupt::watch(&cancel).map_err(|e| CommandError::System("listen for signals", e))?;
        let clouds = Clouds::default();
        let mut class = ExitClass::Success;
        for path in &arguments.recipes {
            let report = lock(arguments, path, &clouds, &cancel).await?;
            if arguments.check && !report.moved.is_empty() {
                class = ExitClass::Stale;
            }
            match arguments.format {
                DocumentFormat::Json => output::print(&output::json_line(&report)?)?,
                DocumentFormat::Text => output::print(&describe(&report))?,
            }
        }
        Ok(class)
    })
}

fn describe(report: &Report) -> String {
    let ended = match (report.moved.is_empty(), report.written) {
        (true, false) => "nothing moved",
        (_, true) => "written",
        (false, false) => "stale",
    };
    let mut text = format!("{}: {ended}\n", report.lock);
    for message in &report.messages {
        text.push_str(&format!("  {}\n", escaped(message)));
    }
    text
}

async fn lock(
    arguments: &Lock,
    path: &Path,
    clouds: &Clouds,
    cancel: &Cancel,
) -> Result<Report, CommandError> {
    let cells = recipe::read_cells(path, &arguments.variables)?;
    let before = locks::read(path)?;
    // What the arguments leave out stays as it is locked: another cloud, other cells of a matrix.
    let mut axes = cells.iter().flat_map(|cell| cell.matrix.keys());
    let from_environment = axes.any(|axis| std::env::var_os(environment_name(axis)).is_some());
    let only = arguments.on.is_some() || !arguments.variables.is_empty() || from_environment;
    let mut now = before.clone().filter(|_| only).unwrap_or_default();
    for (recipe, plan) in plans(&cells, arguments.on.map(Into::into))? {
        now.merge(LockFile::of(recipe, &plan));
        let known = before.as_ref().and_then(|before| before.base(&plan));
        let base = match known.filter(|_| arguments.keep_base) {
            Some(base) => base.clone(),
            None => {
                let cloud = clouds.to_ask(&plan).await?;
                let clock = SystemClock::default();
                let asking = Asking::new(cloud.as_ref(), &clock, cancel);
                amint_engine::identity(&asking.base(&plan).await?)
            }
        };
        now.add(&plan, base);
    }
    let moved = before.clone().unwrap_or_default().moved_to(&now);
    // In the first one everything is new: only what was asked for is news.
    let news = |one: &&Moved| before.is_some() || matches!(one, Moved::Base { .. });
    let messages = moved.iter().filter(news).map(ToString::to_string);
    let messages = messages.collect();
    let written = !arguments.check && before.as_ref() != Some(&now);
    if written {
        locks::write(path, &now)?;
    }
    Ok(Report {
        recipe: path.display().to_string(),
        lock: locks::path(path).display().to_string(),
        written,
        moved,
        messages,
    })
}

/// The plans of a recipe's cells, for all targets that they have a base image for, or for one.
fn plans(
    cells: &[Recipe],
    only: Option<Target>,
) -> Result<Vec<(&Recipe, BuildPlan)>, CommandError> {
    let mut plans = Vec::new();
    for recipe in cells {
        let base = &recipe.base;
        let aws = base.aws.as_ref().map(|_| Target::Aws);
        let local = base.local.as_ref().map(|_| Target::Local);
        let targets = match only {
            Some(only) => vec![only],
            None => aws.into_iter().chain(local).collect(),
        };
        for target in targets {
            let plan = recipe::resolve(recipe, Some(target), PLACEHOLDER_BUILD_ID)?;
            plans.push((recipe, plan));
        }
    }
    Ok(plans)
}
