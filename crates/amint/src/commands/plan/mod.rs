//! `amint plan`: what a build would do, in order.
//!
//! - Here: the plan itself, for people. [`aws`]: what only plans for AWS have.
//! - [`outlook`]: what it leads to. [`forecast`]: that, for people. [`markdown`]: all of it, for a pull request.

mod aws;
mod forecast;
mod markdown;
mod outlook;

use std::fmt::Write;

use amint_event::ExitClass;
use amint_harden::Stage;
use amint_plan::{Action, Base, BuildPlan, LocalMachine, Machine};
use amint_recipe::PLACEHOLDER_BUILD_ID;
use jiff::Timestamp;
use serde::Serialize;

use self::outlook::Outlook;
use crate::cli::{Plan, PlanFormat};
use crate::error::CommandError;
use crate::hex::sha256;
use crate::render::text::escaped;
use crate::{output, recipe};

/// One plan, or one for each cell of the recipe's matrix; in JSON, those are a list.
///
/// A plan belongs to no build: the placeholder stands for the id, so that equal plans print alike.
pub(super) fn run(arguments: &Plan) -> Result<ExitClass, CommandError> {
    let recipes = recipe::read_cells(&arguments.recipe, &arguments.variables)?;
    let target = arguments.on.map(Into::into);
    let mut plans = Vec::new();
    for recipe in &recipes {
        let plan = recipe::resolve(recipe, target, PLACEHOLDER_BUILD_ID)?;
        plans.push(outlook::of(recipe, plan, arguments.offline)?);
    }
    let path = &arguments.recipe;
    let text = |(plan, outlook): &(BuildPlan, Outlook)| {
        let mut text = describe(plan, outlook, arguments.scripts);
        forecast::sections(&mut text, path, outlook);
        text
    };
    let markdown = |(plan, outlook): &(BuildPlan, Outlook)| {
        markdown::document(path, plan, outlook, arguments.scripts)
    };
    match arguments.format {
        PlanFormat::Json => {
            let documents: Vec<_> = plans.iter().map(Document::of).collect();
            match documents.as_slice() {
                [document] if document.plan.matrix.is_empty() => output::print_json(document)?,
                documents => output::print_json(&documents)?,
            }
        }
        PlanFormat::Text => {
            let texts: Vec<String> = plans.iter().map(text).collect();
            output::print(&texts.join("\n\n"))?;
        }
        PlanFormat::Markdown => {
            let texts: Vec<String> = plans.iter().map(markdown).collect();
            output::print(&texts.join("\n"))?;
        }
    }
    Ok(ExitClass::Success)
}

/// The version of the document for programs.
const SCHEMA: &str = "amint.plan/1";

/// For programs: the plan's own keys, and two more.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    // Whoever reads a plan reads this document too.
    #[serde(flatten)]
    plan: &'a BuildPlan,
    outlook: &'a Outlook,
}

impl<'a> Document<'a> {
    fn of((plan, outlook): &'a (BuildPlan, Outlook)) -> Self {
        Self {
            schema: SCHEMA,
            plan,
            outlook,
        }
    }
}

/// The plan for people. Writing to a `String` cannot fail, hence the ignored results.
fn describe(plan: &BuildPlan, outlook: &Outlook, scripts: bool) -> String {
    let mut text = String::new();
    head(&mut text, plan, outlook);
    steps(&mut text, plan, scripts);
    seal(&mut text, plan);
    waivers(&mut text, plan);
    let image = with_build_id(&plan.image.name);
    let _ = writeln!(text, "\nimage       {image}");
    if !plan.image.description.is_empty() {
        let _ = writeln!(text, "            {}", escaped(&plan.image.description));
    }
    aws::image(&mut text, &plan.image);
    text
}

/// A text of the plan, with words in the place of the build's id.
fn with_build_id(text: &str) -> String {
    text.replace(PLACEHOLDER_BUILD_ID, "<build id>")
}

fn head(text: &mut String, plan: &BuildPlan, outlook: &Outlook) {
    let recipe = &plan.recipe;
    let _ = writeln!(
        text,
        "recipe      {} {} ({})",
        recipe.name,
        recipe.version,
        escaped(&recipe.file)
    );
    for (axis, value) in &plan.matrix {
        let _ = writeln!(text, "matrix      {axis} = {value}");
    }
    let _ = writeln!(text, "plan        {}", plan.digest);
    let _ = writeln!(text, "base image  {}", escaped(&base(&plan.base)));
    for (label, value) in forecast::base(plan, outlook) {
        aws::line(text, label, &value);
    }
    let timeout_seconds = plan.builder.timeout_seconds;
    match &plan.builder.machine {
        Machine::Local(machine) => local(text, machine, timeout_seconds),
        Machine::Aws(machine) => aws::builder(text, machine, timeout_seconds),
    }
    for (name, value) in &plan.variables {
        let _ = writeln!(text, "variable    {name} = {}", escaped(value));
    }
    for secret in &plan.secrets {
        let source = secret.source.to_string();
        let _ = writeln!(
            text,
            "secret      {} from {}",
            secret.name,
            escaped(&source)
        );
    }
}

fn base(base: &Base) -> String {
    match base {
        Base::Debian { release } => format!("Debian {release}, made on this machine"),
        Base::Image { path, sha256 } => format!("{} (sha256 {sha256})", path.display()),
        Base::AwsId { id } => id.clone(),
        Base::AwsParameter { name } => format!("what the SSM parameter {name} names"),
        Base::AwsNewest { owner, name } => format!("the newest {name} of {owner}"),
    }
}

fn local(text: &mut String, machine: &LocalMachine, timeout_seconds: u64) {
    let network = if machine.network {
        "with network"
    } else {
        "without network"
    };
    let _ = writeln!(
        text,
        "builder     {} vCPUs, {} MiB, {network}, ends itself after {}",
        machine.vcpus,
        machine.memory_mib,
        span(timeout_seconds),
    );
}

fn steps(text: &mut String, plan: &BuildPlan, scripts: bool) {
    let _ = writeln!(text, "\ncustomize");
    if plan.steps.is_empty() {
        let _ = writeln!(text, "  nothing");
    }
    for step in &plan.steps {
        let timeout = span(step.timeout_seconds);
        let _ = writeln!(
            text,
            "  {:>2}  {} ({}, at most {timeout})",
            step.index, step.name, step.kind
        );
        for action in &step.actions {
            let _ = writeln!(text, "      {}", describe_action(action));
            if let (Action::Run { script }, true) = (action, scripts) {
                for line in script.lines() {
                    let _ = writeln!(text, "      | {}", escaped(line));
                }
            }
        }
    }
}

fn describe_action(action: &Action) -> String {
    match action {
        Action::Run { script } => {
            let lines = match script.lines().count() {
                1 => "1 line".to_owned(),
                count => format!("{count} lines"),
            };
            format!("run {lines}, sha256 {}", sha256(script))
        }
        Action::Upload {
            to,
            owner,
            group,
            mode,
            sha256,
            size,
            ..
        } => {
            let owner = owner.as_deref().unwrap_or("root");
            let group = group.as_deref().unwrap_or(owner);
            format!("put {to}, {mode:04o} {owner}:{group}, {size} bytes, sha256 {sha256}")
        }
        Action::Reboot => "restart the builder".to_owned(),
    }
}

fn seal(text: &mut String, plan: &BuildPlan) {
    let _ = writeln!(text, "\nprofile     {}", plan.seal.profile);
    let stages = [
        (
            Stage::Attached,
            "check: while the machine can still be asked",
        ),
        (
            Stage::Detached,
            "seal: detached, last, ends with the power-off",
        ),
    ];
    for (stage, title) in stages {
        let _ = writeln!(text, "\n{title}");
        for step in &plan.seal.steps {
            if amint_harden::step(&step.id).is_some_and(|known| known.stage == stage) {
                let _ = writeln!(text, "  {:<28} sha256 {}", step.id, step.sha256);
            }
        }
    }
    for path in &plan.seal.application_logs {
        let _ = writeln!(text, "  application log {path}");
    }
}

fn waivers(text: &mut String, plan: &BuildPlan) {
    if !plan.waivers.is_empty() {
        let _ = writeln!(text, "\nwaivers: findings that are accepted");
    }
    for waiver in &plan.waivers {
        // A reason may be a block of lines.
        let reason: Vec<&str> = waiver.reason.split_whitespace().collect();
        let (until, reason) = (waiver.expires, reason.join(" "));
        // The build would be refused.
        let expired = match waiver.has_expired(Timestamp::now()) {
            true => " (expired)",
            false => "",
        };
        let _ = writeln!(text, "  {waiver}, until {until}{expired}: {reason}");
    }
}

/// A whole number of the largest fitting unit.
fn span(seconds: u64) -> String {
    match seconds {
        _ if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}
