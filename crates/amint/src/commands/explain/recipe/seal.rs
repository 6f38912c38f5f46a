//! What the seal does, what the finished disk is held against, and what is accepted all the same.

use amint_harden::Stage;
use amint_plan::BuildPlan;
use amint_recipe::Recipe;
use jiff::Timestamp;

use super::super::page::{Block, Section, Sentence};
use super::words::{capital, first_sentence};

pub(super) fn section(plan: &BuildPlan) -> Section {
    let profile = amint_harden::by_reference(&plan.seal.profile);
    let meaning = match profile.map(|profile| profile.title) {
        Some(title) if !title.is_empty() => format!(": {title}. "),
        _ => ". ".to_owned(),
    };
    let intro = Sentence::from("It follows the profile ")
        .value(&plan.seal.profile)
        .say(meaning)
        .say("Each of these hardening steps is a script that ")
        .value("amint steps NAME")
        .say(" shows; after them, nothing touches the machine.");
    let mut blocks = vec![Block::Paragraph(intro)];
    let stages = [
        (
            Stage::Attached,
            "While the machine can still be asked whether it worked:",
        ),
        (
            Stage::Detached,
            "Last of all, cut off from everything and unseen, before the machine powers itself off:",
        ),
    ];
    for (stage, introduction) in stages {
        let known = plan
            .seal
            .steps
            .iter()
            .filter_map(|step| amint_harden::step(&step.id));
        let items: Vec<Block> = known
            .filter(|step| step.stage == stage)
            .map(|step| {
                let why = first_sentence(step.why);
                let item = Sentence::default().value(step.id).say(format!(
                    ": {}. {}.",
                    capital(step.title),
                    capital(why)
                ));
                Block::Item(item)
            })
            .collect();
        if !items.is_empty() {
            blocks.push(Block::Paragraph(introduction.into()));
            blocks.extend(items);
        }
    }
    if !plan.seal.application_logs.is_empty() {
        let logs = Sentence::from(
            "The recipe declares these as logs of its product, which are emptied too: ",
        )
        .values(&plan.seal.application_logs)
        .say(".");
        blocks.push(Block::Paragraph(logs));
    }
    Section {
        title: "How it is sealed",
        blocks,
    }
}

pub(super) fn inspection(plan: &BuildPlan) -> Section {
    let mut blocks = vec![Block::Paragraph(
        "Whether each hardening step worked is read from the finished disk, not believed. Every written block is searched \
         for private keys, password hashes and tokens, and for random bytes that were planted before the seal and must \
         be gone."
            .into(),
    )];
    let checks = amint_harden::by_reference(&plan.seal.profile).map_or(&[][..], |one| one.checks);
    if !checks.is_empty() {
        blocks.push(Block::Paragraph(
            "No script mends these; the image is refused if they are not so:".into(),
        ));
    }
    for check in checks {
        let item = Sentence::default()
            .value(check.id)
            .say(format!(": {}.", capital(check.title)));
        blocks.push(Block::Item(item));
    }
    Section {
        title: "How it is checked",
        blocks,
    }
}

pub(super) fn waivers(recipe: &Recipe, plan: &BuildPlan, now: Timestamp) -> Section {
    let mut blocks = Vec::new();
    if plan.waivers.is_empty() {
        let nothing = "Nothing. Any finding of severity error refuses the image.";
        blocks.push(Block::Paragraph(nothing.into()));
    }
    for waiver in &plan.waivers {
        let title = amint_harden::rule(&waiver.rule).map_or("", |rule| rule.title);
        let place = match &waiver.path {
            Some(path) => Sentence::default().say(" at ").value(path),
            None => " anywhere on the disk".into(),
        };
        let until = match waiver.has_expired(now) {
            true => "was accepted until the end of",
            false => "is accepted until the end of",
        };
        let expired = match waiver.has_expired(now) {
            true => " That day is over, so a build is refused.",
            false => "",
        };
        let reason: Vec<&str> = waiver.reason.split_whitespace().collect();
        let item = Sentence::from("What violates ")
            .value(&waiver.rule)
            .say(format!(" ({title})"))
            .join(place)
            .say(format!(
                " {until} {} (UTC). The reason given: {}",
                waiver.expires,
                reason.join(" ")
            ))
            .say(expired);
        blocks.push(Block::Item(item));
    }
    for allow in &recipe.allow {
        let place = match &allow.step {
            Some(step) => Sentence::from(" in the step ").value(step),
            None => " everywhere".into(),
        };
        let reason: Vec<&str> = allow.reason.split_whitespace().collect();
        let title = amint_recipe::explain(&allow.lint).map_or("", |lint| lint.title);
        let item = Sentence::from("What the lint ")
            .value(&allow.lint)
            .say(format!(" ({title})"))
            .say(" says about the recipe's own text is not told")
            .join(place)
            .say(format!(". The reason given: {}", reason.join(" ")));
        blocks.push(Block::Item(item));
    }
    Section {
        title: "What is accepted although it should not be there",
        blocks,
    }
}
