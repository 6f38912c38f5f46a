//! A live display, for a terminal: a finished phase is a line, the running one a spinner below. Of several builds, each
//! is one spinner, and only what matters afterwards is a line.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use amint_event::{Event, EventKind, Outcome};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Renderer;
use super::finding;
use super::labels::Labels;
use super::text::{duration, visible};

/// How often the spinner turns when nothing else happens.
const TICK: Duration = Duration::from_millis(120);

/// The spinner's frames; the last stands still.
const SPINNER: &str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏·";

/// Draws on a terminal.
pub(crate) struct Progress {
    screen: MultiProgress,
    /// The spinner of each build.
    builds: HashMap<String, ProgressBar>,
    style: ProgressStyle,
    /// The recipes of the builds, where there are several.
    labels: Option<Labels>,
    color: bool,
}

impl Progress {
    /// `many`: several builds run at the same time.
    pub(crate) fn new(target: ProgressDrawTarget, color: bool, many: bool) -> Self {
        let spinner = if color {
            "{spinner:.cyan}"
        } else {
            "{spinner}"
        };
        let template = format!("{spinner} {{prefix}} {{elapsed}} {{wide_msg}}");
        let style = ProgressStyle::with_template(&template)
            .unwrap_or_else(|_| ProgressStyle::default_spinner())
            .tick_chars(SPINNER);
        Self {
            screen: MultiProgress::with_draw_target(target),
            builds: HashMap::new(),
            style,
            labels: many.then(Labels::default),
            color,
        }
    }

    /// The spinner of the event's build.
    fn bar(&mut self, event: &Event) -> ProgressBar {
        if let Some(bar) = self.builds.get(&event.build) {
            return bar.clone();
        }
        let bar = ProgressBar::new_spinner().with_style(self.style.clone());
        let bar = self.screen.add(bar);
        self.builds.insert(event.build.clone(), bar.clone());
        bar
    }

    fn paint(&self, text: &str, style: &str) -> String {
        if self.color {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// What an event leaves on the screen, and how much that matters.
    fn lines(&self, event: &Event) -> Vec<Line> {
        match &event.kind {
            EventKind::RunStarted { recipe, .. } => {
                let recipe = visible(recipe);
                vec![Line::detail(format!(
                    "minting {recipe}, build {}",
                    event.build
                ))]
            }
            EventKind::PhaseFinished {
                phase,
                outcome,
                duration_ms,
            } => {
                let mark = match outcome {
                    Outcome::Succeeded => self.paint("✓", GREEN),
                    Outcome::Failed => self.paint("✗", RED),
                    Outcome::Cancelled => self.paint("-", YELLOW),
                };
                let text = format!("{mark} {} {}", phase.name(), duration(*duration_ms));
                vec![Line {
                    text,
                    matters: *outcome != Outcome::Succeeded,
                }]
            }
            EventKind::StepOutput { text, .. } => {
                let line = |line| Line::detail(self.paint(&format!("    {}", visible(line)), DIM));
                text.lines().map(line).collect()
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
                vec![Line::of(
                    self.paint(&format!("  step {index} failed{code}"), RED),
                )]
            }
            EventKind::ResourceLeft { kind, id, reason } => {
                let line = format!("  left behind: {kind} {id}: {}", visible(reason));
                vec![Line::of(self.paint(&line, YELLOW))]
            }
            EventKind::ImageRetired { id, name } => {
                vec![Line::of(format!("  retired {id} ({})", visible(name)))]
            }
            EventKind::ImageCurrent { id, .. } => {
                vec![Line::of(format!("  {} is current", visible(id)))]
            }
            EventKind::FindingReported {
                severity, waived, ..
            } => {
                let line = format!("  {}", finding::of_event(&event.kind));
                let fails = severity == "error" && !waived;
                let style = if fails { RED } else { YELLOW };
                vec![Line::of(self.paint(&line, style))]
            }
            EventKind::Progress { message, .. } if message.starts_with("warning: ") => {
                vec![Line::of(self.paint(&visible(message), YELLOW))]
            }
            EventKind::CancelRequested => {
                let text = "interrupted; once more abandons what the build acquired";
                vec![Line::of(text.to_owned())]
            }
            EventKind::PhaseStarted { .. }
            | EventKind::Progress { .. }
            | EventKind::StepStarted { .. }
            | EventKind::StepFinished { .. }
            | EventKind::ResourceAcquired { .. }
            | EventKind::ResourceReleased { .. }
            | EventKind::UnwindStarted
            | EventKind::RunFinished { .. } => Vec::new(),
        }
    }
}

/// A line that stays on the screen.
struct Line {
    text: String,
    /// Whether it is shown when several builds share the screen.
    matters: bool,
}

impl Line {
    fn of(text: String) -> Self {
        let matters = true;
        Self { text, matters }
    }

    fn detail(text: String) -> Self {
        let matters = false;
        Self { text, matters }
    }
}

/// Moves a build's spinner on.
fn spin(bar: &ProgressBar, label: &str, event: &EventKind) {
    match event {
        EventKind::PhaseStarted { phase } => {
            bar.reset_elapsed();
            bar.set_prefix(format!("{label}{}", phase.name()));
            bar.set_message("");
            bar.enable_steady_tick(TICK);
        }
        EventKind::Progress { message, .. } => bar.set_message(visible(message)),
        EventKind::StepStarted { index, name, .. } => {
            bar.set_message(format!("step {index}: {}", visible(name)));
        }
        EventKind::PhaseFinished { .. } | EventKind::StepFinished { .. } => bar.set_message(""),
        EventKind::UnwindStarted => {
            bar.set_prefix(format!("{label}giving back what the build acquired"));
            bar.set_message("");
        }
        EventKind::RunFinished { .. } => bar.finish_and_clear(),
        _ => {}
    }
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const DIM: &str = "2";

impl Renderer for Progress {
    fn render(&mut self, event: &Event) -> io::Result<()> {
        let bar = self.bar(event);
        let labels = self.labels.as_mut();
        let label = labels.map(|labels| format!("{}: ", labels.of(event)));
        for line in self.lines(event) {
            match &label {
                None => bar.println(line.text),
                Some(label) if line.matters => bar.println(format!("{label}{}", line.text.trim())),
                Some(_) => {}
            }
        }
        spin(&bar, label.as_deref().unwrap_or_default(), &event.kind);
        if matches!(event.kind, EventKind::RunFinished { .. }) {
            self.builds.remove(&event.build);
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
        let mut progress = Progress::new(target, color, false);
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

    #[test]
    fn of_several_builds_only_what_matters_stays() {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let mut progress = Progress::new(target, false, true);
        for (good, bad) in script::good_build()
            .into_iter()
            .zip(script::failing_build())
        {
            let build = "another".to_owned();
            progress.render(&Event { build, ..good }).unwrap();
            progress.render(&bad).unwrap();
        }
        let lines = screen.lines.lock().unwrap().join("\n");
        assert!(lines.contains("demo: ✗ customize"), "{lines}");
        assert!(!lines.contains("✓"), "{lines}");
    }
}
