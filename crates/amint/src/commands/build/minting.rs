//! One build, from its recipe to its end.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::Duration;

use amint_cloud::SystemClock;
use amint_engine::{Cancel, Journal, Options, SinkError, Summary};
use amint_event::Event;
use amint_plan::BuildPlan;

use super::clouds::Clouds;
use super::{SharedRenderer, place};
use crate::cli::{Build, OnError};
use crate::error::CommandError;
use crate::recipe;
use crate::render::terminal;

/// Where builds keep their journals and step logs, in the working folder.
const BUILDS: &str = ".amint/builds";

/// How long giving back may take after an interrupt when a person waits, who can interrupt once more. Without one,
/// the engine's own limit holds.
const PATIENCE: Duration = Duration::from_secs(300);

/// A build that is about to run.
pub(super) struct Minting {
    plan: BuildPlan,
    journal_dir: PathBuf,
    output_dir: PathBuf,
    options: Options,
}

impl Minting {
    /// Plans the recipe and finds out where its results go. Nothing is made yet.
    pub(super) fn prepare(arguments: &Build, path: &Path) -> Result<Self, CommandError> {
        let build_id = ulid::Ulid::generate().to_string().to_lowercase();
        let target = arguments.on.map(Into::into);
        let plan = recipe::plan(path, &arguments.variables, target, &build_id)?;
        let output_dir = place::output_dir(arguments, &plan)?;
        let seed = random().map_err(|error| CommandError::System("read /dev/urandom", error))?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let mut options = Options::new(seed, output_dir.join(place::MANIFEST), version);
        options.on_error = match arguments.on_error {
            OnError::Cleanup => amint_engine::OnError::Cleanup,
            OnError::Keep => amint_engine::OnError::Keep,
        };
        if terminal::stderr_is_live() {
            options.interrupt_deadline = PATIENCE;
        }
        Ok(Self {
            journal_dir: Path::new(BUILDS).join(&plan.build_id),
            output_dir,
            options,
            plan,
        })
    }

    /// The recipe's name and version.
    pub(super) fn name(&self) -> &str {
        &self.plan.recipe.name
    }

    pub(super) fn journal_dir(&self) -> &Path {
        &self.journal_dir
    }

    pub(super) fn output_dir(&self) -> &Path {
        &self.output_dir
    }

    pub(super) async fn run(
        self,
        clouds: &Clouds<'_>,
        cancel: &Cancel,
        renderer: &SharedRenderer,
    ) -> Result<Summary, CommandError> {
        let cloud = clouds.of(&self.plan, &self.output_dir).await?;
        let mut journal = Journal::create(&self.journal_dir, &self.plan).map_err(|source| {
            CommandError::Journal {
                folder: self.journal_dir,
                source,
            }
        })?;
        let mut sink = |event: &Event| {
            let mut renderer = renderer.lock().unwrap_or_else(PoisonError::into_inner);
            renderer.render(event).map_err(SinkError::from)
        };
        Ok(amint_engine::execute(
            &self.plan,
            cloud.as_ref(),
            &SystemClock::default(),
            &mut journal,
            cancel,
            &self.options,
            &mut sink,
        )
        .await)
    }
}

/// Bytes that nobody can foresee, for the tracers.
fn random() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
