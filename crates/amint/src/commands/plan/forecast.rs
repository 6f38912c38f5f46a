//! What a plan leads to, for people.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use amint_plan::BuildPlan;
use amint_plan::forecast::cost::sum;
use amint_plan::forecast::{Cost, CostItem, Lifetime};

use super::aws::line;
use super::outlook::Outlook;
use super::with_build_id;
use crate::locks;
use crate::render::text::{escaped, wrapped};

/// What stands before the names of actions.
const MARGIN: usize = 31;

/// Which image the base image is, and what is not known of that, each after its label.
pub(super) fn base(plan: &BuildPlan, outlook: &Outlook) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some(base) = &outlook.base_image {
        let locked = match (&plan.locked, &outlook.not_resolved) {
            (None, _) => "",
            (Some(_), None) => ", as locked",
            (Some(_), Some(_)) => ", by the lock file",
        };
        rows.push(("resolved", format!("{base}{locked}")));
    }
    if let Some(why) = &outlook.not_resolved {
        let label = match outlook.base_image {
            Some(_) => "not verified",
            None => "not resolved",
        };
        rows.push((label, why.clone()));
    }
    rows
}

/// What is made, what it takes, and what moved since it was locked.
pub(super) fn sections(text: &mut String, path: &Path, outlook: &Outlook) {
    resources(text, outlook);
    permissions(text, path, outlook);
    estimate(text, outlook);
    lock(text, path, outlook);
}

fn resources(text: &mut String, outlook: &Outlook) {
    let parts = [
        (Lifetime::Build, "makes       until the build ends"),
        (Lifetime::Stays, "keeps       when the build succeeds"),
    ];
    for (lifetime, title) in parts {
        let _ = writeln!(text, "\n{title}");
        let all = outlook.resources.iter();
        for one in all.filter(|one| one.lifetime == lifetime) {
            line(text, one.kind, &with_build_id(&one.what));
        }
    }
}

/// The names of actions by service, as IAM writes them: `service:Action`.
pub(super) fn by_service<'a>(actions: &[&'a str]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut services: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for action in actions {
        let (service, name) = action.split_once(':').unwrap_or(("", action));
        services.entry(service).or_default().push(name);
    }
    services
}

fn permissions(text: &mut String, path: &Path, outlook: &Outlook) {
    let count = outlook.permissions.len();
    if count == 0 {
        return;
    }
    let path = escaped(&path.display().to_string());
    let _ = writeln!(
        text,
        "\npermissions {count} actions; `amint iam {path}` prints the policy"
    );
    for (service, names) in by_service(&outlook.permissions) {
        let names = wrapped(&names.join(", "), MARGIN);
        let _ = writeln!(text, "            {service:<18} {names}");
    }
}

fn estimate(text: &mut String, outlook: &Outlook) {
    let total = total(outlook);
    let _ = writeln!(text, "\nestimate    {total}");
    let phases = outlook.phases.iter();
    let phases: Vec<String> = phases
        .filter(|one| one.minutes >= 0.05)
        .map(|one| format!("{} {:.1}", one.phase, one.minutes))
        .collect();
    let phases = wrapped(&phases.join(", "), MARGIN);
    let _ = writeln!(text, "            {:<18} {phases}", "minutes");
    if let Some(cost) = &outlook.cost {
        for item in &cost.build {
            line(text, &item.what, &amount(item));
        }
        for item in &cost.month {
            line(text, &item.what, &monthly(item));
        }
        line(text, "prices", &format!("{}, {}", cost.date, cost.source));
    }
}

/// Minutes and dollars in one line.
pub(super) fn total(outlook: &Outlook) -> String {
    let minutes = outlook.minutes.ceil();
    let minutes = match minutes {
        1.0 => "about a minute".to_owned(),
        minutes => format!("about {minutes} minutes"),
    };
    let Some(Cost { build, month, .. }) = &outlook.cost else {
        return minutes;
    };
    let build = dollars_of(build);
    let month = dollars_of(month);
    format!("{minutes}, {build}, then {month} a month")
}

fn dollars_of(items: &[CostItem]) -> String {
    match sum(items) {
        (dollars, true) => dollars_text(dollars),
        (0.0, false) => "an unknown amount".to_owned(),
        (dollars, false) => format!("at least {}", dollars_text(dollars)),
    }
}

/// What one part costs, or why that is not known.
pub(super) fn amount(item: &CostItem) -> String {
    match (item.dollars, &item.unknown) {
        (Some(dollars), _) => dollars_text(dollars),
        (None, Some(why)) => format!("unknown: {why}"),
        (None, None) => "unknown".to_owned(),
    }
}

/// What one part costs each month.
pub(super) fn monthly(item: &CostItem) -> String {
    match item.dollars {
        Some(dollars) => format!("{} a month", dollars_text(dollars)),
        None => amount(item),
    }
}

fn dollars_text(dollars: f64) -> String {
    match dollars < 0.01 {
        true => "less than $0.01".to_owned(),
        false => format!("${dollars:.2}"),
    }
}

fn lock(text: &mut String, path: &Path, outlook: &Outlook) {
    let file = escaped(&locks::path(path).display().to_string());
    let told = lock_state(path, outlook);
    let _ = writeln!(text, "\nlock file   {file}: {told}");
    for message in &outlook.lock.messages {
        let _ = writeln!(text, "            {}", escaped(message));
    }
}

/// What the lock file is good for, in a few words.
pub(super) fn lock_state(path: &Path, outlook: &Outlook) -> String {
    match (outlook.lock.present, outlook.lock.moved.is_empty()) {
        (false, _) => {
            let path = escaped(&path.display().to_string());
            format!("none; `amint lock {path}` writes it")
        }
        (true, true) => "nothing moved".to_owned(),
        (true, false) => "stale; `amint lock` renews it".to_owned(),
    }
}
