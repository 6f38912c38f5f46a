//! A secret that a step prints is in nothing that the engine writes, however it was encoded.

use std::sync::{Arc, Mutex};

use amint_cloud::sim::Reply;
use amint_engine::Masks;
use amint_engine::journal::JournalStore;
use amint_event::{EventKind, ExitClass};
use base64::prelude::{BASE64_STANDARD, Engine};

use crate::support::{Simulation, plan, run_step};

const SECRET: &str = "Tr0ub4dor&3 'x'";

/// Keeps the lines.
struct Kept(Arc<Mutex<Vec<u8>>>);

impl JournalStore for Kept {
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.0
            .lock()
            .expect("nobody panicked")
            .extend_from_slice(line);
        Ok(())
    }
}

fn forms() -> Vec<String> {
    vec![
        SECRET.to_owned(),
        BASE64_STANDARD.encode(SECRET),
        BASE64_STANDARD.encode(format!("user:{SECRET}")),
        "Tr0ub4dor%263%20%27x%27".to_owned(),
        r"'Tr0ub4dor&3 '\''x'\'''".to_owned(),
        r"Tr0ub4dor\&3\ \'x\'".to_owned(),
    ]
}

#[test]
fn a_secret_is_in_nothing_that_is_written() {
    let text = format!("begin\n{}\nend\n", forms().join("\n"));
    for exit_code in [0, 3] {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let mut steps = vec![run_step(1, "print", "true")];
        // Nothing of the recipe's is hidden, but what is written of it is.
        steps[0].name = format!("print {SECRET}");
        let mut simulation = Simulation::new(plan(steps))
            .reply("step-01", Reply::exit(exit_code, text.clone()))
            .journal_in(Box::new(Kept(kept.clone())));
        simulation.options.masks = Masks::new([SECRET]);
        let simulated = simulation.run();

        let mut written = String::from_utf8(kept.lock().expect("nobody panicked").clone())
            .expect("the journal is text");
        for event in &simulated.events {
            written.push_str(&serde_json::to_string(event).expect("an event is JSON"));
        }
        if exit_code == 0 {
            assert_eq!(
                simulated.exit(),
                ExitClass::Success,
                "{}",
                simulated.chain()
            );
            let manifest = std::fs::read(&simulated.manifest_path).expect("it is there");
            amint_manifest::verify(&manifest).expect("its digest is that of what it says");
            written.push_str(&String::from_utf8_lossy(&manifest));
        } else {
            assert_eq!(simulated.exit(), ExitClass::Step);
        }
        for form in forms() {
            let json = serde_json::Value::from(form.clone()).to_string();
            let inside = &json[1..json.len() - 1];
            assert!(
                !written.contains(&form) && !written.contains(inside),
                "{form} is in {written}"
            );
        }
        // What was printed around it is there.
        let told = simulated.events.iter().filter_map(|event| match event {
            EventKind::StepOutput { text, .. } => Some(text.as_str()),
            _ => None,
        });
        let told: Vec<&str> = told.flat_map(str::lines).collect();
        assert_eq!((told.first(), told.last()), (Some(&"begin"), Some(&"end")));
        assert!(told.contains(&"***"), "{told:?}");
    }
}
