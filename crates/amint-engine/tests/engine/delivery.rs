//! Secrets are on the builder while steps may read them, and nowhere else.

use std::sync::{Arc, Mutex};

use amint_cloud::SecretValue;
use amint_cloud::sim::{Fault, Reply};
use amint_engine::journal::JournalStore;
use amint_engine::secret::Secret;
use amint_event::ExitClass;
use amint_plan::{BuildPlan, SecretSource};
use base64::prelude::{BASE64_STANDARD, Engine};

use crate::support::{Simulated, Simulation, plan, reboot_step, run_step, upload_step};

const VALUE: &str = "correct horse battery staple";
/// Of a key that nobody has the other half of.
const KEY: &str = include_str!("public-key.pem");

/// A plan whose second step reads a secret, and whose fourth comes after a reboot.
fn secret_plan() -> BuildPlan {
    let mut plan = plan(vec![
        run_step(1, "prepare", "apt-get install openssl"),
        run_step(2, "log in", "login \"$(cat /run/amint/secrets/token)\""),
        reboot_step(3),
        upload_step(4),
        run_step(5, "work", "true"),
    ]);
    plan.secrets = vec![amint_plan::Secret {
        name: "token".to_owned(),
        source: SecretSource::Environment {
            name: "TOKEN".to_owned(),
        },
    }];
    plan
}

fn simulation(plan: BuildPlan) -> Simulation {
    let mut simulation = Simulation::on_account(plan).reply("-key", Reply::exit(0, KEY));
    simulation.options.values = vec![Secret {
        name: "token".to_owned(),
        value: SecretValue::new(VALUE.to_owned()),
    }];
    simulation
}

/// The tokens of the commands that have to do with secrets or steps, in order.
fn tokens(simulated: &Simulated) -> Vec<&str> {
    let tokens = simulated.scripts.iter().map(|(token, _)| token.as_str());
    tokens
        .filter(|token| token.starts_with("secrets-") || token.starts_with("step-"))
        .collect()
}

/// Keeps the lines.
struct Kept(Arc<Mutex<Vec<u8>>>);

impl JournalStore for Kept {
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        let mut lines = self.0.lock().expect("nobody panicked");
        lines.extend_from_slice(line);
        Ok(())
    }
}

#[test]
fn secrets_come_before_the_step_that_reads_them_and_again_after_a_reboot() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let simulated = simulation(secret_plan())
        .journal_in(Box::new(Kept(kept.clone())))
        .run();
    assert_eq!(
        simulated.exit(),
        ExitClass::Success,
        "{}",
        simulated.chain()
    );
    assert_eq!(
        tokens(&simulated),
        [
            "step-01-1",
            "secrets-0-1-key",
            "secrets-0-1-part-1",
            "step-02-1",
            "secrets-0-2-key",
            "secrets-0-2-part-1",
            "step-04-1-part-1",
            "step-05-1",
            "secrets-0-2-remove",
        ]
    );
    let last = simulated
        .scripts
        .iter()
        .position(|(token, _)| token == "secrets-0-2-remove");
    let hardening = simulated
        .scripts
        .iter()
        .position(|(token, _)| token == "hardening");
    assert!(last < hardening, "gone before the builder is checked");

    // Without any mask: nothing was there to be masked.
    let mut written =
        String::from_utf8(kept.lock().expect("nobody panicked").clone()).expect("text");
    for (_, script) in &simulated.scripts {
        written.push_str(script);
    }
    for event in &simulated.events {
        written.push_str(&serde_json::to_string(event).expect("an event is JSON"));
    }
    written.push_str(&std::fs::read_to_string(&simulated.manifest_path).expect("it is there"));
    let encoded = BASE64_STANDARD.encode(VALUE);
    assert!(!written.contains(VALUE) && !written.contains(&encoded[..20]));
    assert!(written.contains("the builder has the secrets: token"));
}

#[test]
fn what_no_step_reads_is_not_brought() {
    let mut plan = secret_plan();
    plan.steps.remove(1);
    let simulated = simulation(plan).run();
    assert_eq!(
        simulated.exit(),
        ExitClass::Success,
        "{}",
        simulated.chain()
    );
    let told = tokens(&simulated);
    assert!(
        !told.iter().any(|token| token.starts_with("secrets-")),
        "{told:?}"
    );
}

/// The exit class and the error of a build in which something goes wrong with a secret; no step that reads it ran.
fn failed(simulation: Simulation) -> (ExitClass, String) {
    let simulated = simulation.run();
    let told = tokens(&simulated);
    assert!(!told.contains(&"step-02-1"), "{told:?}");
    assert_eq!(simulated.live, [], "nothing is left");
    (simulated.exit(), simulated.chain())
}

#[test]
fn a_builder_that_cannot_take_them_is_given_up() {
    let head = "cannot hand the builder its secrets";
    let lacks = simulation(secret_plan()).reply("-key", Reply::exit(75, "missing: openssl\n"));
    assert_eq!(
        failed(lacks),
        (
            ExitClass::Recipe,
            format!("{head}\nthe builder lacks openssl")
        )
    );
    let no_key = simulation(secret_plan()).reply("-key", Reply::exit(0, "hello\n"));
    assert_eq!(
        failed(no_key),
        (
            ExitClass::Builder,
            format!("{head}\nthe key that the builder made cannot be used")
        )
    );
    let refuses = simulation(secret_plan()).reply("part-1", Reply::exit(1, "bad decrypt\n"));
    let (class, chain) = failed(refuses);
    assert_eq!(class, ExitClass::Builder);
    assert!(
        chain.contains("the builder could not take the secrets (exit code 1)"),
        "{chain}"
    );
    assert!(chain.contains("bad decrypt"), "{chain}");
    let hangs = simulation(secret_plan()).reply("-key", Reply::hang(""));
    let (class, chain) = failed(hangs);
    assert_eq!(class, ExitClass::Builder);
    assert!(
        chain.contains("did not make a key for the secrets within 300 s"),
        "{chain}"
    );
    let mut nobody = simulation(secret_plan());
    nobody.options.values.clear();
    let (class, chain) = failed(nobody);
    assert_eq!(class, ExitClass::Internal);
    assert!(
        chain.contains("the value of the secret `token` was not given"),
        "{chain}"
    );
}

#[test]
fn a_lost_answer_brings_them_once() {
    // The fourth command is the key's, the fifth what brings them.
    for occurrence in 1..=8 {
        let simulated = simulation(secret_plan())
            .fault("start_command", occurrence, Fault::fail_after())
            .run();
        assert_eq!(
            simulated.exit(),
            ExitClass::Success,
            "{}",
            simulated.chain()
        );
        let told = tokens(&simulated);
        let brought = told.iter().filter(|token| token.ends_with("-part-1"));
        assert_eq!(brought.count(), 3, "{told:?}");
    }
}
