//! The policies of several images as one.

use serde_json::{Value, json};

use super::IamDocuments;

/// The policies of all, each of which allows something; `None` when their builders differ in what they are or may do, so that
/// one instance profile would not do for all.
///
/// What is allowed on the same condition is one statement, so that nothing is allowed that none of them needs.
pub fn union(all: impl IntoIterator<Item = IamDocuments>) -> Option<IamDocuments> {
    let mut all = all.into_iter();
    let mut united = all.next()?;
    for next in all {
        let same = next.builder == united.builder
            && next.instance_profile == united.instance_profile
            && next.commands == united.commands;
        if !same {
            return None;
        }
        let notes = next.notes.into_iter();
        let new: Vec<String> = notes.filter(|one| !united.notes.contains(one)).collect();
        united.notes.extend(new);
        add(&mut united.pipeline, &next.pipeline);
    }
    Some(united)
}

/// Adds the statements of one policy to another's.
fn add(policy: &mut Value, other: &Value) {
    let (Some(statements), Some(others)) = (
        policy["Statement"].as_array_mut(),
        other["Statement"].as_array(),
    ) else {
        return;
    };
    for one in others {
        let same = |known: &&mut Value| {
            known["Action"] == one["Action"] && known["Condition"] == one["Condition"]
        };
        match statements.iter_mut().find(same) {
            Some(known) => add_resources(known, one),
            None => {
                let mut one = one.clone();
                one["Sid"] = unused(statements, &one);
                statements.push(one);
            }
        }
    }
}

fn add_resources(statement: &mut Value, other: &Value) {
    let (Some(resources), Some(others)) = (
        statement["Resource"].as_array_mut(),
        other["Resource"].as_array(),
    ) else {
        return;
    };
    for one in others {
        if !resources.contains(one) {
            resources.push(one.clone());
        }
    }
}

/// The statement's id, with a number when there is one of that name already: ids are unique in a policy.
fn unused(statements: &[Value], statement: &Value) -> Value {
    let sid = statement["Sid"].as_str().unwrap_or_default();
    let taken = |name: &str| statements.iter().any(|one| one["Sid"] == name);
    let numbered = (2..).map(|number| format!("{sid}{number}"));
    let mut names = std::iter::once(sid.to_owned()).chain(numbered);
    json!(names.find(|name| !taken(name)))
}

#[cfg(test)]
mod tests {
    use super::super::{PolicyInput, documents};
    use super::*;
    use amint_cloud::{BaseQuery, InstanceProfile};

    fn input(region: &str, parameter: &str) -> PolicyInput {
        let mut input = PolicyInput {
            region: region.to_owned(),
            base: Some(BaseQuery::Parameter {
                name: "/aws/service/base".to_owned(),
            }),
            ..PolicyInput::default()
        };
        input.publish.parameter = Some(parameter.to_owned());
        input.machine.profile = InstanceProfile::Named("amint-builder".to_owned());
        input
    }

    fn resources(policy: &Value) -> Vec<&str> {
        let statements = policy["Statement"].as_array().unwrap();
        let resources = statements
            .iter()
            .flat_map(|one| one["Resource"].as_array().unwrap());
        resources.filter_map(Value::as_str).collect()
    }

    #[test]
    fn equal_policies_are_one() {
        let one = documents(&input("us-east-1", "/images/a"));
        assert_eq!(union([one.clone(), one.clone()]), Some(one));
        assert_eq!(union([]), None);
    }

    #[test]
    fn what_any_of_them_needs_is_allowed_and_nothing_else() {
        let all = ["/images/a", "/images/b"].map(|name| documents(&input("us-east-1", name)));
        let united = union(all.clone()).unwrap();
        let both = resources(&united.pipeline);
        for one in &all {
            assert!(
                resources(&one.pipeline)
                    .iter()
                    .all(|one| both.contains(one))
            );
        }
        let one_of = |resource: &&str| {
            let mut all = all.iter();
            all.any(|one| resources(&one.pipeline).contains(resource))
        };
        assert!(both.iter().all(one_of), "{both:?}");
        let count = |policy: &Value| policy["Statement"].as_array().unwrap().len();
        assert_eq!(count(&united.pipeline), count(&all[0].pipeline));
    }

    #[test]
    fn ids_of_statements_stay_unique() {
        let mut other = input("us-east-1", "/images/a");
        other.publish.keep_last = Some(3);
        other.publish.copy_to = vec!["eu-west-1".to_owned()];
        let all = [
            documents(&input("us-east-1", "/images/a")),
            documents(&other),
        ];
        let united = union(all).unwrap();
        let statements = united.pipeline["Statement"].as_array().unwrap();
        let sids: std::collections::BTreeSet<_> =
            statements.iter().map(|one| one["Sid"].as_str()).collect();
        assert_eq!(sids.len(), statements.len());
    }

    #[test]
    fn builders_that_differ_have_no_common_policy() {
        let one = documents(&input("us-east-1", "/images/a"));
        let mut other = input("us-east-1", "/images/a");
        other.machine.profile = InstanceProfile::Named("other".to_owned());
        assert_eq!(union([one, documents(&other)]), None);
    }
}
