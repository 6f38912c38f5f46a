//! What becomes of the image: who gets it, and what its instances do first.

use std::collections::BTreeMap;

use amint_plan::{BuildPlan, Machine, Publish};
use amint_recipe::recipe::Action;
use amint_recipe::{PLACEHOLDER_BUILD_ID, Recipe};

use super::super::page::{Block, Section, Sentence};
use super::words::duration;

pub(super) fn publication(plan: &BuildPlan) -> Section {
    let name = Sentence::from("The image is named ")
        .value(super::with_build_id(&plan.image.name))
        .say(".");
    let name = match plan.image.description.as_str() {
        "" => name,
        description => name.say(" It is described as ").value(description).say("."),
    };
    let mut blocks = vec![Block::Paragraph(name)];
    match &plan.builder.machine {
        Machine::Local(_) => blocks.push(Block::Paragraph(
            "It becomes a file on this computer, with a manifest beside it. Nobody is given it."
                .into(),
        )),
        Machine::Aws(machine) => {
            blocks.push(Block::Paragraph(
                "Nothing of this happens before the inspection has passed.".into(),
            ));
            blocks.extend(
                aws(&plan.image.publish, &machine.region)
                    .into_iter()
                    .map(Block::Item),
            );
        }
    }
    if !plan.image.tags.is_empty() {
        blocks.push(Block::Paragraph(
            Sentence::from("It bears the tags ")
                .values(&tags(&plan.image.tags))
                .say("."),
        ));
    }
    Section {
        title: "Who gets it",
        blocks,
    }
}

/// Tags, as `key = value`.
pub(super) fn tags(tags: &BTreeMap<String, String>) -> Vec<String> {
    let tags = tags.iter();
    tags.map(|(key, value)| super::with_build_id(&format!("{key} = {value}")))
        .collect()
}

fn aws(publish: &Publish, region: &str) -> Vec<Sentence> {
    let shared = [
        ("the accounts ", &publish.accounts),
        ("all accounts of the organizations ", &publish.organizations),
        (
            "all accounts of the organizational units ",
            &publish.organizational_units,
        ),
    ];
    let mut told = Vec::new();
    for (whom, ids) in shared {
        if !ids.is_empty() {
            let sentence = Sentence::from("It may be launched by ")
                .say(whom)
                .values(ids);
            told.push(sentence.say("."));
        }
    }
    if told.is_empty() {
        told.push("Only the account that builds it may launch it.".into());
    }
    if !publish.copy_to.is_empty() {
        let copies = Sentence::from("It is made in ")
            .value(region)
            .say(" and copied to ")
            .values(&publish.copy_to);
        told.push(copies.say("."));
    }
    if let Some(parameter) = &publish.parameter {
        let parameter = super::with_build_id(parameter);
        let named = Sentence::from("The parameter ")
            .value(parameter)
            .say(" then names it, so that whoever launches by the parameter gets it.");
        told.push(named);
    }
    if let Some(seconds) = publish.deprecate_after_seconds {
        told.push(
            format!(
                "It counts as outdated {} after it was made.",
                duration(seconds)
            )
            .into(),
        );
    }
    if let Some(count) = publish.keep_last {
        told.push(match count {
            1 => "Older images of this recipe are deleted with their disks.".into(),
            _ => format!(
                "The last {count} images of this recipe are kept; older ones are deleted with their disks."
            )
            .into(),
        });
    }
    told
}

pub(super) fn first_boot(recipe: &Recipe, plan: &BuildPlan) -> Section {
    let mut blocks = Vec::new();
    let renderer = recipe.renderer(PLACEHOLDER_BUILD_ID).ok();
    for step in &recipe.steps {
        if let Action::FirstBootSecret {
            name,
            command,
            length,
        } = &step.action
        {
            let rendered = renderer.as_ref().and_then(|one| one.render(command).ok());
            let command = rendered.unwrap_or_else(|| command.template().to_owned());
            let told = Sentence::from("It makes the secret ")
                .value(name)
                .say(format!(", {length} random letters and digits that no other instance has. It keeps it in "))
                .value(format!("/var/lib/amint/secrets/{name}"))
                .say(" for root alone, and hands it to the command ")
                .value(super::with_build_id(&command))
                .say(" on its standard input. It does so once.");
            blocks.push(Block::Item(told));
        }
    }
    // What the seal took away, and distributions make anew.
    let renewed = [
        ("remove-host-keys", "It makes SSH host keys of its own."),
        ("reset-machine-id", "It gets a machine id of its own."),
        (
            "reset-cloud-init",
            "cloud-init, where it is installed, takes it for a new machine: it sets up the key that the owner launched it with.",
        ),
    ];
    for (id, told) in renewed {
        if plan.seal.steps.iter().any(|step| step.id == id) {
            blocks.push(Block::Item(told.into()));
        }
    }
    if plan.image.imds_v2 {
        blocks.push(Block::Item(
            "It answers questions about itself and its credentials to callers with a session token only (IMDSv2).".into(),
        ));
    }
    if blocks.is_empty() {
        blocks.push(Block::Paragraph("Nothing that amint knows of.".into()));
    }
    Section {
        title: "What an instance does when it first boots",
        blocks,
    }
}
