//! One build, from its recipe to its end, or from where an earlier process left it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

use amint_cloud::SystemClock;
use amint_engine::journal::{self, Journal};
use amint_engine::secret::Secret;
use amint_engine::{Cancel, Options, SinkError, Summary};
use amint_event::Event;
use amint_plan::BuildPlan;
use amint_recipe::Recipe;

use super::current::{self, Current};
use super::{SharedRenderer, place};
use crate::builds::{BuildFolder, Request};
use crate::cli::{Build, OnError};
use crate::clouds::Clouds;
use crate::error::CommandError;
use crate::locks;
use crate::recipe;
use crate::render::terminal;
use crate::report::Subject;
use crate::report::place::Place;
use crate::secrets;

/// How long giving back may take after an interrupt when a person waits, who can interrupt once more. Without one,
/// the engine's own limit holds.
const PATIENCE: Duration = Duration::from_secs(300);

/// A build that is about to run.
pub(crate) struct Minting {
    plan: BuildPlan,
    folder: BuildFolder,
    request: Request,
    /// Those of the plan's secrets that the environment has.
    secrets: Vec<Secret>,
    /// Of a build that is gone on with.
    journal: Option<Journal>,
    /// What is to be said about its lock file.
    pub(super) warning: Option<String>,
    /// Whether nothing is built when there is an image already that is as good.
    skip_if_current: bool,
}

/// How a build ended.
pub(super) enum Ended {
    /// It ran.
    Built(Box<Summary>),
    /// There was nothing to do.
    Current(Current),
}

impl Minting {
    /// Plans the recipe and finds out where its results go. Nothing is made yet. `many`: whether it is one of several.
    pub(super) fn prepare(
        arguments: &Build,
        recipe: &Recipe,
        many: bool,
    ) -> Result<Self, CommandError> {
        let build_id = ulid::Ulid::generate().to_string().to_lowercase();
        let target = arguments.on.map(Into::into);
        let plan = recipe::resolve(recipe, target, &build_id)?;
        let (plan, warning) = locks::for_build(recipe, plan, arguments.locked)?;
        // Who may find that nothing is to be done needs none yet.
        let secrets = match arguments.skip_if_current {
            true => Vec::new(),
            false => secrets::plan::from_environment(&plan)?,
        };
        require_no_secrets(&plan)?;
        let output = place::output_dir(arguments, &plan, many)?;
        // What is current may be there.
        if !arguments.skip_if_current {
            place::require_free(&output, &plan, arguments.force)?;
        }
        let request = Request {
            output,
            force: arguments.force,
            cold: arguments.cold,
            keep: arguments.on_error == OnError::Keep,
            secrets: secrets::named(),
            place: Some(Place::of_seal(recipe)),
        };
        Ok(Self {
            folder: BuildFolder::new(&plan.build_id),
            request,
            plan,
            secrets,
            journal: None,
            warning,
            skip_if_current: arguments.skip_if_current,
        })
    }

    /// A build that an earlier process began.
    pub(crate) fn resume(id: &str) -> Result<Self, CommandError> {
        let folder = BuildFolder::find(id)?;
        let read = |source| CommandError::Resume {
            build: folder.id.clone(),
            source,
        };
        let journal = Journal::open(&folder.path).map_err(read)?;
        let mut plan = journal::read_plan(&folder.path).map_err(read)?;
        if journal.is_finished() {
            return Err(CommandError::Ended(folder.id));
        }
        let request = folder.request()?;
        let unknown = request.secrets.iter().find(|name| !secrets::knows(name));
        if let Some(name) = unknown {
            return Err(CommandError::SecretMissing(name.clone()));
        }
        journal::restore_uploads(&folder.path, &mut plan).map_err(read)?;
        Ok(Self {
            secrets: secrets::plan::from_environment(&plan)?,
            plan,
            folder,
            request,
            journal: Some(journal),
            warning: None,
            skip_if_current: false,
        })
    }

    fn options(&self, values: Vec<Secret>) -> Result<Options, CommandError> {
        let seed = random().map_err(|error| CommandError::System("read /dev/urandom", error))?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let manifest = self.request.output.join(place::MANIFEST);
        let mut options = Options::new(seed, manifest, version);
        options.masks = secrets::masks();
        options.secrets = secrets::searched_for();
        options.values = values;
        options.on_error = self.request.on_error();
        if terminal::stderr_is_live() {
            options.interrupt_deadline = PATIENCE;
        }
        Ok(options)
    }

    /// The recipe's name, and the cell of its matrix.
    pub(super) fn name(&self) -> String {
        self.plan.series()
    }

    /// What its inspection is reported as.
    pub(super) fn subject(&self) -> Subject {
        let place = self.request.place.clone();
        Subject {
            name: self.plan.series(),
            place: place.unwrap_or_else(|| Place::of_file(Path::new(&self.plan.recipe.file))),
            profile: self.plan.seal.profile.clone(),
            of_build: true,
            waivers: self.plan.waivers.clone(),
        }
    }

    pub(super) fn folder(&self) -> &BuildFolder {
        &self.folder
    }

    pub(super) fn output_dir(&self) -> &Path {
        &self.request.output
    }

    pub(super) async fn run(
        mut self,
        clouds: &Clouds,
        cancel: &Cancel,
        renderer: &SharedRenderer,
    ) -> Result<Ended, CommandError> {
        if self.skip_if_current {
            let cloud = clouds.to_ask(&self.plan).await?;
            let output = &self.request.output;
            if let Some(current) = current::find(&self.plan, cloud.as_ref(), output, cancel).await?
            {
                let mut renderer = renderer.lock().unwrap_or_else(PoisonError::into_inner);
                for event in current::events(&self.plan, &current) {
                    renderer.render(&event).map_err(CommandError::stdout)?;
                }
                return Ok(Ended::Current(current));
            }
            place::require_free(output, &self.plan, self.request.force)?;
            self.secrets = secrets::plan::from_environment(&self.plan)?;
        }
        let cloud = clouds.of(&self.plan, &self.request).await?;
        let clock = SystemClock::default();
        let mut values = std::mem::take(&mut self.secrets);
        values.extend(secrets::plan::from_cloud(&self.plan, cloud.as_ref(), &clock, cancel).await?);
        require_no_secrets(&self.plan)?;
        let options = self.options(values)?;
        let folder = |source| CommandError::BuildFolder {
            folder: self.folder.path.clone(),
            source,
        };
        let mut journal = match self.journal.take() {
            Some(journal) => journal,
            None => {
                self.folder.begin(&self.request).map_err(folder)?;
                let created = Journal::create(&self.folder.path, &self.plan);
                created.map_err(|source| CommandError::Journal {
                    folder: self.folder.path.clone(),
                    source,
                })?
            }
        };
        let mut events = self.folder.events().map_err(folder)?;
        let mut sink = |event: &Event| {
            let kept = events.write(event);
            let mut renderer = renderer.lock().unwrap_or_else(PoisonError::into_inner);
            renderer.render(event).and(kept).map_err(SinkError::from)
        };
        let clock = SystemClock::default();
        let summary = amint_engine::execute(
            &self.plan,
            cloud.as_ref(),
            &clock,
            &mut journal,
            cancel,
            &options,
            &mut sink,
        );
        Ok(Ended::Built(Box::new(summary.await)))
    }
}

/// A secret in a plan would be on a command line, and in every journal. Uploads are not told by anybody; the copies that
/// wait beside the journal are for this user alone, and go with the build's end.
fn require_no_secrets(plan: &BuildPlan) -> Result<(), CommandError> {
    let text = serde_json::to_vec(plan).map_err(CommandError::Unprintable)?;
    match secrets::named_in(&text) {
        None => Ok(()),
        Some(name) => Err(CommandError::SecretInPlan {
            recipe: plan.recipe.file.clone(),
            name,
        }),
    }
}

/// Bytes that nobody can foresee, for the tracers.
fn random() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
