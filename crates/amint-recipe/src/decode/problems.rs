//! The problems of a recipe: each once, however often what has it is included or expanded.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::code::Code;
use crate::diagnostic::{Diagnostics, MAX_DIAGNOSTICS, Problem, locate};
use crate::sources::Sources;
use crate::span::{FileId, Span};

/// Problems, in the order in which they were found.
#[derive(Default)]
pub(super) struct Problems {
    pub(super) found: Vec<Problem>,
    /// In which cells each was found.
    seen: HashMap<(Code, Span, String), Seen>,
    /// The cells so far, in words; one without a matrix.
    cells: Vec<String>,
    /// Whether problems are those of the last of them; else they are those of all.
    in_cell: bool,
    /// The includes that lead to what is decoded now, the recipe's own first.
    trail: Vec<Inclusion>,
    /// The includes that first led to each included file.
    leads: BTreeMap<FileId, Vec<Span>>,
}

/// One include.
#[derive(Clone)]
pub(super) struct Inclusion {
    /// The file that is included.
    pub(super) file: FileId,
    /// Its path.
    pub(super) path: String,
    /// Where it is included.
    pub(super) at: Span,
}

struct Seen {
    index: usize,
    first: usize,
    last: usize,
    count: usize,
}

impl Problems {
    /// From now on, problems are those of this cell.
    pub(super) fn begin_cell(&mut self, cell: &BTreeMap<String, String>) {
        self.cells.push(in_words(cell));
        self.in_cell = true;
    }

    /// From now on, problems are those of all cells.
    pub(super) fn end_cells(&mut self) {
        self.in_cell = false;
    }

    /// Whether nobody would read on.
    pub(super) fn are_too_many(&self) -> bool {
        self.found.len() > MAX_DIAGNOSTICS
    }

    pub(super) fn report(&mut self, problem: Problem) {
        let cell = self.cells.len().saturating_sub(1);
        let key = (problem.code, problem.span, problem.message.clone());
        if let Some(seen) = self.seen.get_mut(&key) {
            seen.count = seen.count.saturating_add(usize::from(seen.last != cell));
            seen.last = cell;
            return;
        }
        let seen = Seen {
            index: self.found.len(),
            first: cell,
            last: cell,
            count: if self.in_cell { 1 } else { usize::MAX },
        };
        self.seen.insert(key, seen);
        let trail = self.trail_to(problem.span.file);
        self.found.push(problem.included_at(trail));
    }

    /// Reports a problem unless there is one with its code and message, wherever that is.
    pub(super) fn report_once(&mut self, problem: Problem) {
        let same = |other: &Problem| other.code == problem.code && other.message == problem.message;
        if !self.found.iter().any(same) {
            self.report(problem);
        }
    }

    /// Says of the problems from `first` on how their text came to be read.
    pub(super) fn lead_to(&mut self, first: usize) {
        for index in first..self.found.len() {
            let trail = self.trail_to(self.found[index].span.file);
            self.found[index].trail = trail;
        }
    }

    /// The includes that lead to what is decoded now, the recipe's own first.
    pub(super) fn trail(&self) -> &[Inclusion] {
        &self.trail
    }

    /// Begins with what is included.
    pub(super) fn enter(&mut self, inclusion: Inclusion) {
        let file = inclusion.file;
        self.trail.push(inclusion);
        let trail = self.trail.iter().map(|one| one.at);
        self.leads.entry(file).or_insert_with(|| trail.collect());
    }

    /// Ends what [`Problems::enter`] began.
    pub(super) fn leave(&mut self) {
        self.trail.pop();
    }

    /// The includes that lead to a text: those that lead to it now, else those that first led there.
    fn trail_to(&self, file: FileId) -> Vec<Span> {
        match self.trail.iter().rposition(|one| one.file == file) {
            Some(last) => self.trail[..=last].iter().map(|one| one.at).collect(),
            None => self.leads.get(&file).cloned().unwrap_or_default(),
        }
    }

    /// The diagnostics, each with the cell that it is about, unless that is all of them.
    pub(super) fn diagnostics(mut self, sources: Arc<Sources>) -> Diagnostics {
        for seen in self.seen.values() {
            let cell = self.cells.get(seen.first).map_or("", String::as_str);
            if seen.count < self.cells.len() && !cell.is_empty() {
                let note = match seen.count - 1 {
                    0 => format!("only where {cell}"),
                    1 => format!("where {cell}, and in another cell of the matrix"),
                    others => format!("where {cell}, and in {others} other cells of the matrix"),
                };
                self.found[seen.index].notes.push(note);
            }
        }
        locate(self.found, sources)
    }
}

/// `architecture is arm64 and channel is edge`; nothing without a matrix.
pub(super) fn in_words(cell: &BTreeMap<String, String>) -> String {
    let axes = cell
        .iter()
        .map(|(axis, value)| format!("{axis} is {value}"));
    axes.collect::<Vec<_>>().join(" and ")
}
