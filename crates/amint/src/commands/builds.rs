//! `amint builds`: what ran in this folder, where it stands, what it holds, what it has cost so far.

use std::fmt::Write;

use amint_engine::journal::{Journal, Standing, Story, read_plan};
use amint_event::{ExitClass, Outcome};
use amint_plan::{BuildPlan, Machine};
use jiff::Timestamp;
use serde::Serialize;

use crate::builds::BuildFolder;
use crate::cli::{Builds, DocumentFormat};
use crate::error::{CommandError, one_line};
use crate::output;
use crate::render::text::visible;

/// One build, as programs see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    build: String,
    /// Absent when its plan cannot be read.
    recipe: Option<String>,
    version: Option<String>,
    cloud: Option<&'static str>,
    started: Option<Timestamp>,
    /// `running`, `succeeded`, `failed`, `cancelled`, `died`, `unreadable`.
    state: &'static str,
    /// The phase that it is in, or ended in; of one that died while it gave back, `unwind`.
    phase: Option<&'static str>,
    holds: Vec<Held>,
    /// How long its builders were there.
    builder_seconds: u64,
    /// How large the disks are of what it captured.
    image_bytes: u64,
    /// Why it cannot be read.
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Held {
    kind: &'static str,
    /// Absent where nobody knows whether it was made.
    id: Option<String>,
}

pub(super) fn run(arguments: &Builds) -> Result<ExitClass, CommandError> {
    let now = Timestamp::now();
    let folders = BuildFolder::all()?;
    let rows: Vec<Row> = folders.iter().map(|folder| row(folder, now)).collect();
    match arguments.format {
        DocumentFormat::Json => output::print_json(&rows)?,
        DocumentFormat::Text => output::print(&text(&rows))?,
    }
    Ok(ExitClass::Success)
}

fn row(folder: &BuildFolder, now: Timestamp) -> Row {
    let plan = read_plan(&folder.path).ok();
    let in_use = Journal::is_in_use(&folder.path);
    let row = Row {
        build: folder.id.clone(),
        recipe: plan.as_ref().map(BuildPlan::series),
        version: plan.as_ref().map(|plan| plan.recipe.version.clone()),
        cloud: plan.as_ref().map(cloud),
        started: None,
        state: if in_use { "running" } else { "unreadable" },
        phase: None,
        holds: Vec::new(),
        builder_seconds: 0,
        image_bytes: 0,
        problem: None,
    };
    match Journal::look(&folder.path) {
        Ok(journal) => told(row, Story::of(&journal, now), in_use),
        Err(error) => Row {
            problem: Some(one_line(&error)),
            ..row
        },
    }
}

fn told(row: Row, story: Story, in_use: bool) -> Row {
    let known = story.holds.into_iter().map(|(kind, id)| Held {
        kind: kind.name(),
        id: Some(id),
    });
    let unknown = story.unknown.into_iter().map(|kind| Held {
        kind: kind.name(),
        id: None,
    });
    Row {
        started: story.started,
        state: match story.standing {
            _ if in_use => "running",
            Standing::Ended(Outcome::Succeeded) => "succeeded",
            Standing::Ended(Outcome::Failed) => "failed",
            Standing::Ended(Outcome::Cancelled) => "cancelled",
            Standing::GivingBack | Standing::Underway => "died",
        },
        phase: match story.standing {
            Standing::Ended(Outcome::Succeeded) => None,
            Standing::GivingBack => Some("unwind"),
            Standing::Ended(_) | Standing::Underway => Some(story.phase.name()),
        },
        holds: known.chain(unknown).collect(),
        builder_seconds: story.builder_time.as_secs(),
        image_bytes: story.image_bytes,
        ..row
    }
}

fn cloud(plan: &BuildPlan) -> &'static str {
    match plan.builder.machine {
        Machine::Aws(_) => "aws",
        Machine::Local(_) => "local",
    }
}

fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line(row));
        for held in &row.holds {
            let id = held.id.as_deref().unwrap_or("(may be there)");
            let _ = writeln!(text, "  holds {} {}", held.kind, visible(id));
        }
        if let Some(problem) = &row.problem {
            let _ = writeln!(text, "  {}", visible(problem));
        }
        let id = &row.build;
        match (row.state, row.phase) {
            ("died", Some("unwind")) => {
                let _ = writeln!(
                    text,
                    "  `amint resume {id}` goes on giving back what is there"
                );
            }
            ("died", _) => {
                let _ = writeln!(text, "  `amint resume {id}` goes on with it");
            }
            (state, _) if state != "running" && !row.holds.is_empty() => {
                let _ = writeln!(text, "  `amint cleanup {id} --yes` releases it");
            }
            _ => {}
        }
    }
    text
}

/// Id, when, what, how far, what it cost.
fn line(row: &Row) -> String {
    let unknown = || "?".to_owned();
    let started = row.started.map(|at| at.strftime("%F %T").to_string());
    let recipe = row.recipe.as_deref().map(visible);
    let version = row.version.as_deref().map(visible);
    let mut line = format!(
        "{}  {}  {} {}  {}  {}",
        row.build,
        started.unwrap_or_else(unknown),
        recipe.unwrap_or_else(unknown),
        version.unwrap_or_else(unknown),
        row.cloud.unwrap_or("?"),
        row.state,
    );
    if let Some(phase) = row.phase {
        let _ = write!(line, " in {phase}");
    }
    let hours = row.builder_seconds as f64 / 3600.0;
    let gib = row.image_bytes as f64 / f64::from(1 << 30);
    let _ = write!(line, "  {hours:.2} instance-hours, {gib:.1} GiB");
    line
}
