//! A live display, for a terminal: a finished phase is a line, the running one a spinner below.

use std::io;
use std::time::Duration;

use amint_event::{Event, EventKind, Outcome, Phase};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Renderer;
use super::text::{duration, visible};

/// How often the spinner turns when nothing else happens.
const TICK: Duration = Duration::from_millis(120);

/// The spinner's frames; the last stands still.
const SPINNER: &str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏·";

/// Draws on a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    color: bool,
}

impl Progress {
    pub(crate) fn new(target: ProgressDrawTarget, color: bool) -> Self {
        let spinner = if color {
            "{spinner:.cyan}"
        } else {
            "{spinner}"
        };
        let template = format!("{spinner} {{prefix}} {{elapsed}} {{wide_msg}}");
        let style = ProgressStyle::with_template(&template)
            .unwrap_or_else(|_| ProgressStyle::default_spinner())
            .tick_chars(SPINNER);
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        Self { bar, color }
    }

    fn start(&self, phase: Phase) {
        self.bar.reset_elapsed();
        self.bar.set_prefix(phase.name());
        self.bar.set_message("");
        self.bar.enable_steady_tick(TICK);
    }

    fn finish(&self, phase: Phase, outcome: Outcome, duration_ms: u64) {
        let mark = match outcome {
            Outcome::Succeeded => self.paint("✓", GREEN),
            Outcome::Failed => self.paint("✗", RED),
            Outcome::Cancelled => self.paint("-", YELLOW),
        };
        self.bar.set_message("");
        self.bar
            .println(format!("{mark} {} {}", phase.name(), duration(duration_ms)));
    }

    fn paint(&self, text: &str, style: &str) -> String {
        if self.color {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const DIM: &str = "2";

impl Renderer for Progress {
    fn render(&mut self, event: &Event) -> io::Result<()> {
        match &event.kind {
            EventKind::RunStarted { recipe, .. } => {
                self.bar.println(format!(
                    "minting {}, build {}",
                    visible(recipe),
                    event.build
                ));
            }
            EventKind::PhaseStarted { phase } => self.start(*phase),
            EventKind::Progress { message, .. } => self.bar.set_message(visible(message)),
            EventKind::PhaseFinished {
                phase,
                outcome,
                duration_ms,
            } => {
                self.finish(*phase, *outcome, *duration_ms);
            }
            EventKind::StepStarted { index, name, .. } => {
                self.bar
                    .set_message(format!("step {index}: {}", visible(name)));
            }
            EventKind::StepOutput { text, .. } => {
                for line in text.lines() {
                    self.bar
                        .println(self.paint(&format!("    {}", visible(line)), DIM));
                }
            }
            EventKind::StepFinished {
                index,
                outcome: Outcome::Failed,
                exit_code,
                ..
            } => {
                let code = exit_code
                    .map(|code| format!(", exit code {code}"))
                    .unwrap_or_default();
                self.bar
                    .println(self.paint(&format!("  step {index} failed{code}"), RED));
            }
            EventKind::StepFinished { .. } => self.bar.set_message(""),
            EventKind::ResourceAcquired { .. } | EventKind::ResourceReleased { .. } => {}
            EventKind::ResourceLeft { kind, id, reason } => {
                let line = format!("  left behind: {kind} {id}: {}", visible(reason));
                self.bar.println(self.paint(&line, YELLOW));
            }
            EventKind::FindingReported {
                rule,
                severity,
                location,
                message,
                waived,
            } => {
                let (location, message) = (visible(location), visible(message));
                let waiver = if *waived { "waived " } else { "" };
                let line = format!("  {waiver}{severity} {rule} {location}: {message}");
                let fails = severity == "error" && !waived;
                let style = if fails { RED } else { YELLOW };
                self.bar.println(self.paint(&line, style));
            }
            EventKind::CancelRequested => {
                self.bar
                    .println("interrupted; once more abandons what the build acquired");
            }
            EventKind::UnwindStarted => {
                self.bar.set_prefix("giving back what the build acquired");
                self.bar.set_message("");
            }
            EventKind::RunFinished { .. } => self.bar.finish_and_clear(),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;
    use crate::render::script;

    /// A terminal that keeps each line that is drawn on it, however often.
    #[derive(Clone, Debug, Default)]
    struct Screen {
        lines: Arc<Mutex<Vec<String>>>,
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            120
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, line: &str) -> io::Result<()> {
            self.write_str(line)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.lines.lock().unwrap().push(text.to_owned());
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that stay: those that are not the spinner's.
    fn rendered(events: &[Event], color: bool) -> String {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let mut progress = Progress::new(target, color);
        for event in events {
            progress.render(event).unwrap();
        }
        let lines = screen.lines.lock().unwrap();
        let stay = |line: &&String| {
            !line.trim().is_empty() && !line.contains(|drawn| SPINNER.contains(drawn))
        };
        lines
            .iter()
            .filter(stay)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn a_good_build() {
        insta::assert_snapshot!(rendered(&script::good_build(), false));
    }

    #[test]
    fn a_failing_build() {
        insta::assert_snapshot!(rendered(&script::failing_build(), false));
    }

    #[test]
    fn colors_only_when_asked_for() {
        assert!(!rendered(&script::failing_build(), false).contains('\u{1b}'));
        assert!(rendered(&script::failing_build(), true).contains("\u{1b}[31m✗\u{1b}[0m"));
    }
}
