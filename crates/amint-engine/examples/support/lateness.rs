// How late each change of a build was noticed, from when calls had their effect.

use std::fmt;
use std::time::Duration;

use crate::pattern::Pattern;

/// What a wait may be late by: so many seconds, or so much of its length.
const MOST: (f64, f64) = (3.0, amint_cloud::LATE);
/// The look-ups that waits are made of.
const POLLS: [&str; 5] = [
    "agent_online",
    "builder_state",
    "command_state",
    "image_state",
    "snapshot_state",
];
/// The waits, by what they are for.
const WAITS: [&str; 6] = [
    "agent",
    "command",
    "power-off",
    "image",
    "clean copy",
    "registered image",
];

/// The waits of one build.
pub(crate) struct Late {
    /// Length and lateness in seconds, in the order of [`WAITS`].
    waits: [(f64, f64); WAITS.len()],
    polls: usize,
}

impl Late {
    /// Panics when the engine calls something else than it did when this was written.
    pub(crate) fn of(effects: &[(&'static str, Duration)], pattern: &Pattern) -> Self {
        let times = |name: &'static str| {
            let named = effects.iter().filter(move |effect| effect.0 == name);
            named.map(|effect| effect.1)
        };
        let noticed = |start: Duration, takes: Duration, question: &'static str| {
            let over = start + takes;
            let seen = times(question).find(|at| *at >= over);
            let seen = seen.expect("a build that succeeded has noticed everything");
            (takes.as_secs_f64(), (seen - over).as_secs_f64())
        };
        let only = |name| times(name).next().expect("each build does that once");
        let commands: Vec<Duration> = times("start_command").collect();
        let [_ready, step, .., seal] = commands[..] else {
            panic!("{} commands", commands.len());
        };
        // The command that starts the seal ends at once, and the power goes when the seal is over.
        let start = Duration::from_millis(10);
        Self {
            waits: [
                noticed(only("launch"), pattern.boot, "agent_online"),
                noticed(step, pattern.command, "command_state"),
                noticed(seal, pattern.stopping + start, "builder_state"),
                noticed(only("capture"), pattern.capture, "image_state"),
                noticed(only("scrub"), pattern.snapshot, "snapshot_state"),
                noticed(only("register"), pattern.capture, "image_state"),
            ],
            polls: effects
                .iter()
                .filter(|(name, _)| POLLS.contains(name))
                .count(),
        }
    }
}

/// The waits of many builds.
#[derive(Default)]
pub(crate) struct Summary {
    waits: [Vec<(f64, f64)>; WAITS.len()],
    polls: Vec<f64>,
    violations: Vec<(u64, &'static str, f64, f64)>,
}

impl Summary {
    pub(crate) fn add(&mut self, seed: u64, late: Late) {
        self.polls.push(late.polls as f64);
        for (index, (length, lateness)) in late.waits.into_iter().enumerate() {
            self.waits[index].push((length, lateness));
            if lateness > (length * MOST.1).max(MOST.0) {
                self.violations.push((seed, WAITS[index], length, lateness));
            }
        }
    }

    pub(crate) fn violations(&self) -> usize {
        self.violations.len()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "noticed late by, in seconds and in % of the wait")?;
        write!(f, "  {:<18}{:>8}", "wait", "count")?;
        for column in ["p50", "p90", "p99", "max"] {
            write!(f, "{column:>19}")?;
        }
        writeln!(f)?;
        let all: Vec<(f64, f64)> = self.waits.concat();
        for (name, waits) in WAITS.iter().zip(&self.waits).chain([(&"all", &all)]) {
            let seconds = spread(waits.iter().map(|wait| wait.1));
            let percent = spread(waits.iter().map(|wait| wait.1 / wait.0 * 100.0));
            write!(f, "  {name:<18}{:>8}", waits.len())?;
            for (seconds, percent) in seconds.iter().zip(percent) {
                write!(f, "{seconds:>8.2} s{percent:>7.2} %")?;
            }
            writeln!(f)?;
        }
        let [p50, p90, p99, max] = spread(self.polls.iter().copied());
        writeln!(
            f,
            "polls a build: p50 {p50}, p90 {p90}, p99 {p99}, max {max}"
        )?;
        let (seconds, part) = (MOST.0, MOST.1 * 100.0);
        let count = self.violations.len();
        write!(f, "later than max({seconds} s, {part} %): {count}")?;
        for (seed, wait, length, lateness) in self.violations.iter().take(10) {
            write!(
                f,
                "\n  pattern {seed}: {wait} of {length:.1} s, {lateness:.2} s late"
            )?;
        }
        Ok(())
    }
}

/// p50, p90, p99 and the most.
fn spread(values: impl Iterator<Item = f64>) -> [f64; 4] {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let at = |part: f64| {
        values
            .get((last as f64 * part) as usize)
            .copied()
            .unwrap_or(0.0)
    };
    [at(0.5), at(0.9), at(0.99), at(1.0)]
}
