//! Lines, for logs: each with the time since the build began.

use std::io::{self, Write};

use amint_event::{Event, EventKind, Outcome};

use super::Renderer;
use super::finding;
use super::labels::Labels;
use super::text::{duration, visible};

/// Writes lines.
pub(crate) struct Plain<W> {
    output: W,
    /// The recipes of the builds, where there are several.
    labels: Option<Labels>,
}

impl<W: Write> Plain<W> {
    /// `many`: several builds write at the same time, and each line says whose it is.
    pub(crate) fn new(output: W, many: bool) -> Self {
        let labels = many.then(Labels::default);
        Self { output, labels }
    }
}

impl<W: Write + Send> Renderer for Plain<W> {
    fn render(&mut self, event: &Event) -> io::Result<()> {
        let elapsed = duration(event.elapsed_ms);
        let label = match &mut self.labels {
            Some(labels) => format!("{}  ", labels.of(event)),
            None => String::new(),
        };
        let mut text = String::new();
        for line in lines(event) {
            text.push_str(format!("{elapsed:>7}  {label}{line}").trim_end());
            text.push('\n');
        }
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }
}

/// The lines for one event: phases at the margin, what happens in them indented, output deeper.
fn lines(event: &Event) -> Vec<String> {
    let line = match &event.kind {
        EventKind::RunStarted {
            recipe,
            steps,
            resumed,
            ..
        } => {
            let what = if *resumed { "going on with" } else { "minting" };
            let (recipe, build) = (visible(recipe), &event.build);
            format!("{what} {recipe}: {steps} steps, build {build}")
        }
        EventKind::PhaseStarted { phase } => phase.name().to_owned(),
        EventKind::Progress { message, .. } => format!("  {}", visible(message)),
        EventKind::PhaseFinished {
            phase,
            outcome,
            duration_ms,
        } => {
            format!(
                "{} {} {}",
                phase.name(),
                ended(*outcome),
                duration(*duration_ms)
            )
        }
        EventKind::StepStarted { index, name, step } => {
            format!("  step {index}: {} ({step})", visible(name))
        }
        EventKind::StepOutput { text, .. } => {
            return text
                .lines()
                .map(|line| format!("    {}", visible(line)))
                .collect();
        }
        EventKind::StepFinished {
            index,
            outcome,
            exit_code,
            duration_ms,
        } => {
            let code = match exit_code {
                Some(code) if *code != 0 => format!(", exit code {code}"),
                _ => String::new(),
            };
            format!(
                "  step {index} {} {}{code}",
                ended(*outcome),
                duration(*duration_ms)
            )
        }
        EventKind::ResourceAcquired { kind, id } => format!("  acquired {kind} {id}"),
        EventKind::ResourceReleased { kind, id } => format!("  released {kind} {id}"),
        EventKind::ResourceLeft { kind, id, reason } => {
            format!("  left behind: {kind} {id}: {}", visible(reason))
        }
        EventKind::ImageRetired { id, name } => format!("  retired {id} ({})", visible(name)),
        EventKind::ImageCurrent { id, .. } => format!("  {} is current", visible(id)),
        EventKind::FindingReported { .. } => format!("  {}", finding::of_event(&event.kind)),
        EventKind::CancelRequested => "interrupted".to_owned(),
        EventKind::UnwindStarted => "giving back what the build acquired".to_owned(),
        EventKind::RunFinished { outcome, .. } => {
            format!("build {} {}", ended(*outcome), duration(event.elapsed_ms))
        }
    };
    vec![line]
}

fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "finished in",
        Outcome::Failed => "failed after",
        Outcome::Cancelled => "cancelled after",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::script;

    fn rendered(events: &[Event]) -> String {
        let mut output = Vec::new();
        for event in events {
            Plain::new(&mut output, false).render(event).unwrap();
        }
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn a_good_build() {
        insta::assert_snapshot!(rendered(&script::good_build()));
    }

    #[test]
    fn a_failing_build() {
        insta::assert_snapshot!(rendered(&script::failing_build()));
    }
}
