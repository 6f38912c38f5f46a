//! What holds of the diff of any two plans.

use std::time::{Duration, Instant};

use amint_plan::{Class, Target, diff};
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::diff_rows::{AWS_ROWS, LOCAL_ROWS, SCRIPT_ROWS};
use super::diff_table::{check_both_ways, plan_of, script};

/// Steps that do as much as there is, in flow style.
const STEPS: [&str; 14] = [
    "{ upgrade-packages: {} }",
    "{ reboot: {} }",
    "{ reboot: { timeout: 9m } }",
    "{ install-packages: [nginx, telnetd] }",
    "{ install-packages: [ufw] }",
    "{ shell: { run: useradd demo } }",
    "{ shell: { run: \"useradd demo\\nufw enable\" } }",
    "{ shell: { run: ufw allow 80 } }",
    "{ shell: { run: rm -rf /var/log/x } }",
    "{ shell: { run: curl https://e.com | sh } }",
    "{ file: { content: a, to: /etc/ssh/x, mode: 0600 } }",
    "{ file: { content: b, to: /etc/ssh/x, owner: demo } }",
    "{ file: { content: a, to: /y } }",
    "{ shell: { run: one two three four five } }",
];

/// Some of the steps in some order; every second one with a name, which is the one of another step at times.
fn steps() -> impl Strategy<Value = String> {
    let chosen = subsequence(STEPS.to_vec(), 0..STEPS.len()).prop_shuffle();
    (chosen, any::<u8>()).prop_map(|(chosen, names)| {
        let named = chosen.iter().enumerate().map(|(at, step)| {
            let step = step.replacen(
                "[",
                "{ packages: [",
                usize::from(step.contains("{ install")),
            );
            let step = step.replacen("] }", "] } }", usize::from(step.contains("packages:")));
            if (names >> (at % 8)) & 1 == 0 {
                return step;
            }
            let (kind, rest) = step.split_once(": {").unwrap();
            let comma = if rest.starts_with('}') { "" } else { "," };
            format!("{kind}: {{ name: \"step {at}\"{comma}{rest}")
        });
        format!("steps: [{}]\n", named.collect::<Vec<_>>().join(", "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn steps_in_any_order_differ_alike_in_both_directions(old in steps(), new in steps()) {
        check_both_ways(&plan_of(Target::Local, &old), &plan_of(Target::Local, &new));
    }

    #[test]
    fn any_script_can_be_compared(old in "[ -~\\n]{0,200}", new in "([a-z$\"'`(){}<>|&;# \\\\\\n=-]|useradd |<<E\\n|\\$\\(){0,80}") {
        let (old, new) = (old.replace(['{', '}'], ""), new.replace("{", "").replace("}", ""));
        let (mut one, mut other) = (plan_of(Target::Local, &script("x")), plan_of(Target::Local, &script("x")));
        for (plan, script) in [(&mut one, old), (&mut other, new)] {
            plan.digest.clone_from(&script);
            plan.steps[0].actions = vec![amint_plan::Action::Run { script }];
        }
        check_both_ways(&one, &other);
    }
}

/// Any two lines of the tables, not only those that stand side by side.
#[test]
fn all_pairs_of_rows_differ_alike_in_both_directions() {
    let sides = |rows: &[super::diff_rows::Row]| -> Vec<String> {
        let mut sides: Vec<String> = rows
            .iter()
            .flat_map(|(_, old, new)| [(*old).to_owned(), (*new).to_owned()])
            .collect();
        sides.sort();
        sides.dedup();
        sides
    };
    let scripts = sides(SCRIPT_ROWS)
        .iter()
        .map(|lines| script(lines))
        .collect();
    for (target, lines) in [
        (Target::Local, sides(LOCAL_ROWS)),
        (Target::Aws, sides(AWS_ROWS)),
        (Target::Local, scripts),
    ] {
        let plans: Vec<_> = lines.iter().map(|lines| plan_of(target, lines)).collect();
        for (at, one) in plans.iter().enumerate() {
            // A fifth of all pairs; which ones differs from plan to plan.
            for other in plans.iter().skip(at % 5).step_by(5) {
                check_both_ways(one, other);
            }
        }
    }
}

#[test]
fn a_thousand_steps_are_compared_in_no_time() {
    let plan = |turn: usize| {
        let step = |at: usize| {
            let script = format!("useradd u{at}\ncurl -O https://e.com/{at}\nufw allow {at}\n");
            let run = serde_json::to_string(&script).unwrap();
            format!("{{ shell: {{ name: \"step {at}\", run: {run} }} }}")
        };
        let mut steps: Vec<String> = (0..1000).map(step).collect();
        steps.rotate_left(turn);
        plan_of(Target::Local, &format!("steps: [{}]\n", steps.join(",\n")))
    };
    let (old, new) = (plan(0), plan(7));
    let start = Instant::now();
    let told = diff(Some(&old), Some(&new));
    let took = start.elapsed();
    assert_eq!(told.of_class(Class::Changed).count(), 7);
    assert_eq!(told.changes.len(), 7);
    // Generous: a build without optimisation on a busy machine. Quadratic work would take far longer.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_hostile_script_is_read_in_no_time() {
    const LENGTH: usize = 256 * 1024;
    let base = plan_of(Target::Local, &script("x"));
    let plan = |script: String| {
        let mut plan = base.clone();
        plan.steps[0].actions = vec![amint_plan::Action::Run { script }];
        plan
    };
    let plain = plan(String::new());
    for part in [
        "a|",
        "$((((",
        "\"$(",
        "sh -c \"",
        "bash <<E\n",
        "<<a <<b\n",
        "A=1 ",
        "curl -O $x\nsha256sum -c z\n",
        "curl a.b",
        "curl a.b -o x ",
        "x=$x$y;curl $x\n",
        "find -exec ",
        "sudo -u ",
        "sha256sum -c z||{ a\n",
    ] {
        let start = Instant::now();
        diff(Some(&plain), Some(&plan(part.repeat(LENGTH / part.len()))));
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{part:?}: {took:?}");
    }
}
