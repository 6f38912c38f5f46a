//! Which of the actions that the build needs are allowed: every one that is not, in one problem.

use std::collections::{BTreeMap, BTreeSet};

use amint_cloud::{CloudError, ErrorKind, Placement, Result};
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum};

use super::dry_run;
use super::findings::{Findings, is_fatal};
use super::run::Subject;
use super::simulate::{self, Answer, Question, Verdict};
use crate::error::Explain;
use crate::policy::table::{self, Check, Row};
use crate::policy::{self, Grant, PolicyInput, partition};
use crate::tags;

/// An id that no resource has, where a pattern allows all of them.
const SAMPLE: &str = "0123456789abcdef0";

/// Tries what EC2 lets try, simulates the rest, and names all that is denied, the denied look-ups included.
pub(super) async fn check(
    subject: &Subject<'_>,
    placement: Option<&Placement>,
    vpc: Option<&str>,
    role: Option<String>,
    found: &mut Findings,
) -> Result<()> {
    let input = input(subject, role);
    let tried = try_calls(subject, placement, vpc, found).await?;
    let needs_simulation = |row: &&Row| match row.check {
        Check::Call => false,
        Check::DryRun => !row.actions.iter().all(|action| tried.contains(action)),
        Check::Simulate => true,
    };
    let rows: Vec<&Row> = table::rows(&input).filter(needs_simulation).collect();
    simulate_rows(subject, &input, &rows, found).await?;
    name_all(subject, found);
    Ok(())
}

fn input(subject: &Subject<'_>, role: Option<String>) -> PolicyInput {
    PolicyInput {
        region: subject.clients.region.clone(),
        account: Some(subject.caller.account.clone()),
        // They were found and read before: what that needs was allowed.
        base: None,
        secrets: Vec::new(),
        machine: subject.spec.clone(),
        publish: subject.request.publish.clone(),
        bucket: subject.options.bucket.clone(),
        log_group: subject.options.log_group.clone(),
        role,
    }
}

/// The actions that a dry run gave an answer about.
async fn try_calls(
    subject: &Subject<'_>,
    placement: Option<&Placement>,
    vpc: Option<&str>,
    found: &mut Findings,
) -> Result<BTreeSet<&'static str>> {
    let mut tried = BTreeSet::new();
    if let Some(answer) = dry_run::launch(subject, placement).await
        && judge("ec2:RunInstances", answer, found)?
    {
        tried.insert("ec2:RunInstances");
    }
    if let (true, Some(vpc)) = (subject.spec.security_groups.is_empty(), vpc) {
        let answer = dry_run::security_group(subject, vpc).await;
        if judge("ec2:CreateSecurityGroup", answer, found)? {
            tried.insert("ec2:CreateSecurityGroup");
        }
    }
    Ok(tried)
}

/// Whether the answer tells if `action` is allowed. EC2 looks at permissions last, so that what else it refuses is
/// news only when no check found it already.
fn judge(action: &str, answer: Result<()>, found: &mut Findings) -> Result<bool> {
    let error = match answer {
        Ok(()) => return Ok(true),
        Err(error) => error,
    };
    match &error.kind {
        _ if is_fatal(&error) => return Err(error),
        ErrorKind::Denied { action: denied } => {
            let denied = denied.as_deref().unwrap_or(action);
            found.denied.insert(denied.to_owned());
            return Ok(true);
        }
        // Another type or zone may do.
        ErrorKind::NoCapacity => found.warn(format!("a dry run says: {}", error.message)),
        ErrorKind::AnswerLost => {}
        _ if found.problems.is_empty() => found.problem(error),
        _ => {}
    }
    Ok(false)
}

/// The user or role that IAM simulates. `None` when it simulates none of the kind.
async fn principal(subject: &Subject<'_>, partition: &str) -> Result<Option<String>> {
    let caller = &subject.caller;
    let Some(name) = caller.role_name() else {
        return Ok(caller.arn.contains(":user/").then(|| caller.arn.clone()));
    };
    // A session's ARN leaves out the role's path.
    let answer = subject.clients.iam.get_role().role_name(name).send().await;
    match answer.explain("iam:GetRole") {
        Err(error) if is_fatal(&error) => Err(error),
        Ok(answer) if answer.role.is_some() => Ok(answer.role.map(|role| role.arn)),
        _ => Ok(Some(format!(
            "arn:{partition}:iam::{}:role/{name}",
            caller.account
        ))),
    }
}

async fn simulate_rows(
    subject: &Subject<'_>,
    input: &PolicyInput,
    rows: &[&Row],
    found: &mut Findings,
) -> Result<()> {
    if subject.caller.is_root() {
        return Ok(());
    }
    let mut questions: BTreeMap<Grant, BTreeSet<&'static str>> = BTreeMap::new();
    for row in rows {
        questions.entry(row.grant).or_default().extend(row.actions);
    }
    let all: BTreeSet<&str> = questions.values().flatten().copied().collect();
    let Some(principal) = principal(subject, partition(&input.region)).await? else {
        let arn = &subject.caller.arn;
        found.unchecked(format!(
            "whether {arn} may {}: IAM simulates no such identity",
            list(&all)
        ));
        return Ok(());
    };
    // Each action on what it is about: allowed for images only, `ec2:DeregisterImage` is allowed.
    let split = |(grant, actions): (Grant, BTreeSet<&'static str>)| {
        let mut by_kind: BTreeMap<Option<&str>, BTreeSet<&'static str>> = BTreeMap::new();
        for action in actions {
            by_kind.entry(kind_of(action)).or_default().insert(action);
        }
        by_kind
            .into_iter()
            .map(move |(kind, actions)| (grant, kind, actions))
    };
    let questions = questions.into_iter().flat_map(split);
    let question =
        |(grant, kind, actions): (Grant, Option<&str>, BTreeSet<&'static str>)| Question {
            actions: actions.into_iter().collect(),
            resources: samples(grant, input)
                .into_iter()
                .filter(|arn| kind.is_none_or(|kind| arn.contains(kind)))
                .collect(),
        };
    let questions = questions.into_iter().map(question).collect();
    let context = context(subject, input);
    let iam = &subject.clients.iam;
    let answers = simulate::ask_all(iam, &principal, questions, &context).await;
    weigh(answers, found)
}

/// What is denied, and what stays open, with one reason for all of it.
fn weigh(answers: Vec<Answer>, found: &mut Findings) -> Result<()> {
    let mut open = BTreeSet::new();
    let mut why = "that has conditions which can't be simulated".to_owned();
    for (actions, answer) in answers {
        let verdicts = match answer {
            Ok(verdicts) => verdicts,
            Err(error) if is_fatal(&error) => return Err(error),
            Err(error) => {
                open.extend(actions.into_iter().map(str::to_owned));
                why = match error.kind {
                    ErrorKind::Denied { .. } => {
                        "iam:SimulatePrincipalPolicy is not allowed".to_owned()
                    }
                    _ => error.message,
                };
                continue;
            }
        };
        let denied = simulate::with(&verdicts, Verdict::Denied);
        found.denied.extend(denied.into_iter().map(str::to_owned));
        let depends = simulate::with(&verdicts, Verdict::Depends);
        open.extend(depends.into_iter().map(str::to_owned));
    }
    if !open.is_empty() {
        let open: BTreeSet<&str> = open.iter().map(String::as_str).collect();
        found.unchecked(format!("permission for {}: {why}", list(&open)));
    }
    Ok(())
}

/// Which of the resources of its grant an action is about, where it is not all of them.
fn kind_of(action: &str) -> Option<&'static str> {
    match action {
        "ec2:DeleteSnapshot" | "ec2:DescribeSnapshotAttribute" => Some(":snapshot/"),
        "ec2:DeregisterImage" | "ec2:ModifyImageAttribute" | "ec2:EnableImageDeprecation" => {
            Some(":image/")
        }
        _ => None,
    }
}

/// ARNs that the patterns of a grant match.
fn samples(grant: Grant, input: &PolicyInput) -> Vec<String> {
    let sample = |arn: String| {
        let arn = arn.replace(":*:", &format!(":{}:", input.account()));
        match arn.strip_suffix('*') {
            Some(start) => format!("{start}{SAMPLE}"),
            None => arn,
        }
    };
    let arns = grant.resources(input).into_iter();
    arns.filter(|arn| arn != "*").map(sample).collect()
}

/// As the build's calls will have it.
fn context(subject: &Subject<'_>, input: &PolicyInput) -> Vec<ContextEntry> {
    let entry = |(key, value): (String, String)| {
        ContextEntry::builder()
            .context_key_name(key)
            .context_key_type(ContextKeyTypeEnum::String)
            .context_key_values(value)
            .build()
    };
    let own = tags::temporary(&subject.request.owner);
    policy::context(input, &own)
        .into_iter()
        .map(entry)
        .collect()
}

fn name_all(subject: &Subject<'_>, found: &mut Findings) {
    let Some(first) = found.denied.first().cloned() else {
        return;
    };
    let denied: BTreeSet<&str> = found.denied.iter().map(String::as_str).collect();
    let message = format!("{} may not {}", subject.caller.arn, list(&denied));
    let kind = ErrorKind::Denied {
        action: Some(first),
    };
    found.problem(
        CloudError::new(kind, message).hint("`amint iam RECIPE` prints the policy that allows it"),
    );
}

fn list(actions: &BTreeSet<&str>) -> String {
    let actions: Vec<&str> = actions.iter().copied().collect();
    actions.join(", ")
}
