//! Two texts to plans, plans to what changed.

use std::collections::{BTreeMap, BTreeSet};

use amint_plan::diff::text;
use amint_plan::lock::{LockFile, SUFFIX};
use amint_plan::{BuildPlan, Change, Detail, Place, PlanError, Target, diff};
use amint_recipe::recipe::cell_label;
use amint_recipe::{
    Diagnostics, FileError, Files, Outline, PLACEHOLDER_BUILD_ID, Recipe, Severity,
};

use super::approvals::Approvals;
use super::error::ReviewError;
use super::included::Included;
use super::lines::Line;
use super::version::{Recorded, Text};
use super::{Located, Pair, Reviewed, cells, placeholders, unplanned};
use crate::{error, hex, parallel, recipe, secrets};

/// What plans are made with, on both sides.
#[derive(Debug)]
pub(crate) struct Setting {
    /// What `--var` sets.
    pub(crate) values: BTreeMap<String, String>,
    /// The only target to look at; all that a recipe has otherwise.
    pub(crate) target: Option<Target>,
    /// The signed-off list.
    pub(crate) approvals: Approvals,
}

/// Two texts to compare; at least one of them is there.
pub(crate) struct Texts<'a> {
    pub(crate) old: Option<Text<'a>>,
    pub(crate) new: Option<Text<'a>>,
    /// Whether the old one is still there, at another path.
    pub(crate) copied: bool,
    /// Whether both were named, so that their names say nothing.
    pub(crate) named: bool,
}

/// What came of all comparisons.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// The recipes that differ.
    pub(crate) recipes: Vec<Reviewed>,
    /// Recipes of the new version that cannot be used.
    pub(crate) broken: Vec<Unusable>,
}

/// Why a recipe has no plans.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// Its text is wrong.
    Text(Diagnostics),
    /// It cannot be planned.
    Plan { path: String, source: PlanError },
    /// Its lock file cannot be read.
    Lock { path: String, reason: String },
}

/// One side of a comparison.
struct Side {
    /// One a cell of its matrix.
    recipes: Vec<Recipe>,
    outline: Outline,
    /// The files of steps that they include.
    included: Included,
    /// By what they are for.
    plans: BTreeMap<String, BuildPlan>,
}

/// What came of one comparison.
enum Outcome {
    Same,
    Different(Reviewed),
    Broken(Unusable),
}

/// Compares texts, on all processors.
///
/// # Errors
/// When `--var` sets what no recipe declares.
pub(crate) fn all(texts: &[Texts<'_>], setting: &Setting) -> Result<Compared, ReviewError> {
    let outcomes = parallel::map(texts, |texts| {
        let mut used = BTreeSet::new();
        let outcome = one(texts, setting, &mut used);
        (outcome, used)
    });
    let mut compared = Compared::default();
    let mut known = BTreeSet::new();
    let looked = !outcomes.is_empty();
    for (outcome, used) in outcomes {
        known.extend(used);
        match outcome {
            Outcome::Same => {}
            Outcome::Different(reviewed) => compared.recipes.push(reviewed),
            Outcome::Broken(unusable) => compared.broken.push(unusable),
        }
    }
    let unknown = setting.values.keys().find(|name| !known.contains(*name));
    match unknown {
        Some(name) if looked => Err(ReviewError::UnknownVariable(name.clone())),
        _ => Ok(compared),
    }
}

fn one(texts: &Texts<'_>, setting: &Setting, used: &mut BTreeSet<String>) -> Outcome {
    let old_files = texts
        .old
        .as_ref()
        .map(|old| Recorded::new(old.files.as_ref()));
    let old = match (&texts.old, &old_files) {
        (Some(text), Some(files)) => Some(side(text, files, setting, used)),
        _ => None,
    };
    if let (Some(was), Some(is), Some(files)) = (&texts.old, &texts.new, old_files) {
        let same_text = was.source.text == is.source.text;
        let same_name = texts.named || was.source.path == is.source.path;
        let same = same_text && same_name && files.are_same_in(is.files.as_ref());
        // What was as wrong before is not this change's doing; whoever names two files wants to know.
        if same && (!texts.named || matches!(old, Some(Ok(_)))) {
            return Outcome::Same;
        }
    }
    let new = match texts
        .new
        .as_ref()
        .map(|text| side(text, text.files.as_ref(), setting, used))
    {
        Some(Ok(side)) => Some(side),
        Some(Err(unusable)) => return Outcome::Broken(unusable),
        None => None,
    };
    let mut found = Found::default();
    let (old, reason) = match old {
        Some(Ok(side)) => (Some(side), None),
        Some(Err(unusable)) => (None, Some(unusable.in_one_line())),
        None => (None, None),
    };
    found.texts(texts, reason.as_deref(), old.as_ref(), new.as_ref());
    found.plans(old.as_ref(), new.as_ref());
    found.finish(texts, new.as_ref(), setting)
}

/// A recipe's plans, resolved so that they can be compared.
fn side(
    text: &Text<'_>,
    files: &dyn Files,
    setting: &Setting,
    used: &mut BTreeSet<String>,
) -> Result<Side, Unusable> {
    let outline = Outline::of(&text.source);
    let values = placeholders::values(&outline, &setting.values, used);
    let values = values.into_iter().collect();
    let recipes = recipe::cells(&text.source, &values, files).map_err(Unusable::Text)?;
    let lock = lock(text, files)?;
    let mut plans = BTreeMap::new();
    for recipe in &recipes {
        let has = [
            ("aws", Target::Aws, recipe.base.aws.is_some()),
            ("local", Target::Local, recipe.base.local.is_some()),
        ];
        for (name, target, has) in has {
            if has && setting.target.is_none_or(|only| only == target) {
                let plan = amint_plan::resolve(recipe, target, PLACEHOLDER_BUILD_ID);
                let plan = plan.map_err(|source| Unusable::Plan {
                    path: text.path(),
                    source,
                })?;
                let locked = lock.as_ref().and_then(|lock| lock.base(&plan)).cloned();
                let plan = match locked {
                    Some(base) => plan.locked_to(base),
                    None => plan,
                };
                plans.insert(label(name, &recipe.matrix), plan);
            }
        }
    }
    Ok(Side {
        included: Included::of(&text.source, &recipes),
        recipes,
        outline,
        plans,
    })
}

/// The lock file of the same version.
fn lock(text: &Text<'_>, files: &dyn Files) -> Result<Option<LockFile>, Unusable> {
    let unusable = |reason: String| Unusable::Lock {
        path: text.path() + SUFFIX,
        reason,
    };
    let bytes = match files.read(&(text.source.file_name() + SUFFIX)) {
        Ok(bytes) => bytes,
        Err(FileError::Missing) => return Ok(None),
        Err(error) => return Err(unusable(error::one_line(&error))),
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| unusable("it is no text".to_owned()))?;
    let lock = LockFile::parse(text).map_err(|error| unusable(error::one_line(&error)))?;
    Ok(Some(lock))
}

/// What a plan is for: a target, and the cell where there is a matrix.
fn label(target: &str, cell: &BTreeMap<String, String>) -> String {
    match cell.is_empty() {
        true => target.to_owned(),
        false => format!("{target} {}", cell_label(cell)),
    }
}

/// What was found so far.
#[derive(Default)]
struct Found {
    pairs: Vec<Pair>,
    /// In the order in which they were found, with the pairs that have them.
    changes: Vec<(Change, Vec<usize>)>,
}

impl Found {
    /// What is said of the texts.
    fn texts(
        &mut self,
        texts: &Texts<'_>,
        reason: Option<&str>,
        old: Option<&Side>,
        new: Option<&Side>,
    ) {
        let mut changes: Vec<Change> = reason.map(text::unreadable).into_iter().collect();
        if let (Some(was), Some(is), false) = (&texts.old, &texts.new, texts.named) {
            let (was, is) = (was.path(), is.path());
            if texts.copied {
                changes.push(text::copied(&was, &is));
            } else if was != is {
                changes.push(text::moved(&was, &is));
            }
        }
        if let (Some(old), Some(new)) = (old, new) {
            let old = (&old.outline, &old.included);
            let new = (&new.outline, &new.included);
            changes.extend(unplanned::changes(old, new));
        }
        if changes.is_empty() {
            return;
        }
        // What an approval of the texts is for: included ones too, or it would be one of whatever they become.
        let digest = |text: &Option<Text<'_>>, side: Option<&Side>| {
            let text = &text.as_ref()?.source.text;
            Some(match side {
                Some(side) => side.included.digest_with(text),
                None => hex::sha256(text),
            })
        };
        self.pairs.push(Pair {
            label: Pair::TEXT.to_owned(),
            old: digest(&texts.old, old),
            new: digest(&texts.new, new),
            approval: None,
        });
        self.changes
            .extend(changes.into_iter().map(|change| (change, vec![0])));
    }

    /// What plans say, each change once, however many have it.
    fn plans(&mut self, old: Option<&Side>, new: Option<&Side>) {
        let none = BTreeMap::new();
        let (old, new) = (
            old.map_or(&none, |side| &side.plans),
            new.map_or(&none, |side| &side.plans),
        );
        for (was, is) in cells::pairs(old, new) {
            let (old, new) = (
                was.and_then(|was| old.get(was)),
                is.and_then(|is| new.get(is)),
            );
            let diff = diff(old, new);
            let index = self.pairs.len();
            self.pairs.push(Pair {
                label: cells::name((was, is)),
                old: diff.old_digest,
                new: diff.new_digest,
                approval: None,
            });
            for change in diff.changes {
                // Texts too: what one cell's script does may not stand for another's.
                let mut changes = self.changes.iter_mut();
                let known = changes.find(|(known, _)| *known == change);
                match known {
                    Some((_, of)) => of.push(index),
                    None => self.changes.push((change, vec![index])),
                }
            }
        }
    }

    fn finish(mut self, texts: &Texts<'_>, new: Option<&Side>, setting: &Setting) -> Outcome {
        if self.changes.is_empty() {
            return Outcome::Same;
        }
        let (was, is) = (
            texts.old.as_ref().map(Text::path),
            texts.new.as_ref().map(Text::path),
        );
        let path = is.or_else(|| was.clone()).unwrap_or_default();
        for pair in &mut self.pairs {
            let approval = setting
                .approvals
                .find(&path, pair.old.as_deref(), pair.new.as_deref());
            pair.approval = approval.cloned();
        }
        let line = |place: &Place| match new {
            Some(side) => Line::of(place, &side.recipes, &side.outline),
            None => Line::start(&path),
        };
        let changes = self.changes.into_iter();
        let mut changes: Vec<Located> = changes
            .map(|(change, of)| Located {
                line: line(&change.place),
                change: said(change),
                of,
            })
            .collect();
        // Stable: within a class, the plan's order stays.
        changes.sort_by_key(|one| one.change.class);
        Outcome::Different(Reviewed {
            was: was.filter(|was| *was != path && !texts.named),
            path,
            pairs: self.pairs,
            changes,
        })
    }
}

impl Unusable {
    fn in_one_line(&self) -> String {
        match self {
            Self::Text(diagnostics) => {
                let mut errors = diagnostics
                    .iter()
                    .filter(|one| one.severity == Severity::Error);
                errors.next().map_or_else(String::new, |first| {
                    format!("{} (line {}, {})", first.message, first.line, first.code)
                })
            }
            Self::Plan { source, .. } => error::one_line(source),
            Self::Lock { path, reason } => format!("{path}: {reason}"),
        }
    }
}

/// A change as it is told: no secret of this process is in it, wherever a recipe has one, and the build's id, which plans to
/// be compared have none of, is what the recipe calls it.
fn said(change: Change) -> Change {
    let masks = secrets::masks();
    let mask = |text: String| {
        let text = text.replace(PLACEHOLDER_BUILD_ID, "{{build.id}}");
        masks.text(&text).into_owned()
    };
    Change {
        message: mask(change.message),
        old: change.old.map(mask),
        new: change.new.map(mask),
        detail: change.detail.map(|detail| match detail {
            Detail::Script { old, new } => Detail::Script {
                old: old.map(mask),
                new: new.map(mask),
            },
            Detail::File { path, old, new } => Detail::File {
                path: mask(path),
                old: old.map(mask),
                new: new.map(mask),
            },
        }),
        ..change
    }
}
