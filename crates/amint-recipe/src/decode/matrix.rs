//! `matrix:`: the axes, and the cells that they span.

use std::collections::{BTreeMap, BTreeSet};

use super::decoder::Decoder;
use super::variables::check_name;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::given::Given;
use crate::recipe::cell_label;
use crate::span::Span;
use crate::suggest::nearest;
use crate::yaml::node::{Entry, Node, Value};

/// How many cells a matrix may have, before some are excluded.
const MAX_CELLS: usize = 64;

/// The longest label of a cell, in bytes: it is part of names of files and images, and of a tag.
const MAX_LABEL: usize = 100;

/// The key that is no axis.
const EXCLUDE: &str = "exclude";

/// A value for each axis.
pub(super) type Cell = BTreeMap<String, String>;

/// The cells of a recipe.
pub(super) struct Matrix {
    /// In the order of the recipe, the last axis first to change; one without axes when there is no matrix.
    pub(super) cells: Vec<Cell>,
    /// Axes whose values are not known because of a problem that is reported already.
    pub(super) unset: BTreeSet<String>,
    /// Where its key stands.
    pub(super) span: Span,
}

/// One axis, with its values in order.
struct Axis<'n> {
    entry: &'n Entry,
    values: Vec<String>,
}

/// The cells that are left when each axis that `given` knows is restricted to the value there.
pub(super) fn decode(decoder: &mut Decoder<'_>, root: &Node, given: &Given) -> Matrix {
    let entry = match &root.value {
        Value::Mapping(entries) => entries.iter().find(|entry| entry.key == "matrix"),
        _ => None,
    };
    let Some(entry) = entry else {
        return Matrix {
            cells: vec![Cell::new()],
            unset: BTreeSet::new(),
            span: Span::default(),
        };
    };
    let (axes, sound) = axes(decoder, entry);
    let cells = sound.then(|| cells(decoder, entry, &axes, given));
    match cells.flatten() {
        Some(cells) => Matrix {
            cells,
            unset: BTreeSet::new(),
            span: entry.key_span,
        },
        None => {
            let names = || axes.iter().map(|axis| axis.entry.key.clone());
            Matrix {
                cells: vec![names().map(|name| (name, String::new())).collect()],
                unset: names().collect(),
                span: entry.key_span,
            }
        }
    }
}

/// The axes, and whether nothing is wrong with them.
fn axes<'n>(decoder: &mut Decoder<'_>, matrix: &'n Entry) -> (Vec<Axis<'n>>, bool) {
    let Value::Mapping(entries) = &matrix.node.value else {
        decoder.wrong_type(&matrix.node, "a mapping");
        return (Vec::new(), false);
    };
    let mut sound = true;
    let mut axes = Vec::new();
    for entry in entries.iter().filter(|entry| entry.key != EXCLUDE) {
        let named = check_name(decoder, entry);
        let values = values(decoder, entry);
        sound &= named && values.is_some();
        let values = values.unwrap_or_default();
        axes.push(Axis { entry, values });
    }
    let count = axes
        .iter()
        .try_fold(1usize, |count, axis| count.checked_mul(axis.values.len()));
    if axes.is_empty() || count.is_none_or(|count| count > MAX_CELLS) {
        let message = match axes.is_empty() {
            true => "the matrix has no axis".to_owned(),
            false => format!("the matrix has more than {MAX_CELLS} cells"),
        };
        bad(
            decoder,
            matrix.key_span,
            message,
            "write `matrix: { architecture: [x86_64, arm64] }`, or split the recipe",
        );
        sound = false;
    }
    (axes, sound)
}

fn values(decoder: &mut Decoder<'_>, axis: &Entry) -> Option<Vec<String>> {
    let nodes = decoder.sequence(&axis.node)?;
    if nodes.is_empty() {
        let message = format!("the axis `{}` has no value", axis.key);
        bad(
            decoder,
            axis.key_span,
            message,
            "name one, or remove the axis",
        );
        return None;
    }
    let mut values: Vec<String> = Vec::new();
    let mut sound = true;
    for node in nodes {
        let Some(value) = decoder.written(node) else {
            sound = false;
            continue;
        };
        if !is_value(value) {
            bad(
                decoder,
                node.span,
                format!("`{value}` cannot be a value of an axis"),
                "use letters, digits and `.+_-`, a letter or digit first, at most 64: it is part of file names",
            );
            sound = false;
        } else if values.iter().any(|other| other == value) {
            let message = format!("`{value}` is in this list already");
            let problem = Problem::new(Code::DuplicateItem, node.span, message);
            decoder.report(problem.hint("remove one of the two"));
            sound = false;
        }
        values.push(value.to_owned());
    }
    sound.then_some(values)
}

fn is_value(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".+_-".contains(&byte))
}

/// The cells that are left; `None` when a problem was reported.
fn cells(
    decoder: &mut Decoder<'_>,
    matrix: &Entry,
    axes: &[Axis<'_>],
    given: &Given,
) -> Option<Vec<Cell>> {
    let excluded = excluded(decoder, matrix, axes)?;
    let mut cells = vec![Cell::new()];
    for axis in axes {
        let name = &axis.entry.key;
        let mut values = axis.values.clone();
        let wanted = given.value(name);
        if let Some((wanted, _)) = &wanted {
            values.retain(|value| value == wanted);
        }
        if let Some((wanted, origin)) = wanted.filter(|_| values.is_empty()) {
            let message = format!("`{wanted}` from {origin} is no value of the axis `{name}`");
            let problem = Problem::new(Code::NoSuchCell, axis.entry.key_span, message);
            decoder.report(problem.hint(format!("there are `{}`", axis.values.join("`, `"))));
            return None;
        }
        let with = |cell: Cell| {
            values.iter().map(move |value| {
                let mut cell = cell.clone();
                cell.insert(name.clone(), value.clone());
                cell
            })
        };
        cells = cells.into_iter().flat_map(with).collect();
    }
    cells.retain(|cell| !excluded.iter().any(|one| matches(cell, one)));
    if cells.is_empty() {
        let message = "no cell of the matrix is left".to_owned();
        let problem = Problem::new(Code::NoSuchCell, matrix.key_span, message);
        decoder.report(problem.hint("exclude less, or choose other values with `--var`"));
        return None;
    }
    let mut labels = BTreeSet::new();
    for cell in &cells {
        let label = cell_label(cell);
        if label.len() > MAX_LABEL || !labels.insert(label.clone()) {
            let message = format!("`{label}` cannot name a cell of the matrix");
            let hint = format!(
                "cells are named by their values: at most {MAX_LABEL} characters, and no two cells alike"
            );
            bad(decoder, matrix.key_span, message, &hint);
            return None;
        }
    }
    Some(cells)
}

/// What is excluded: the values of some axes. `None` when a problem was reported.
fn excluded(decoder: &mut Decoder<'_>, matrix: &Entry, axes: &[Axis<'_>]) -> Option<Vec<Cell>> {
    let Value::Mapping(entries) = &matrix.node.value else {
        return None;
    };
    let Some(entry) = entries.iter().find(|entry| entry.key == EXCLUDE) else {
        return Some(Vec::new());
    };
    let nodes = decoder.sequence(&entry.node)?;
    let excluded: Vec<_> = nodes
        .iter()
        .map(|node| exclusion(decoder, node, axes))
        .collect();
    excluded.into_iter().collect()
}

fn exclusion(decoder: &mut Decoder<'_>, node: &Node, axes: &[Axis<'_>]) -> Option<Cell> {
    let Value::Mapping(entries) = &node.value else {
        decoder.wrong_type(node, "a mapping");
        return None;
    };
    if entries.is_empty() {
        bad(
            decoder,
            node.span,
            "this would exclude every cell".to_owned(),
            "name the axes and values of the cells to exclude",
        );
        return None;
    }
    let mut cell = Cell::new();
    for entry in entries {
        let Some(axis) = axes.iter().find(|axis| axis.entry.key == entry.key) else {
            let known = || axes.iter().map(|axis| axis.entry.key.as_str());
            let hint = match nearest(&entry.key, known()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("there are `{}`", known().collect::<Vec<_>>().join("`, `")),
            };
            let message = format!("the matrix has no axis `{}`", entry.key);
            let problem = Problem::new(Code::NoSuchCell, entry.key_span, message);
            decoder.report(problem.hint(hint));
            return None;
        };
        let value = decoder.written(&entry.node)?;
        if !axis.values.iter().any(|known| known == value) {
            let message = format!("the axis `{}` has no value `{value}`", entry.key);
            let problem = Problem::new(Code::NoSuchCell, entry.node.span, message);
            decoder.report(problem.hint(format!("there are `{}`", axis.values.join("`, `"))));
            return None;
        }
        cell.insert(entry.key.clone(), value.to_owned());
    }
    Some(cell)
}

/// Whether a cell has these values.
fn matches(cell: &Cell, values: &Cell) -> bool {
    values
        .iter()
        .all(|(axis, value)| cell.get(axis) == Some(value))
}

/// The problem of a recipe that stands for several images, where one is needed.
pub(super) fn several(matrix: &Matrix) -> Option<Problem> {
    let first = matrix.cells.first()?;
    let choice: Vec<_> = first
        .iter()
        .map(|(axis, value)| format!("`--var {axis}={value}`"))
        .collect();
    let count = matrix.cells.len();
    let message = format!("the recipe stands for {count} images, and one is needed here");
    let problem = Problem::new(Code::SeveralCells, matrix.span, message);
    Some(problem.hint(format!("choose one, such as {}", choice.join(" "))))
}

fn bad(decoder: &mut Decoder<'_>, span: Span, message: String, hint: &str) {
    decoder.report(Problem::new(Code::BadMatrix, span, message).hint(hint));
}
