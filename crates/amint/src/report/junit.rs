//! For test reports: JUnit's XML, as Ant writes it and everybody reads it. A suite is a disk, a test is a rule.

use std::fmt::Write;

use amint_harden::{Finding, Rule};

use super::xml::{attribute, content};
use super::{Entry, Outcome, Report, steps_for};

/// One document with a suite for each report. Writing to a `String` cannot fail, hence the ignored results.
pub(crate) fn document(reports: &[Report]) -> String {
    let mut suites = String::new();
    let mut total = Counts::default();
    for report in reports {
        total.add(suite(&mut suites, report));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"amint\" {}>\n{suites}</testsuites>\n",
        total.attributes()
    )
}

/// How many tests there are, and how they ended.
#[derive(Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
        self.skipped += other.skipped;
    }

    fn attributes(&self) -> String {
        format!(
            "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
            self.tests, self.failures, self.errors, self.skipped
        )
    }
}

fn suite(text: &mut String, report: &Report) -> Counts {
    let mut cases = String::new();
    let mut counts = Counts::default();
    match &report.outcome {
        Outcome::Unread(error) => {
            counts.add(case(&mut cases, report, "inspection", &Ended::Error(error)));
        }
        Outcome::Read(_) => {
            for rule in report.rules() {
                let name = format!("{} {}", rule.id, rule.title);
                counts.add(case(&mut cases, report, &name, &ended(report, rule)));
            }
        }
    }
    let name = attribute(&report.subject.name);
    let attributes = counts.attributes();
    let _ = writeln!(text, "  <testsuite name=\"{name}\" {attributes}>");
    properties(text, report);
    let _ = writeln!(text, "{cases}  </testsuite>");
    counts
}

fn properties(text: &mut String, report: &Report) {
    let mut properties = vec![
        ("profile", report.subject.profile.clone()),
        ("verdict", report.verdict().to_owned()),
    ];
    if let Outcome::Read(evidence) = &report.outcome {
        let scope = &evidence.scope;
        properties.push(("size", scope.size.to_string()));
        properties.push(("written", scope.written.to_string()));
        properties.extend(
            scope
                .searched_for
                .iter()
                .map(|one| ("searched for", one.clone())),
        );
        properties.extend(scope.not_seen.iter().map(|one| ("not seen", one.clone())));
    }
    text.push_str("    <properties>\n");
    for (name, value) in properties {
        let value = attribute(&value);
        let _ = writeln!(text, "      <property name=\"{name}\" value=\"{value}\"/>");
    }
    text.push_str("    </properties>\n");
}

/// How a test ended.
enum Ended<'a> {
    Passed {
        remarks: Vec<&'a Entry>,
    },
    /// Nobody could tell, or all that it found is accepted; why.
    Skipped(String),
    Failed {
        rule: &'static Rule,
        entries: Vec<&'a Entry>,
    },
    Error(&'a str),
}

fn ended<'a>(report: &'a Report, rule: &'static Rule) -> Ended<'a> {
    let entries = report.entries().iter();
    let entries: Vec<&Entry> = entries.filter(|one| one.finding.rule == rule.id).collect();
    if entries.iter().any(|entry| entry.finding.fails()) {
        return Ended::Failed { rule, entries };
    }
    if entries.iter().any(|entry| entry.finding.waived) {
        return Ended::Skipped(entries.into_iter().map(line).collect::<Vec<_>>().join("\n"));
    }
    // What the seal leaves behind can be missed only by who knows of the build.
    if !report.subject.of_build && rule.id.starts_with("AMINT-SEAL-") {
        return Ended::Skipped("which build the disk comes from is not known".to_owned());
    }
    Ended::Passed { remarks: entries }
}

fn case(text: &mut String, report: &Report, name: &str, ended: &Ended<'_>) -> Counts {
    let mut counts = Counts {
        tests: 1,
        ..Counts::default()
    };
    let class = attribute(&format!("amint.{}", report.subject.profile));
    let _ = write!(
        text,
        "    <testcase classname=\"{class}\" name=\"{}\"",
        attribute(name)
    );
    match ended {
        Ended::Passed { remarks } if remarks.is_empty() => {
            text.push_str("/>\n");
            return counts;
        }
        Ended::Passed { remarks } => {
            let lines: Vec<String> = remarks.iter().copied().map(line).collect();
            let lines = content(&lines.join("\n"));
            let _ = write!(text, ">\n      <system-out>{lines}</system-out>\n");
        }
        Ended::Skipped(why) => {
            counts.skipped = 1;
            let _ = write!(text, ">\n      <skipped message=\"{}\"/>\n", attribute(why));
        }
        Ended::Failed { rule, entries } => {
            counts.failures = 1;
            let _ = write!(text, ">\n      {}\n", failure(rule, entries));
        }
        Ended::Error(error) => {
            counts.errors = 1;
            let message = attribute(error);
            let _ = write!(
                text,
                ">\n      <error type=\"unread\" message=\"{message}\"/>\n"
            );
        }
    }
    text.push_str("    </testcase>\n");
    counts
}

fn failure(rule: &Rule, entries: &[&Entry]) -> String {
    let lines: Vec<String> = entries.iter().copied().map(line).collect();
    let first = entries.iter().find(|entry| entry.finding.fails());
    let message = first.map_or_else(String::new, |entry| line(entry));
    let mut body = lines.join("\n");
    let _ = write!(body, "\n\nwhy: {}\nsource: {}", rule.why, rule.source);
    for step in steps_for(rule) {
        let _ = write!(body, "\nmended by {}: {}", step.id, step.title);
    }
    format!(
        "<failure type=\"{}\" message=\"{}\">{}</failure>",
        rule.id,
        attribute(&message),
        content(&body)
    )
}

fn line(entry: &Entry) -> String {
    let Finding {
        severity,
        location,
        message,
        waived,
        ..
    } = &entry.finding;
    let waived = if *waived { "waived " } else { "" };
    let accepted = entry.waiver.as_ref().map_or_else(String::new, |waiver| {
        format!(" (until {}: {})", waiver.expires, waiver.reason)
    });
    format!("{waived}{severity} {location}: {message}{accepted}")
}

#[cfg(test)]
mod tests {
    use super::super::{Report, sample};
    use super::document;

    #[test]
    fn a_hostile_disk_makes_well_formed_xml() {
        for report in sample::all() {
            let text = document(&[report]);
            let tree = roxmltree::Document::parse(&text).unwrap();
            let suite = tree.root_element().first_element_child().unwrap();
            let count = |name| {
                let found = suite.descendants().filter(|node| node.has_tag_name(name));
                found.count().to_string()
            };
            for (attribute, element) in [
                ("tests", "testcase"),
                ("failures", "failure"),
                ("errors", "error"),
                ("skipped", "skipped"),
            ] {
                assert_eq!(
                    suite.attribute(attribute).unwrap(),
                    count(element),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn suites_are_summed_up() {
        let text = document(&sample::all());
        let tree = roxmltree::Document::parse(&text).unwrap();
        let root = tree.root_element();
        for attribute in ["tests", "failures", "errors", "skipped"] {
            let number = |node: roxmltree::Node<'_, '_>| -> usize {
                node.attribute(attribute).unwrap().parse().unwrap()
            };
            let suites = root.children().filter(roxmltree::Node::is_element);
            assert_eq!(number(root), suites.map(number).sum::<usize>());
        }
    }

    #[test]
    fn each_kind_of_end() {
        let reports = [sample::hostile(), sample::waived(), sample::unread()];
        let text = document(&reports);
        // Those that passed grow with the catalogue.
        let passed = |line: &str| line.starts_with("    <testcase") && line.ends_with("/>");
        let told: Vec<&str> = text.lines().filter(|line| !passed(line)).collect();
        let told = told.join("\n");
        let count = |report: &Report| report.rules().len().to_string();
        let all = (1 + 2 * reports[0].rules().len()).to_string();
        let told = told.replace(&format!("tests=\"{all}\""), "tests=[all]");
        let told = told.replace(
            &format!("tests=\"{}\"", count(&reports[0])),
            "tests=[rules]",
        );
        insta::assert_snapshot!(told);
    }
}
