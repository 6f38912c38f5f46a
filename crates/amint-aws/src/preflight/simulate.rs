//! What IAM says somebody may do.

use amint_cloud::Result;
use aws_sdk_iam::types::{ContextEntry, EvaluationResult, PolicyEvaluationDecisionType};

use crate::error::Explain;

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
    let results = results.explain("iam:SimulatePrincipalPolicy")?;
    let verdict = |result: EvaluationResult| (result.eval_action_name.clone(), judge(&result));
    Ok(results.into_iter().map(verdict).collect())
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
