//! Diagnostics as people read them: place, snippet, help.

use std::borrow::Cow;
use std::collections::BTreeSet;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::lint::secrets_in;
use crate::source::floor_char_boundary;
use crate::sources::Sources;
use crate::span::Span;

/// Lines longer than this, in bytes, are named but not shown.
const MAX_SHOWN_LINE: usize = 2048;

impl Diagnostics {
    /// Renders all of them, each with its place, the line that it is about and its hint.
    ///
    /// `color`: with terminal colours. Control characters of the recipe are never passed through.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let reports: Vec<String> = self
            .iter()
            .map(|diagnostic| render_one(diagnostic, self, &renderer))
            .collect();
        let mut text = reports.join("\n\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// One line that says which command explains the codes; `None` when there are none.
    pub fn more(&self) -> Option<String> {
        let codes: BTreeSet<_> = self.iter().map(|one| one.code).collect();
        let mut codes = codes.into_iter();
        let first = codes.next()?;
        let others: Vec<_> = codes.collect();
        Some(match others.is_empty() {
            true => format!("for more: amint explain {first}"),
            false => format!("for more: amint explain {first} (or {})", others.join(", ")),
        })
    }
}

fn render_one(diagnostic: &Diagnostic, all: &Diagnostics, renderer: &Renderer) -> String {
    let (sources, hidden) = (all.sources(), all.hidden());
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let path = diagnostic.file.as_str();
    let title = level
        .primary_title(pictured(&diagnostic.message))
        .id(diagnostic.code);
    let line = line_of(diagnostic, sources, hidden);
    let mut group = if line.text.len() > MAX_SHOWN_LINE {
        title.element(
            Origin::path(path)
                .line(diagnostic.line)
                .char_column(diagnostic.column),
        )
    } else {
        title.element(
            Snippet::source(&*line.text)
                .line_start(diagnostic.line)
                .path(path)
                .annotation(AnnotationKind::Primary.span(line.start..line.end)),
        )
    };
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(pictured(hint)));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(pictured(note)));
    }
    renderer.render(&[group])
}

/// The text with pictures of control characters, as the renderer itself makes them of titles and lines.
fn pictured(text: &str) -> String {
    let picture = |character: char| match character {
        '\u{7f}' => '\u{2421}',
        control if control.is_ascii_control() => {
            char::from_u32(0x2400 + u32::from(control)).unwrap_or('\u{fffd}')
        }
        control if control.is_control() => '\u{fffd}',
        other => other,
    };
    text.chars().map(picture).collect()
}

/// The line that a diagnostic starts on, and the marked bytes in it.
struct Line<'a> {
    text: Cow<'a, str>,
    start: usize,
    end: usize,
}

// Only that line is handed to the renderer: it looks at all the text that it is given.
fn line_of<'a>(diagnostic: &Diagnostic, sources: &'a Sources, hidden: &[Span]) -> Line<'a> {
    let source = sources.get(diagnostic.span.file);
    let text = source.map_or("", |source| source.text.as_str());
    let start = floor_char_boundary(text, diagnostic.span.start);
    let end = floor_char_boundary(text, diagnostic.span.end).max(start);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[start..]
        .find('\n')
        .map_or(text.len(), |newline| start + newline);
    let line = text[line_start..line_end].trim_end_matches('\r');
    let length = line.len();
    let line_span = Span {
        start: line_start,
        end: line_end,
        ..diagnostic.span
    };
    let text = match length > MAX_SHOWN_LINE {
        true => Cow::Borrowed(line),
        false => masked(line, line_span, hidden),
    };
    Line {
        text,
        start: (start - line_start).min(length),
        end: (end.min(line_end) - line_start).min(length),
    }
}

/// The line with stars for what must not be shown.
fn masked<'a>(line: &'a str, at: Span, hidden: &[Span]) -> Cow<'a, str> {
    let here = hidden
        .iter()
        .filter(|span| span.file == at.file && span.start < at.end && at.start < span.end)
        .map(|span| span.start.saturating_sub(at.start)..span.end - at.start);
    let ranges: Vec<_> = here.chain(secrets_in(line)).collect();
    // The renderer knows those of ASCII; the others have two bytes, as what is shown for them.
    let is_control = |character: char| character.is_control() && !character.is_ascii();
    if ranges.is_empty() && !line.contains(is_control) {
        return Cow::Borrowed(line);
    }
    let is_hidden = |at: usize| ranges.iter().any(|range| range.contains(&at));
    let characters = line.char_indices().map(|(offset, character)| {
        // Only what is one byte is replaced, so that places stay what they are; a secret has nothing else.
        match character.is_ascii_graphic() && is_hidden(offset) {
            true => '*',
            false if is_control(character) => '\u{b7}',
            false => character,
        }
    });
    Cow::Owned(characters.collect())
}
