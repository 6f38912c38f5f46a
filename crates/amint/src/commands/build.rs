//! `amint build`: from a recipe to an image and its manifest.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use amint_cloud::{Cloud, SystemClock};
use amint_engine::{Cancel, Journal, Options, SinkError, Summary};
use amint_event::{Event, ExitClass};
use amint_harden::{Finding, Severity};
use amint_local::{LocalCloud, LocalOptions};
use amint_plan::{BuildPlan, Target};
use indicatif::ProgressDrawTarget;
use rustix::fs::{Access, access};

use crate::cli::{Build, BuildFormat, CloudName, OnError};
use crate::error::{self, CommandError};
use crate::render::json::Json;
use crate::render::plain::Plain;
use crate::render::progress::Progress;
use crate::render::{Renderer, terminal};
use crate::{folders, interrupt, output, recipe};

/// The published image and the manifest beside it, in the output folder.
const RESULTS: [&str; 2] = ["image.raw", MANIFEST];
const MANIFEST: &str = "manifest.json";

/// Where builds keep their journals and step logs, in the working folder.
const BUILDS: &str = ".amint/builds";

pub(super) fn run(arguments: &Build, verbose: u8) -> Result<ExitClass, CommandError> {
    let build_id = ulid::Ulid::generate().to_string().to_lowercase();
    let target = match arguments.on {
        CloudName::Local => Target::Local,
    };
    let plan = recipe::plan(
        &arguments.recipe,
        &arguments.variables,
        Some(target),
        &build_id,
    )?;
    let output_dir = output_dir(arguments, &plan)?;
    let seed = random().map_err(|error| CommandError::System("read /dev/urandom", error))?;
    let build = Minting {
        journal_dir: Path::new(BUILDS).join(&plan.build_id),
        options: Options {
            on_error: match arguments.on_error {
                OnError::Cleanup => amint_engine::OnError::Cleanup,
                OnError::Keep => amint_engine::OnError::Keep,
            },
            ..Options::new(
                seed,
                output_dir.join(MANIFEST),
                env!("CARGO_PKG_VERSION").to_owned(),
            )
        },
        renderer: renderer(arguments.format, verbose),
        plan,
    };
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| CommandError::System("start the asynchronous runtime", error))?;
    let journal_dir = build.journal_dir.clone();
    let summary = runtime.block_on(async {
        let cloud = cloud(arguments, output_dir)?;
        build.run(cloud.as_ref()).await
    })?;
    conclude(summary, arguments.format, &journal_dir)
}

/// Where the image goes; refused when it cannot, or when one is there already that may not be replaced.
fn output_dir(arguments: &Build, plan: &BuildPlan) -> Result<PathBuf, CommandError> {
    let default = || format!("out/{}-{}", plan.recipe.name, plan.recipe.version).into();
    let folder = arguments.output.clone().unwrap_or_else(default);
    if !arguments.force && RESULTS.iter().any(|name| folder.join(name).exists()) {
        return Err(CommandError::OutputTaken { folder });
    }
    let absolute = std::path::absolute(&folder).map_err(CommandError::NoWorkingFolder)?;
    match require_writable(&absolute) {
        Ok(()) => Ok(absolute),
        Err(source) => Err(CommandError::OutputFolder { folder, source }),
    }
}

/// Whether the folder can be written to, or made: better found out before the work than after it.
fn require_writable(folder: &Path) -> io::Result<()> {
    let there = folder.ancestors().find(|ancestor| ancestor.exists());
    let there = there.unwrap_or(Path::new("/"));
    if !there.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(access(there, Access::WRITE_OK | Access::EXEC_OK)?)
}

fn cloud(arguments: &Build, output_dir: PathBuf) -> Result<Box<dyn Cloud>, CommandError> {
    match arguments.on {
        CloudName::Local => Ok(Box::new(LocalCloud::new(LocalOptions {
            cache_dir: folders::cache()?,
            runtime_dir: folders::runtime()?,
            output_dir,
            cold: arguments.cold,
            overwrite: arguments.force,
        }))),
    }
}

/// Log lines would tear a live display apart, so asking for them means plain lines.
fn renderer(format: BuildFormat, verbose: u8) -> Box<dyn Renderer> {
    match format {
        BuildFormat::Json => Box::new(Json::new(io::stdout())),
        BuildFormat::Auto if verbose == 0 && terminal::stderr_is_live() => Box::new(Progress::new(
            ProgressDrawTarget::stderr(),
            terminal::stderr_has_color(),
        )),
        BuildFormat::Auto | BuildFormat::Plain => Box::new(Plain::new(io::stderr())),
    }
}

/// Bytes that nobody can foresee, for the tracers.
fn random() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A build that is about to run.
struct Minting {
    plan: BuildPlan,
    journal_dir: PathBuf,
    options: Options,
    renderer: Box<dyn Renderer>,
}

impl Minting {
    async fn run(mut self, cloud: &dyn Cloud) -> Result<Summary, CommandError> {
        let cancel = Cancel::new();
        interrupt::watch(&cancel).map_err(|e| CommandError::System("listen for signals", e))?;
        let mut journal = Journal::create(&self.journal_dir, &self.plan).map_err(|source| {
            CommandError::Journal {
                folder: self.journal_dir,
                source,
            }
        })?;
        let mut sink = |event: &Event| self.renderer.render(event).map_err(SinkError::from);
        let clock = SystemClock::default();
        let options = &self.options;
        Ok(amint_engine::execute(
            &self.plan,
            cloud,
            &clock,
            &mut journal,
            &cancel,
            options,
            &mut sink,
        )
        .await)
    }
}

/// What a published image's inspection came to.
fn verdict(findings: &[Finding]) -> String {
    let waived = |one: &&Finding| one.waived && one.severity == Severity::Error;
    match findings.iter().filter(waived).count() {
        0 => "clean".to_owned(),
        1 => "waived, with 1 accepted finding".to_owned(),
        count => format!("waived, with {count} accepted findings"),
    }
}

/// Prints the results, or turns what went wrong into an error. In JSON, the events said it all.
fn conclude(
    summary: Summary,
    format: BuildFormat,
    journal_dir: &Path,
) -> Result<ExitClass, CommandError> {
    if let Some(access) = &summary.access {
        output::note(&format!("the builder is kept:\n{access}\n"));
    }
    if let Some(error) = &summary.error {
        output::note(&format!(
            "journal and step logs: {}\n",
            journal_dir.display()
        ));
        error::report_build(error);
    }
    if format != BuildFormat::Json {
        if let Some(image) = &summary.published {
            output::print(&format!("image: {}\n", image.location))?;
        }
        if let Some(manifest) = &summary.manifest {
            output::print(&format!("manifest: {}\n", manifest.display()))?;
            output::print(&format!("verdict: {}\n", verdict(&summary.findings)))?;
        }
    }
    Ok(summary.exit)
}
