//! The recipe's steps, each with what it runs and puts in place.

use amint_plan::{Action, BuildPlan, Step};
use amint_recipe::recipe::{Action as Wanted, Script};
use amint_recipe::{FileId, Recipe};

use super::super::page::{Block, Section, Sentence};
use super::words::{duration, rights};

/// The largest file whose content is shown, in bytes.
const MOST_SHOWN: u64 = 16 << 10;

pub(super) fn section(recipe: &Recipe, plan: &BuildPlan) -> Section {
    let mut blocks = Vec::new();
    if plan.steps.is_empty() {
        blocks.push(Block::Paragraph(
            "Nothing: the base image is sealed as it is.".into(),
        ));
    }
    for (step, wanted) in plan.steps.iter().zip(&recipe.steps) {
        let heading = Sentence::from(format!("{}. {}", step.index, step.name));
        blocks.push(Block::Heading(heading));
        blocks.push(Block::Paragraph(purpose(step, &wanted.action)));
        if wanted.span.file != FileId::default() {
            let from = Sentence::from("It is taken from the file of steps ")
                .value(recipe.sources.shown_path(wanted.span.file));
            blocks.push(Block::Paragraph(
                from.say(", which other recipes may share."),
            ));
        }
        for action in &step.actions {
            tell(&mut blocks, action);
        }
    }
    Section {
        title: "What is done to it, step by step",
        blocks,
    }
}

fn purpose(step: &Step, wanted: &Wanted) -> Sentence {
    let told = match wanted {
        Wanted::Shell(Script::Inline(_)) => {
            "Runs a script as root, up to the first command that fails; then the build fails.".into()
        }
        Wanted::Shell(Script::File { path, .. }) => Sentence::from("Runs the script ")
            .value(path)
            .say(", which lies beside the recipe, as root, up to the first command that fails; then the build fails."),
        Wanted::File(_) => "Puts a file in place.".into(),
        Wanted::UpgradePackages => {
            "Brings all packages up to date, from the sources that the machine has set up by then.".into()
        }
        Wanted::InstallPackages(packages) => {
            let noun = if packages.len() == 1 { "package" } else { "packages" };
            Sentence::from(format!("Installs the {noun} "))
                .values(packages)
                .say(" and what they need, from the sources that the machine has set up by then.")
        }
        Wanted::Reboot => "Restarts the machine, and waits until it is ready again.".into(),
        Wanted::FirstBootSecret { name, .. } => Sentence::from("Prepares the image so that every instance makes its own secret ")
            .value(name)
            .say(" when it first boots. The image itself holds none."),
    };
    let limit = duration(step.timeout_seconds);
    told.say(format!(
        " It may take {limit}; after that it counts as hung."
    ))
}

fn tell(blocks: &mut Vec<Block>, action: &Action) {
    match action {
        Action::Run { script } => {
            blocks.push(Block::Paragraph("The script:".into()));
            blocks.push(Block::Verbatim(super::with_build_id(script)));
        }
        Action::Upload {
            to,
            owner,
            group,
            mode,
            sha256,
            size,
            content,
        } => {
            let owner = owner.as_deref().unwrap_or("root");
            let group = group.as_deref().unwrap_or(owner);
            let told = Sentence::from("The file ")
                .value(super::with_build_id(to))
                .say(format!(
                    ", {size} bytes: {}. SHA-256 ",
                    rights(*mode, owner, group)
                ))
                .value(sha256)
                .say(".");
            let (ending, text) = match shown(content, *size) {
                Some("") => (" It is empty.", None),
                Some(text) => (" It holds:", Some(text)),
                None => (" It is too long to be shown here, or no text.", None),
            };
            blocks.push(Block::Paragraph(told.say(ending)));
            blocks.extend(text.map(|text| Block::Verbatim(super::with_build_id(text))));
        }
        // Said already.
        Action::Reboot => {}
    }
}

/// A file's text, if it is some that a person can read here.
fn shown(content: &[u8], size: u64) -> Option<&str> {
    let text = std::str::from_utf8(content).ok()?;
    let readable = size <= MOST_SHOWN && !text.contains('\0');
    readable.then_some(text)
}
