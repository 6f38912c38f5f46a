//! What lints look at: what a recipe says, as far as it could be read.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::Range;

use super::place::{Runs, written};
use super::shell::{self, Command, Script};
use crate::recipe::{Allow, Base, Step};
use crate::source::floor_char_boundary;
use crate::sources::Sources;
use crate::span::Span;
use crate::template::Text;
use crate::template::trace::trace;

/// How much of a file beside the recipe is looked at, in bytes.
const MAX_LINTED: usize = 256 << 10;

/// How much of all texts of all cells is looked at, in bytes.
const MAX_LINTED_TEXTS: usize = 4 << 20;

/// What a text costs besides its bytes.
const OVERHEAD: usize = 32;

/// How many packages of a step are looked at.
const MAX_PACKAGES: usize = 1_000;

/// How many commands of all cells are looked at; a long recipe has a hundred.
const MAX_COMMANDS: usize = 100_000;

/// What is collected while a recipe is decoded. What has a problem of its own is there as far as it goes.
#[derive(Debug, Default)]
pub(crate) struct Material {
    /// Every string of the recipe and what it includes, once, whatever the cell.
    strings: Vec<Written>,
    seen: HashSet<Span>,
    /// How many of them were looked at in cells before.
    looked_at: usize,
    /// The steps, in order.
    pub(crate) steps: Vec<Piece>,
    /// The base images.
    pub(crate) base: Option<Base>,
    /// The builder's Region.
    pub(crate) region: Option<String>,
    /// Lints that are silenced.
    pub(crate) allow: Vec<Allow>,
    /// Whether a step is being decoded.
    in_step: bool,
    /// Bytes and commands that were looked at so far, those of other cells included.
    bytes: usize,
    commands: usize,
}

/// A string of the recipe as it is written, before templates.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// The step that it belongs to, by position.
    pub(crate) step: Option<usize>,
    runs: OnceCell<Option<Runs>>,
}

/// A step.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    /// The step, when it could be decoded.
    pub(crate) step: Option<Step>,
    /// Its scripts and files.
    pub(crate) passages: Vec<Passage>,
    /// Users and groups that it names, by `owner` or `group`.
    pub(crate) owners: Vec<(String, Span)>,
    /// Packages that it installs.
    pub(crate) packages: Vec<String>,
}

impl Piece {
    /// The step's name, given or not, when the step could be decoded.
    pub(crate) fn name(&self) -> Option<&str> {
        self.step.as_ref().map(|step| step.name.as_str())
    }
}

/// A script or a file's content, as the builder gets it.
#[derive(Debug)]
pub(crate) struct Passage {
    pub(crate) text: String,
    pub(crate) role: Role,
    origin: Origin,
    script: Script,
}

/// What a passage is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Role {
    /// A shell script that runs.
    Script,
    /// The content of the file at this path.
    Content(String),
}

#[derive(Debug)]
enum Origin {
    /// Written in the recipe.
    Inline {
        text: Text,
        /// From what was rendered to the template.
        rendered: OnceCell<Option<Runs>>,
        /// From the template to how it is written.
        written: OnceCell<Option<Runs>>,
    },
    /// A file beside the recipe, named here.
    Beside {
        path: String,
        span: Span,
        /// Where its lines end.
        lines: OnceCell<Vec<usize>>,
    },
}

/// Where something was found.
#[derive(Clone, Debug)]
pub(crate) enum Place<'a> {
    /// A value of the recipe.
    Span(Span, Option<usize>),
    /// A part of a string.
    Written(&'a Written, Range<usize>),
    /// A part of a step's script or file.
    Passage(&'a Passage, Range<usize>, usize),
}

/// A command, and where it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    pub(crate) step: usize,
    pub(crate) passage: &'a Passage,
    pub(crate) script: &'a Script,
    pub(crate) command: &'a Command,
    /// Its position among the script's commands.
    pub(crate) index: usize,
}

impl Material {
    /// Begins anew for another cell of the matrix.
    pub(crate) fn begin_cell(&mut self) {
        let before = std::mem::take(self);
        *self = Material {
            looked_at: before.strings.len(),
            strings: before.strings,
            seen: before.seen,
            bytes: before.bytes,
            commands: before.commands,
            ..Material::default()
        };
    }

    /// A step is decoded from now on.
    pub(crate) fn begin_step(&mut self) {
        self.steps.push(Piece::default());
        self.in_step = true;
    }

    /// No step is decoded any more.
    pub(crate) fn end_step(&mut self) {
        self.in_step = false;
    }

    /// What the last step came to.
    pub(crate) fn step(&mut self, step: &Step) {
        if let Some(piece) = self.steps.last_mut() {
            piece.step = Some(step.clone());
        }
    }

    /// Packages of the step that is being decoded.
    pub(crate) fn packages(&mut self, packages: &[String]) {
        if let Some(piece) = self.steps.last_mut() {
            piece.packages = packages.iter().take(MAX_PACKAGES).cloned().collect();
        }
    }

    /// A string of the recipe.
    pub(crate) fn string(&mut self, text: &str, span: Span) {
        if !self.seen.contains(&span) && self.has_room(text) {
            self.seen.insert(span);
            self.strings.push(Written {
                text: text.to_owned(),
                span,
                step: self.in_step.then(|| self.steps.len().saturating_sub(1)),
                runs: OnceCell::new(),
            });
        }
    }

    /// A script or file of the step that is being decoded.
    pub(crate) fn passage(&mut self, mut passage: Passage) {
        if !self.has_room(&passage.text) {
            return;
        }
        if passage.role == Role::Script {
            let room = MAX_COMMANDS.saturating_sub(self.commands);
            passage.script = shell::read(&passage.text, room.max(1));
            self.commands += passage.script.commands.len();
        }
        if let Some(piece) = self.steps.last_mut() {
            piece.passages.push(passage);
        }
    }

    fn has_room(&mut self, text: &str) -> bool {
        self.bytes = self.bytes.saturating_add(text.len() + OVERHEAD);
        self.bytes <= MAX_LINTED_TEXTS
    }

    /// The place of a value that stands in the recipe as it is; of one that does not, the recipe's beginning.
    pub(crate) fn value(&self, value: &str) -> Place<'_> {
        let found = self.strings.iter().find(|one| one.text == value);
        found.map_or(Place::Span(Span::default(), None), |one| {
            Place::Span(one.span, one.step)
        })
    }

    /// All commands of all scripts, in the order in which they run.
    pub(crate) fn commands(&self) -> impl Iterator<Item = At<'_>> {
        let passages = self.passages().filter(|(_, one)| one.role == Role::Script);
        passages.flat_map(|(step, passage)| {
            let script = passage.script();
            let at = move |(index, command)| At {
                step,
                passage,
                script,
                command,
                index,
            };
            script.commands.iter().enumerate().map(at)
        })
    }

    /// All scripts and files, each with its step's position.
    pub(crate) fn passages(&self) -> impl Iterator<Item = (usize, &Passage)> {
        let steps = self.steps.iter().enumerate();
        steps.flat_map(|(step, piece)| piece.passages.iter().map(move |one| (step, one)))
    }

    /// What people wrote: every string of the recipe, and the files beside it.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, Place<'_>)> {
        let strings = self.strings.get(self.looked_at..).unwrap_or_default();
        let strings = strings
            .iter()
            .map(|one| (one.text.as_str(), Place::Written(one, 0..0)));
        let beside = self.passages().filter(|(_, one)| one.is_beside());
        let beside = beside.map(|(step, one)| (one.text.as_str(), Place::Passage(one, 0..0, step)));
        strings.chain(beside)
    }
}

impl<'a> Place<'a> {
    /// Another part of the same text.
    pub(crate) fn part(&self, range: Range<usize>) -> Place<'a> {
        match self {
            Place::Span(span, step) => Place::Span(*span, *step),
            Place::Written(written, _) => Place::Written(written, range),
            Place::Passage(passage, _, step) => Place::Passage(passage, range, *step),
        }
    }

    /// The step that it is in.
    pub(crate) fn step(&self) -> Option<usize> {
        match self {
            Place::Span(_, step) => *step,
            Place::Written(written, _) => written.step,
            Place::Passage(_, _, step) => Some(*step),
        }
    }

    /// Where that is in the recipe; for a file beside it, also which line.
    pub(crate) fn locate(&self, sources: &Sources) -> (Span, Option<String>) {
        match self {
            Place::Span(span, _) => (*span, None),
            Place::Written(one, range) => {
                let scalar = sources.slice(one.span);
                let runs = one.runs.get_or_init(|| written(&one.text, scalar));
                let runs = runs.iter().collect::<Vec<_>>();
                (within(one.span, scalar, &runs, range), None)
            }
            Place::Passage(passage, range, _) => passage.locate(sources, range),
        }
    }
}

impl<'a> At<'a> {
    /// Where the command stands.
    pub(crate) fn place(&self) -> Place<'a> {
        self.part(self.command.range.clone())
    }

    /// Where a part of the script stands.
    pub(crate) fn part(&self, range: Range<usize>) -> Place<'a> {
        Place::Passage(self.passage, range, self.step)
    }

    /// The text of a here-document that the command reads.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (Range<usize>, &'a str)> {
        let indices = self.command.redirects.iter().filter_map(|one| one.document);
        let ranges = indices.filter_map(|index| self.script.documents.get(index));
        ranges.map(|range| (range.clone(), self.passage.slice(range)))
    }
}

impl Passage {
    /// A passage that is written in the recipe.
    pub(crate) fn inline(role: Role, text: Text, rendered: String) -> Passage {
        Passage {
            text: rendered,
            role,
            origin: Origin::Inline {
                text,
                rendered: OnceCell::new(),
                written: OnceCell::new(),
            },
            script: Script::default(),
        }
    }

    /// A file beside the recipe, which is named at `span`. Of a large one, only the beginning is looked at.
    pub(crate) fn beside(role: Role, path: &str, span: Span, text: &str) -> Passage {
        let text = text[..floor_char_boundary(text, MAX_LINTED)].to_owned();
        Passage {
            text,
            role,
            origin: Origin::Beside {
                path: path.to_owned(),
                span,
                lines: OnceCell::new(),
            },
            script: Script::default(),
        }
    }

    /// Its commands; none, unless it is a script.
    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    pub(crate) fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Whether a byte is of a value that was inserted.
    pub(crate) fn is_inserted(&self, at: usize) -> bool {
        self.rendered().is_some_and(|runs| !runs.has_origin(at))
    }

    /// How the text follows from its template, when it is written in the recipe.
    fn rendered(&self) -> Option<&Runs> {
        match &self.origin {
            Origin::Beside { .. } => None,
            Origin::Inline { text, rendered, .. } => {
                let runs = rendered.get_or_init(|| trace(text, &self.text));
                runs.as_ref()
            }
        }
    }

    fn is_beside(&self) -> bool {
        matches!(self.origin, Origin::Beside { .. })
    }

    fn locate(&self, sources: &Sources, range: &Range<usize>) -> (Span, Option<String>) {
        match &self.origin {
            Origin::Beside { path, span, lines } => {
                let ends = || self.text.match_indices('\n').map(|(at, _)| at).collect();
                let lines: &Vec<usize> = lines.get_or_init(ends);
                let line = 1 + lines.partition_point(|end| *end < range.start);
                (*span, Some(format!("`{path}` line {line}")))
            }
            Origin::Inline {
                text,
                written: known,
                ..
            } => {
                let scalar = sources.slice(text.span());
                let template = known.get_or_init(|| written(text.template(), scalar));
                let both = self.rendered().zip(template.as_ref());
                let runs: Vec<_> = both.into_iter().flat_map(|(one, two)| [one, two]).collect();
                (within(text.span(), scalar, &runs, range), None)
            }
        }
    }
}

/// The part of a scalar that a part of what was made of it comes from; all of it when that is not known.
fn within(span: Span, scalar: &str, runs: &[&Runs], range: &Range<usize>) -> Span {
    if runs.is_empty() {
        return span;
    }
    let origin = |made: usize| runs.iter().fold(made, |made, runs| runs.origin(made));
    let start = floor_char_boundary(scalar, origin(range.start));
    let last = floor_char_boundary(scalar, origin(range.end.saturating_sub(1).max(range.start)));
    let rest = scalar.get(last..).unwrap_or_default();
    // A value that is inserted is all of its `{{…}}`.
    let length = match rest.find("}}") {
        Some(end) if rest.starts_with("{{") => end + 2,
        _ => rest.chars().next().map_or(0, char::len_utf8),
    };
    let length = scalar.len().min(last.max(start) + length);
    span.inside(start.min(length), length)
}
