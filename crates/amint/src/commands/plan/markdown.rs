//! A plan and what it leads to, as Markdown for a pull request or a wiki.
//!
//! What a recipe says is foreign text: it stands in code spans and blocks that it cannot end.

use std::fmt::Write;
use std::path::Path;

use amint_plan::forecast::Lifetime;
use amint_plan::{Action, BuildPlan};

use super::forecast::{amount, by_service, lock_state, monthly, total};
use super::outlook::Outlook;
use super::{base, describe_action, with_build_id};
use crate::render::text::escaped;

/// The whole document. Writing to a `String` cannot fail, hence the ignored results.
pub(super) fn document(path: &Path, plan: &BuildPlan, outlook: &Outlook, scripts: bool) -> String {
    let mut text = String::new();
    let recipe = &plan.recipe;
    let title = format!("{} {}", recipe.name, recipe.version);
    let _ = writeln!(text, "## Plan of {}\n", code(&title));
    let _ = writeln!(text, "| | |\n|---|---|");
    let mut row = |label: &str, value: &str| {
        let _ = writeln!(text, "| {label} | {value} |");
    };
    row("recipe", &cell(&path.display().to_string()));
    row("plan", &cell(&plan.digest));
    row("base image", &cell(&base(&plan.base)));
    for (label, value) in super::forecast::base(plan, outlook) {
        row(label, &cell(&value));
    }
    row("image", &cell(&with_build_id(&plan.image.name)));
    row("estimate", &total(outlook));
    row("lock file", &lock_state(path, outlook).replace('|', "\\|"));
    for message in &outlook.lock.messages {
        row("", &cell(message));
    }
    steps(&mut text, plan, scripts);
    seal(&mut text, plan);
    resources(&mut text, outlook);
    permissions(&mut text, outlook);
    costs(&mut text, outlook);
    text
}

fn steps(text: &mut String, plan: &BuildPlan, scripts: bool) {
    let _ = writeln!(text, "\n### Steps\n");
    if plan.steps.is_empty() {
        let _ = writeln!(text, "None.");
    }
    for step in &plan.steps {
        let _ = writeln!(text, "{}. {} ({})", step.index, code(&step.name), step.kind);
        for action in &step.actions {
            let _ = writeln!(text, "   - {}", code(&describe_action(action)));
            if let (Action::Run { script }, true) = (action, scripts) {
                block(text, script);
            }
        }
    }
}

fn seal(text: &mut String, plan: &BuildPlan) {
    let (count, profile) = (plan.seal.steps.len(), code(&plan.seal.profile));
    let _ = writeln!(text, "\n### Hardening\n\nProfile {profile}.\n");
    let _ = writeln!(text, "<details><summary>{count} steps</summary>\n");
    for step in &plan.seal.steps {
        let title = amint_harden::step(&step.id).map_or("", |known| known.title);
        let _ = writeln!(text, "- `{}`: {title} (sha256 `{}`)", step.id, step.sha256);
    }
    let _ = writeln!(text, "\n</details>");
    for waiver in &plan.waivers {
        let accepted = code(&format!("{waiver}: {}", waiver.reason));
        let _ = writeln!(text, "\nAccepted until {}: {accepted}", waiver.expires);
    }
}

fn resources(text: &mut String, outlook: &Outlook) {
    let _ = writeln!(text, "\n### Resources\n\n| | | |\n|---|---|---|");
    for one in &outlook.resources {
        let until = match one.lifetime {
            Lifetime::Build => "until the build ends",
            Lifetime::Stays => "stays",
        };
        let what = cell(&with_build_id(&one.what));
        let _ = writeln!(text, "| {} | {what} | {until} |", one.kind);
    }
}

fn permissions(text: &mut String, outlook: &Outlook) {
    if outlook.permissions.is_empty() {
        return;
    }
    let count = outlook.permissions.len();
    let _ = writeln!(text, "\n### Permissions\n");
    let _ = writeln!(text, "<details><summary>{count} actions</summary>\n");
    for (service, names) in by_service(&outlook.permissions) {
        let _ = writeln!(text, "- `{service}`: {}", names.join(", "));
    }
    let _ = writeln!(text, "\n</details>");
}

fn costs(text: &mut String, outlook: &Outlook) {
    let Some(cost) = &outlook.cost else {
        return;
    };
    let _ = writeln!(text, "\n### Costs\n\n| | |\n|---|---|");
    for item in &cost.build {
        let _ = writeln!(text, "| {} | {} |", item.what, amount(item));
    }
    for item in &cost.month {
        let _ = writeln!(text, "| {} | {} |", item.what, monthly(item));
    }
    let _ = writeln!(text, "\nPrices of {}: {}.", cost.date, cost.source);
}

/// A code span in a table, which ends its cells at a bar, in code too.
fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// A code span, with a fence that is longer than any in the text.
fn code(text: &str) -> String {
    let text = escaped(text);
    let fence = fence(&text, 1);
    let space = match text.starts_with('`') || text.ends_with('`') {
        true => " ",
        false => "",
    };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A script, in a list, behind a line that opens it.
fn block(text: &mut String, script: &str) {
    let fence = fence(script, 3);
    let _ = writeln!(
        text,
        "     <details><summary>script</summary>\n\n     {fence}sh"
    );
    for line in script.lines() {
        let _ = writeln!(text, "     {}", escaped(line));
    }
    let _ = writeln!(text, "     {fence}\n     </details>");
}

/// Backticks, one more than the longest run of them in the text.
fn fence(text: &str, least: usize) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    "`".repeat(runs.max().map_or(least, |longest| least.max(longest + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_in_its_span() {
        assert_eq!(code("plain"), "`plain`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(code("a|b\n<script>"), "`a|b\\n<script>`");
        assert_eq!(cell("a|b"), "`a\\|b`");
    }

    #[test]
    fn a_script_cannot_end_its_block() {
        let mut text = String::new();
        block(&mut text, "echo '```'\n</details>\n");
        assert!(text.contains("     ````sh\n"), "{text}");
        assert!(text.ends_with("     ````\n     </details>\n"), "{text}");
    }
}
