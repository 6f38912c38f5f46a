//! Secrets in files, in what was deleted, and in every form that programs write them in.

use amint_harden::inspection::{Expectations, NamedSecret};
use amint_harden::{Finding, Severity, Verdict};

use crate::support::{Image, expectations, inspect_disk, tool};

/// Ends in the middle of a group of three bytes, and has characters that JSON and URLs escape.
const VALUE: &str = "k3Wq-9xZt \"+/?% tail";

fn expecting(secrets: &[(&str, &str)]) -> Expectations {
    Expectations {
        secrets: secrets
            .iter()
            .map(|(name, value)| NamedSecret::new(*name, *value))
            .collect(),
        ..expectations()
    }
}

fn messages(findings: &[Finding]) -> Vec<String> {
    let message = |finding: &Finding| format!("{} {}", finding.rule, finding.message);
    findings.iter().map(message).collect()
}

#[test]
fn a_secret_of_the_build_is_found_in_every_form_and_never_shown() {
    let forms = [
        (VALUE, ""),
        ("azNXcS05eFp0ICIrLz8lIHRhaWw=", " (base64)"),
        ("eGszV3EtOXhadCAiKy8/JSB0YWls", " (base64)"),
        ("eHhrM1dxLTl4WnQgIisvPyUgdGFpbHh4", " (base64)"),
        ("eGszV3EtOXhadCAiKy8_JSB0YWls", " (base64)"),
        ("6b3357712d39785a7420222b2f3f25207461696c", " (hexadecimal)"),
        ("6B3357712D39785A7420222B2F3F25207461696C", " (hexadecimal)"),
        ("k3Wq-9xZt%20%22%2B%2F%3F%25%20tail", " (URL-encoded)"),
        ("k3Wq-9xZt \\\"+/?% tail", " (JSON)"),
    ];
    for (text, form) in forms {
        let image = Image::clean();
        image.write("/opt/app/lib/app", text);
        let inspection = inspect_disk(&image.disk(), &expecting(&[("registry-password", VALUE)]));
        let expected =
            format!("MP-SEC-008 still on the disk: the secret registry-password{form} (a file)");
        assert_eq!(messages(&inspection.findings), [expected], "{text}");
        let shown = format!("{inspection:?}");
        assert!(
            !shown.contains("k3Wq") && !shown.contains("azNX"),
            "{shown}"
        );
    }
}

#[test]
fn what_the_search_is_about_is_said() {
    let image = Image::clean();
    let inspection = inspect_disk(
        &image.disk(),
        &expecting(&[("token", VALUE), ("pin", "1234")]),
    );
    assert_eq!(inspection.verdict, Verdict::Clean);
    let scope = &inspection.scope;
    assert!(
        scope
            .searched_for
            .iter()
            .any(|one| one.contains("the secrets of the build"))
    );
    assert!(
        scope
            .searched_for
            .iter()
            .any(|one| one.contains("private keys"))
    );
    assert!(
        scope
            .not_seen
            .iter()
            .any(|one| one.contains("copies of pin")),
        "{:?}",
        scope.not_seen
    );
}

#[test]
fn a_file_and_its_deleted_copy_are_two_findings() {
    let hash = "operator:$6$Kd8sQ2nLx0$.4wXOv5dMUbQy.CTe4UBzBMFVbNsS8vrqNvmjglj4JbsWx\
         sS3PEesLcjYGevI9tOixJR4id94IP3TVpu6jT5B/";
    let image = Image::clean();
    image.write("/opt/app/lib/users", hash);
    image.write("/opt/app/lib/users.old", hash);
    let disk = image.disk();
    tool(
        "debugfs",
        &[
            "-w",
            "-R",
            "rm /opt/app/lib/users.old",
            disk.to_str().unwrap(),
        ],
    );
    let inspection = inspect_disk(&disk, &expectations());
    let mut found = messages(&inspection.findings);
    found.sort();
    assert_eq!(
        found,
        [
            "MP-SEC-006 the hash of a password (a file)",
            "MP-SEC-006 the hash of a password (free block)",
        ]
    );
}

#[test]
fn shapes_that_may_be_accidents_are_warnings() {
    let image = Image::clean();
    image.write(
        "/opt/app/lib/app",
        "proxy = https://builder:k3Wq-9xZt@proxy.corp.internal:3128\n",
    );
    let inspection = image.inspect();
    assert_eq!(
        messages(&inspection.findings),
        ["MP-SEC-008 a URL with a password (a file)"]
    );
    assert_eq!(inspection.findings[0].severity, Severity::Warning);
    assert_eq!(inspection.verdict, Verdict::Clean);
}

#[test]
fn many_secrets_of_one_kind_are_counted() {
    let image = Image::clean();
    image.write("/opt/app/lib/app", &"key AKIAQ7RPZ3LNWB2VXKTD\n".repeat(25));
    let inspection = image.inspect();
    assert_eq!(
        messages(&inspection.findings),
        ["MP-SEC-008 an AWS access key id (a file, and 24 times more)"]
    );

    // Where no file has them, they are listed one by one.
    let disk = image.disk();
    tool(
        "debugfs",
        &["-w", "-R", "rm /opt/app/lib/app", disk.to_str().unwrap()],
    );
    let findings = inspect_disk(&disk, &expectations()).findings;
    assert_eq!(findings.len(), 10);
    assert!(
        findings[9]
            .message
            .contains("free block, and 15 times more")
    );
}

#[test]
fn a_known_test_vector_is_no_finding_wherever_it_lies() {
    // From the documentation of a package (see the table), signed with the word `secret`.
    let known = [
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
        "eyJzb21lIjoicGF5bG9hZCJ9.",
        "4twFt5NiznN84AWoo1d7KO1T_yoc0Z6XOpOVswacPZg",
    ]
    .concat();
    let image = Image::clean();
    image.write("/opt/app/lib/app", &known);
    assert_eq!(image.inspect().findings, []);
    image.write("/opt/app/lib/app", &known.replace("4tw", "4tW"));
    assert_eq!(
        messages(&image.inspect().findings),
        ["MP-SEC-008 a JSON Web Token (a file)"]
    );
}
