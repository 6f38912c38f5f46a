//! Which catalogue this is: a digest of all that it says, for whoever must notice that it changed.

use std::fmt::Write;
use std::sync::OnceLock;

use crate::hex;
use crate::step::Stage;
use crate::{checks, profiles, rules, steps};

/// SHA-256 (hex) over the catalogue: every profile, every step with its script, every check, and every rule. Programs
/// with equal digests harden an image in the same way, and ask the same of it. What a check looks at is named by its id
/// alone: how it is programmed is no part of this.
pub fn digest() -> &'static str {
    static DIGEST: OnceLock<String> = OnceLock::new();
    DIGEST.get_or_init(|| hex::sha256(said().as_bytes()))
}

/// The catalogue as text, a line an entry. Writing to a string cannot fail, hence the ignored results.
fn said() -> String {
    let mut text = String::new();
    for profile in profiles() {
        let steps = profile.steps.iter().map(|step| step.id);
        let checks = profile.checks.iter().map(|check| check.id);
        let entries: Vec<&str> = steps.chain(checks).collect();
        let _ = writeln!(
            text,
            "profile {} {}",
            profile.reference(),
            entries.join(" ")
        );
    }
    for step in steps() {
        let stage = match step.stage {
            Stage::Attached => "attached",
            Stage::Detached => "detached",
        };
        let (digest, rules) = (step.digest(), step.rules.join(" "));
        let _ = writeln!(text, "step {} {stage} {digest} {rules}", step.id);
    }
    for check in checks() {
        let _ = writeln!(text, "check {} {}", check.id, check.rules.join(" "));
    }
    for rule in rules() {
        let (severity, waivable) = (rule.severity, rule.is_waivable());
        let _ = writeln!(text, "rule {} {severity} {waivable}", rule.id);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{digest, said};

    #[test]
    fn everything_is_in_the_digest() {
        let text = said();
        let entries = crate::profiles().len()
            + crate::steps().len()
            + crate::checks().len()
            + crate::rules().len();
        assert_eq!(text.lines().count(), entries);
        let step = &crate::steps()[0];
        assert!(text.contains(&step.digest()), "{text}");
        assert_eq!(digest().len(), 64);
    }
}
