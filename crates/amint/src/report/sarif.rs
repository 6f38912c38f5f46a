//! For code scanning: SARIF 2.1.0.
//!
//! A finding is shown at the recipe's line, since nothing else of it is in the repository; where it is on the disk is
//! in its message and its logical location.

use std::collections::BTreeMap;

use amint_harden::{Location, Rule, Severity};
use serde_json::{Map, Value, json};

use super::place::Place;
use super::{Entry, Outcome, Report, steps_for};
use crate::hex;

/// Where the schema of this version of SARIF is.
pub(crate) const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One log with a run for each report.
pub(crate) fn document(reports: &[Report]) -> Value {
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": reports.iter().map(run).collect::<Vec<_>>(),
    })
}

fn run(report: &Report) -> Value {
    let rules = report.rules();
    json!({
        "tool": { "driver": {
            "name": "amint",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
        } },
        // Runs of one tool are told apart by it, as several in one log must be.
        "automationDetails": { "id": format!("amint/{}/", report.subject.name) },
        "invocations": [invocation(report)],
        "results": results(report, &rules),
        "properties": properties(report),
    })
}

fn descriptor(rule: &Rule) -> Value {
    let mut text = format!("{} Source: {}.", rule.why, rule.source);
    let mut markdown = format!("{}\n\n**Source:** {}\n", rule.why, rule.source);
    for step in steps_for(rule) {
        text.push_str(&format!(" Mended by {}: {}.", step.id, step.title));
        markdown.push_str(&format!(
            "\n**Mended by** the hardening step `{}`: {}. {}\n",
            step.id, step.title, step.why
        ));
    }
    json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": text, "markdown": markdown },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "tags": ["security"],
            "precision": "very-high",
            "security-severity": security_severity(rule.severity),
        },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A number like a CVSS score, which GitHub calls high from 7.0, medium from 4.0 and low below.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.0",
        Severity::Info => "2.0",
    }
}

fn invocation(report: &Report) -> Value {
    match &report.outcome {
        Outcome::Read(_) => json!({ "executionSuccessful": true }),
        Outcome::Unread(error) => json!({
            "executionSuccessful": false,
            "toolExecutionNotifications": [{
                "level": "error",
                "message": { "text": message(error) },
                "locations": [{ "physicalLocation": physical(&report.subject.place) }],
            }],
        }),
    }
}

fn results(report: &Report, rules: &[&Rule]) -> Vec<Value> {
    let mut seen = BTreeMap::new();
    let entries = report.entries().iter();
    let results = entries.map(|entry| {
        let fingerprint = fingerprint(entry);
        let count: &mut usize = seen.entry(fingerprint.clone()).or_default();
        *count += 1;
        result(report, rules, entry, &format!("{fingerprint}:{count}"))
    });
    results.collect()
}

fn result(report: &Report, rules: &[&Rule], entry: &Entry, fingerprint: &str) -> Value {
    let finding = &entry.finding;
    let index = rules.iter().position(|rule| rule.id == finding.rule);
    let place = finding.location.to_string();
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": message(&format!("{place}: {}", finding.message)) },
        "locations": [{
            "physicalLocation": physical(&report.subject.place),
            "logicalLocations": [{ "fullyQualifiedName": place, "kind": kind(&finding.location) }],
        }],
        // The first name is the one that GitHub goes by.
        "partialFingerprints": {
            "primaryLocationLineHash": fingerprint,
            "amintFinding/v1": fingerprint,
        },
    });
    if let Some(index) = index {
        result["ruleIndex"] = json!(index);
    }
    if let Some(step) = finding.step {
        result["properties"] = json!({ "step": step });
    }
    if finding.waived {
        result["suppressions"] = json!([suppression(entry)]);
    }
    result
}

fn suppression(entry: &Entry) -> Value {
    let mut suppression = json!({ "kind": "external", "status": "accepted" });
    if let Some(waiver) = &entry.waiver {
        suppression["justification"] = json!(waiver.reason);
        suppression["properties"] = json!({ "expires": waiver.expires });
    }
    suppression
}

fn physical(place: &Place) -> Value {
    json!({
        "artifactLocation": { "uri": place.uri, "uriBaseId": "%SRCROOT%" },
        "region": { "startLine": place.line },
    })
}

fn kind(location: &Location) -> &'static str {
    match location {
        Location::Path(_) => "file",
        Location::Disk => "disk",
        _ => "offset",
    }
}

/// The same from build to build: the rule and the path. What lies anywhere else on a disk lies elsewhere in the next
/// build, so there its message stands for it, without numbers.
fn fingerprint(entry: &Entry) -> String {
    let finding = &entry.finding;
    let place = match &finding.location {
        Location::Path(path) => path.clone(),
        _ => finding.message.replace(|c: char| c.is_ascii_digit(), ""),
    };
    hex::fingerprint(format!("{}\0{place}", finding.rule))
}

/// Foreign text as a plain text message, in which braces hold the places of arguments and brackets begin links
/// (SARIF 2.1.0, 3.11.5 and 3.11.6).
pub(crate) fn message(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '{' => shown.push_str("{{"),
            '}' => shown.push_str("}}"),
            '[' | ']' | '\\' => shown.extend(['\\', character]),
            control if control.is_control() => shown.extend(control.escape_default()),
            other => shown.push(other),
        }
    }
    shown
}

fn properties(report: &Report) -> Value {
    let mut properties = Map::new();
    properties.insert("verdict".to_owned(), json!(report.verdict()));
    properties.insert("profile".to_owned(), json!(report.subject.profile));
    if let Outcome::Read(evidence) = &report.outcome {
        properties.insert("scope".to_owned(), json!(evidence.scope));
        if let Some(digest) = &evidence.digest {
            properties.insert("digest".to_owned(), json!(digest));
        }
    }
    Value::Object(properties)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::sample;
    use super::{document, message};

    /// The schema as its standard has it; its patterns and formats are checked too.
    fn assert_valid(log: &Value) {
        let schema = include_str!("../../../../fixtures/sarif/sarif-schema-2.1.0.json");
        // The brackets of one published pattern do not match, which the validator takes ill.
        let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let errors: Vec<String> = validator.iter_errors(log).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    #[test]
    fn every_report_is_valid() {
        for report in sample::all() {
            assert_valid(&document(&[report]));
        }
        assert_valid(&document(&sample::all()));
        assert_valid(&document(&[]));
    }

    #[test]
    fn findings_are_shown_at_the_recipe_s_line() {
        let log = document(&[sample::hostile()]);
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in run["results"].as_array().unwrap() {
            let index = result["ruleIndex"].as_u64().unwrap();
            assert_eq!(
                rules[usize::try_from(index).unwrap()]["id"],
                result["ruleId"]
            );
            let physical = &result["locations"][0]["physicalLocation"];
            assert_eq!(physical["artifactLocation"]["uri"], "recipes/demo.yaml");
            assert_eq!(physical["region"]["startLine"], 7);
        }
    }

    #[test]
    fn a_finding_is_known_again_wherever_it_lies() {
        let prints = |offset| -> Vec<Value> {
            let log = document(&[sample::with_residue_at(offset)]);
            let results = log["runs"][0]["results"].as_array().unwrap().clone();
            let one = |result: &Value| result["partialFingerprints"]["amintFinding/v1"].clone();
            results.iter().map(one).collect()
        };
        let (here, there) = (prints(4096), prints(8192));
        assert_eq!(here, there);
        for (index, one) in here.iter().enumerate() {
            assert!(!here[..index].contains(one), "{here:?}");
        }
    }

    #[test]
    fn what_is_waived_is_suppressed_with_its_reason() {
        let log = document(&[sample::waived()]);
        let result = &log["runs"][0]["results"][0];
        let suppression = &result["suppressions"][0];
        assert_eq!(suppression["justification"], "the demo needs it");
        assert_eq!(suppression["kind"], "external");
        assert_eq!(log["runs"][0]["properties"]["verdict"], "waived");
    }

    #[test]
    fn a_disk_without_a_verdict_is_no_success() {
        let log = document(&[sample::unread()]);
        let invocation = &log["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        let told = &invocation["toolExecutionNotifications"][0]["message"]["text"];
        assert_eq!(told, "cannot read the disk: input/output error");
        assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    }

    #[test]
    fn foreign_text_means_nothing_in_a_message() {
        assert_eq!(message("/a{0}[b](1)\n"), r"/a{{0}}\[b\](1)\n");
    }
}
