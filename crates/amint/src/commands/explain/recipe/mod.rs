//! A recipe in plain English, for whoever has to answer for its image and does not program.
//!
//! What is told is the plan, so that it is what will happen; one file a part of it:
//! [`machine`] (where it is built), [`steps`], [`seal`] (with what is checked and what is accepted), [`image`] (who gets it, and what
//! its first boot does). [`words`]: numbers and rights in words.

mod image;
mod machine;
mod seal;
mod steps;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use amint_event::ExitClass;
use amint_plan::BuildPlan;
use amint_recipe::{PLACEHOLDER_BUILD_ID, Recipe};
use jiff::Timestamp;
use serde::Serialize;

use super::page::{Block, Page, Section, Sentence, markdown, text};
use crate::cli::{Explain, ExplainFormat};
use crate::error::CommandError;
use crate::{output, recipe, secrets};

/// The version of what programs get.
const SCHEMA: &str = "amint.explanation/1";

/// It for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    schema: &'static str,
    kind: &'static str,
    recipe: &'a str,
    /// The cell of the recipe's matrix.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    matrix: &'a BTreeMap<String, String>,
    /// The digest of the plan that is told.
    plan: &'a str,
    #[serde(flatten)]
    page: &'a Page,
}

/// One page, or one for each cell of the recipe's matrix; in JSON, those are a list, as those of `amint plan`.
pub(super) fn run(path: &Path, arguments: &Explain) -> Result<ExitClass, CommandError> {
    let target = arguments.on.map(Into::into);
    let now = Timestamp::now();
    // A build would refuse a recipe that holds one; whoever asks what it does must not be shown it either.
    let masks = secrets::masks();
    let mut told = Vec::new();
    for recipe in recipe::read_cells(path, &arguments.variables)? {
        // As `amint plan`: it belongs to no build.
        let plan = recipe::resolve(&recipe, target, PLACEHOLDER_BUILD_ID)?;
        let page = page(&recipe, &plan, now);
        told.push((page.map(&|text| masks.text(text).into_owned()), plan));
    }
    let pages = |render: fn(&Page) -> String| {
        let pages: Vec<String> = told.iter().map(|(page, _)| render(page)).collect();
        pages.join("\n\n")
    };
    match arguments.format {
        ExplainFormat::Text => output::print(&pages(text::render))?,
        ExplainFormat::Markdown => output::print(&pages(markdown::render))?,
        ExplainFormat::Json => {
            let documents: Vec<Document<'_>> = told.iter().map(document).collect();
            match documents.as_slice() {
                [document] if document.matrix.is_empty() => output::print_json(document)?,
                _ => output::print_json(&documents)?,
            }
        }
    }
    Ok(ExitClass::Success)
}

fn document((page, plan): &(Page, BuildPlan)) -> Document<'_> {
    Document {
        schema: SCHEMA,
        kind: "recipe",
        recipe: &plan.recipe.name,
        matrix: &plan.matrix,
        plan: &plan.digest,
        page,
    }
}

fn page(recipe: &Recipe, plan: &BuildPlan, now: Timestamp) -> Page {
    let mut sections = vec![
        machine::base(plan),
        machine::builder(plan),
        steps::section(recipe, plan),
        seal::section(plan),
        seal::inspection(plan),
        seal::waivers(recipe, plan, now),
        image::publication(plan),
        image::first_boot(recipe, plan),
    ];
    if !plan.secrets.is_empty() {
        sections.insert(0, secrets(plan));
    }
    if !plan.variables.is_empty() {
        sections.insert(0, variables(plan));
    }
    Page {
        title: title(plan),
        summary: summary(recipe, plan),
        sections,
    }
}

fn title(plan: &BuildPlan) -> Sentence {
    let cell: Vec<String> = plan
        .matrix
        .iter()
        .map(|(axis, value)| format!("{axis} {value}"))
        .collect();
    let cell = match cell.as_slice() {
        [] => String::new(),
        cell => format!(", {}", cell.join(", ")),
    };
    format!("{} {}{cell}", plan.recipe.name, plan.recipe.version).into()
}

fn summary(recipe: &Recipe, plan: &BuildPlan) -> Vec<Sentence> {
    let mut summary = Vec::new();
    if let Some(description) = &recipe.description {
        summary.push(Sentence::from(description.trim()));
    }
    let steps = match plan.steps.len() {
        0 => "Its base image is only sealed".to_owned(),
        1 => "Its base image is changed by 1 step, run as root, and then sealed".to_owned(),
        steps => {
            format!(
                "Its base image is changed by {steps} steps, run as root in this order, and then sealed"
            )
        }
    };
    let made = Sentence::from("This recipe makes the image ")
        .value(with_build_id(&plan.image.name))
        .say(format!(
            ". {steps}. The finished disk is read byte by byte, and only when nothing is found that should not be there \
             is there an image at all."
        ));
    summary.push(made);
    let accepted = match plan.waivers.len() {
        0 => Sentence::default(),
        _ => "It accepts findings that would otherwise stop it: see below. ".into(),
    };
    summary.push(
        accepted
            .say("What follows is the plan ")
            .value(&plan.digest)
            .say(": a build of this recipe, with these values, does this and nothing else."),
    );
    summary
}

fn variables(plan: &BuildPlan) -> Section {
    let mut blocks = vec![Block::Paragraph(
        "Wherever the recipe names one of these, the value stands below.".into(),
    )];
    for (name, value) in &plan.variables {
        let item = Sentence::default().value(name).say(" is ").value(value);
        blocks.push(Block::Item(item));
    }
    Section {
        title: "Values that can differ from build to build",
        blocks,
    }
}

fn secrets(plan: &BuildPlan) -> Section {
    let mut blocks = vec![Block::Paragraph(
        "These are read when a build begins and handed to the builder encrypted. They are in nothing that is written, and the \
         finished disk is searched for them."
            .into(),
    )];
    for secret in &plan.secrets {
        let source = secret.source.to_string();
        let item = Sentence::default().value(&secret.name).say(" from ");
        blocks.push(Block::Item(item.say(&source)));
    }
    Section {
        title: "Secrets",
        blocks,
    }
}

/// A text of the plan, with words in the place of the build's id.
fn with_build_id(text: &str) -> String {
    text.replace(PLACEHOLDER_BUILD_ID, "<build id>")
}
