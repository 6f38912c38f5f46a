//! Scripted builds that the renderers' tests show.

use amint_event::{Event, EventKind, Outcome, Phase};
use jiff::{SignedDuration, Timestamp};

/// Turns `(milliseconds, kind)` into a stream of events.
fn stream(kinds: Vec<(u64, EventKind)>) -> Vec<Event> {
    (0_u64..)
        .zip(kinds)
        .map(|(seq, (elapsed_ms, kind))| Event {
            seq,
            at: Timestamp::UNIX_EPOCH + SignedDuration::from_millis(elapsed_ms as i64),
            elapsed_ms,
            build: "01jd7zq3x00000000000000000".to_owned(),
            kind,
        })
        .collect()
}

fn run_started() -> EventKind {
    EventKind::RunStarted {
        recipe: "demo".to_owned(),
        plan: "2".repeat(64),
        steps: 2,
        resumed: false,
    }
}

fn phase_finished(phase: Phase, outcome: Outcome, duration_ms: u64) -> EventKind {
    EventKind::PhaseFinished {
        phase,
        outcome,
        duration_ms,
    }
}

fn step_started(index: usize, name: &str, step: &str) -> EventKind {
    EventKind::StepStarted {
        index,
        name: name.to_owned(),
        step: step.to_owned(),
    }
}

fn output(index: usize, text: &str) -> EventKind {
    EventKind::StepOutput {
        index,
        text: text.to_owned(),
    }
}

/// A build that mints an image, with one warning.
pub(super) fn good_build() -> Vec<Event> {
    use Outcome::Succeeded;
    stream(vec![
        (0, run_started()),
        (
            1,
            EventKind::PhaseStarted {
                phase: Phase::Launch,
            },
        ),
        (
            40,
            EventKind::ResourceAcquired {
                kind: "builder".to_owned(),
                id: "01jd7zq3x00000000000000000".to_owned(),
            },
        ),
        (
            50,
            EventKind::Progress {
                phase: Phase::Launch,
                message: "continuing a saved machine".to_owned(),
            },
        ),
        (900, phase_finished(Phase::Launch, Succeeded, 899)),
        (
            901,
            EventKind::PhaseStarted {
                phase: Phase::Customize,
            },
        ),
        (910, step_started(1, "install the service", "file")),
        (
            990,
            EventKind::StepFinished {
                index: 1,
                outcome: Succeeded,
                exit_code: None,
                duration_ms: 80,
            },
        ),
        (1_000, step_started(2, "start it", "shell")),
        (
            1_500,
            output(2, "\u{1b}[32mstarted\u{1b}[0m\nlistening on 8080"),
        ),
        (
            3_100,
            EventKind::StepFinished {
                index: 2,
                outcome: Succeeded,
                exit_code: Some(0),
                duration_ms: 2_100,
            },
        ),
        (3_101, phase_finished(Phase::Customize, Succeeded, 2_200)),
        (
            12_000,
            EventKind::PhaseStarted {
                phase: Phase::Inspect,
            },
        ),
        (
            12_800,
            EventKind::FindingReported {
                rule: "MP-CLEAN-005".to_owned(),
                severity: "warning".to_owned(),
                location: "/var/cache/apt/pkgcache.bin".to_owned(),
                message: "a package cache is not empty".to_owned(),
                waived: false,
                reason: None,
                expires: None,
                step: Some("clear-package-cache".to_owned()),
            },
        ),
        (
            12_801,
            EventKind::FindingReported {
                rule: "MP-CLEAN-002".to_owned(),
                severity: "error".to_owned(),
                location: "/home/demo/.bash_history".to_owned(),
                message: "a shell history".to_owned(),
                waived: true,
                reason: Some("the demo\nneeds it".to_owned()),
                expires: Some("2026-01-31".to_owned()),
                step: Some("clear-shell-history".to_owned()),
            },
        ),
        (13_000, phase_finished(Phase::Inspect, Succeeded, 1_000)),
        (
            13_100,
            EventKind::ResourceReleased {
                kind: "builder".to_owned(),
                id: "01jd7zq3x00000000000000000".to_owned(),
            },
        ),
        (
            13_200,
            EventKind::RunFinished {
                outcome: Succeeded,
                exit_code: 0,
                error: None,
            },
        ),
    ])
}

/// A build whose step fails, that is interrupted while it unwinds, and that leaves its builder.
pub(super) fn failing_build() -> Vec<Event> {
    use Outcome::Failed;
    stream(vec![
        (0, run_started()),
        (
            901,
            EventKind::PhaseStarted {
                phase: Phase::Customize,
            },
        ),
        (
            910,
            step_started(1, "install the \u{1b}]0;evil\u{7}service", "shell"),
        ),
        (1_200, output(1, "10%\r20%\nno space left on device")),
        (
            1_300,
            EventKind::StepFinished {
                index: 1,
                outcome: Failed,
                exit_code: Some(2),
                duration_ms: 390,
            },
        ),
        (1_301, phase_finished(Phase::Customize, Failed, 400)),
        (1_302, EventKind::UnwindStarted),
        (1_400, EventKind::CancelRequested),
        (
            1_500,
            EventKind::ResourceLeft {
                kind: "builder".to_owned(),
                id: "01jd7zq3x00000000000000000".to_owned(),
                reason: "it ends itself at 21:00".to_owned(),
            },
        ),
        (
            61_600,
            EventKind::RunFinished {
                outcome: Failed,
                exit_code: 7,
                error: Some("step 1 failed with exit code 2".to_owned()),
            },
        ),
    ])
}
