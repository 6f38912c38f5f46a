//! What IAM says somebody may do.

use amint_cloud::Result;
use aws_sdk_iam::types::{ContextEntry, EvaluationResult, PolicyEvaluationDecisionType};
use tokio::task::JoinSet;

use crate::error::Explain;
use crate::retry::patiently;

/// Questions at a time: IAM answers few a second.
const AT_ONCE: usize = 4;

/// What the simulation says about an action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Allowed,
    Denied,
    /// On something that the simulation was not told.
    Depends,
}

/// Whether `principal` may do `actions` on all of `resources`. One question, however many pages the answer has.
pub(super) async fn ask(
    iam: &aws_sdk_iam::Client,
    principal: &str,
    actions: &[&str],
    resources: &[String],
    context: &[ContextEntry],
) -> Result<Vec<(String, Verdict)>> {
    let own = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
    // IAM answers few questions a second, and several builds may ask at once.
    let results = patiently(async || {
        let pages = iam
            .simulate_principal_policy()
            .policy_source_arn(principal)
            .set_action_names(Some(own(actions)))
            .set_resource_arns(some(resources))
            .set_context_entries((!context.is_empty()).then(|| context.to_vec()))
            .into_paginator()
            .items()
            .send();
        let results = pages
            .collect::<std::result::Result<Vec<EvaluationResult>, _>>()
            .await;
        results.explain("iam:SimulatePrincipalPolicy")
    })
    .await?;
    let verdict = |result: EvaluationResult| (result.eval_action_name.clone(), judge(&result));
    Ok(results.into_iter().map(verdict).collect())
}

/// Actions on the same resources.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) actions: Vec<&'static str>,
    pub(super) resources: Vec<String>,
}

/// What came of a question.
pub(super) type Answer = (Vec<&'static str>, Result<Vec<(String, Verdict)>>);

/// A few questions at a time, in any order.
pub(super) async fn ask_all(
    iam: &aws_sdk_iam::Client,
    principal: &str,
    questions: Vec<Question>,
    context: &[ContextEntry],
) -> Vec<Answer> {
    let mut answers = Vec::new();
    let mut asked = JoinSet::new();
    for Question { actions, resources } in questions {
        if asked.len() == AT_ONCE {
            answers.extend(asked.join_next().await.and_then(std::result::Result::ok));
        }
        let (iam, principal, context) = (iam.clone(), principal.to_owned(), context.to_vec());
        asked.spawn(async move {
            let answer = ask(&iam, &principal, &actions, &resources, &context).await;
            (actions, answer)
        });
    }
    answers.extend(asked.join_all().await);
    answers
}

/// Each resource must be allowed. A denial for lack of a value that nobody gave says nothing.
fn judge(result: &EvaluationResult) -> Verdict {
    let is_allowed = |decision| decision == &PolicyEvaluationDecisionType::Allowed;
    let specific = result.resource_specific_results();
    let denied = match specific.is_empty() {
        true => !is_allowed(result.eval_decision()),
        false => specific
            .iter()
            .any(|one| !is_allowed(one.eval_resource_decision())),
    };
    let lacks = !result.missing_context_values().is_empty()
        || specific
            .iter()
            .any(|one| !one.missing_context_values().is_empty());
    let is_explicit = result.eval_decision() == &PolicyEvaluationDecisionType::ExplicitDeny;
    match (denied, lacks && !is_explicit) {
        (false, _) => Verdict::Allowed,
        (true, false) => Verdict::Denied,
        (true, true) => Verdict::Depends,
    }
}

/// The actions that got `verdict`, each once.
pub(super) fn with(verdicts: &[(String, Verdict)], verdict: Verdict) -> Vec<&str> {
    let got = verdicts.iter().filter(|(_, one)| *one == verdict);
    let mut actions: Vec<&str> = got.map(|(action, _)| action.as_str()).collect();
    actions.sort_unstable();
    actions.dedup();
    actions
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::ResourceSpecificResult;

    use super::*;

    #[test]
    fn every_resource_counts() {
        let allowed = PolicyEvaluationDecisionType::Allowed;
        let denied = PolicyEvaluationDecisionType::ImplicitDeny;
        let specific = |decision: &PolicyEvaluationDecisionType| {
            ResourceSpecificResult::builder()
                .eval_resource_name("arn")
                .eval_resource_decision(decision.clone())
                .build()
                .expect("complete")
        };
        let result = |decision: &PolicyEvaluationDecisionType| {
            EvaluationResult::builder()
                .eval_action_name("ec2:CreateImage")
                .eval_decision(decision.clone())
        };
        let judge = |result: aws_sdk_iam::types::builders::EvaluationResultBuilder| {
            judge(&result.build().expect("complete"))
        };
        assert_eq!(judge(result(&allowed)), Verdict::Allowed);
        assert_eq!(judge(result(&denied)), Verdict::Denied);
        let mixed = result(&allowed)
            .resource_specific_results(specific(&allowed))
            .resource_specific_results(specific(&denied));
        assert_eq!(judge(mixed), Verdict::Denied);
        let open = result(&denied).missing_context_values("aws:SourceIp");
        assert_eq!(judge(open), Verdict::Depends);
        let explicit = PolicyEvaluationDecisionType::ExplicitDeny;
        let explicit = result(&explicit).missing_context_values("aws:SourceIp");
        assert_eq!(judge(explicit), Verdict::Denied);
    }
}
