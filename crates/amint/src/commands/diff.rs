//! `amint diff`: how recipes differ, by what they would build.

use std::path::Path;

use amint_event::ExitClass;
use amint_plan::Target;

use crate::cli::{Diff, DiffTarget};
use crate::error::{self, CommandError};
use crate::git::{Commit, Repository};
use crate::render::terminal;
use crate::review::approvals::Approvals;
use crate::review::compare::{self, Compared, Setting, Texts, Unusable};
use crate::review::version::{Text, Version};
use crate::review::{Review, ReviewError, format, pairs};
use crate::{output, recipe};

/// Where recipes are when nobody says.
const RECIPES: &str = "recipes";

/// What is compared.
#[derive(Debug, Eq, PartialEq)]
enum Form<'a> {
    Files(&'a Path, &'a Path),
    Revisions(&'a str, With<'a>, &'a [String]),
}

/// What a revision is compared with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum With<'a> {
    /// Another one.
    Revision(&'a str),
    /// Another one, since it left the first.
    Since(&'a str),
    /// What lies in the working tree.
    WorkingTree,
}

pub(super) fn run(arguments: &Diff) -> Result<ExitClass, CommandError> {
    let form = form(&arguments.versions, |path| path.exists())?;
    let mut setting = Setting {
        // Not the environment's: a review says the same wherever it is made.
        values: recipe::given(&arguments.variables)?.written_values(),
        target: match arguments.on {
            DiffTarget::Both => None,
            DiffTarget::Aws => Some(Target::Aws),
            DiffTarget::Local => Some(Target::Local),
        },
        approvals: Approvals::default(),
    };
    let list = arguments.require_approval.as_deref();
    let default = [RECIPES.to_owned()];
    let (review, broken) = match form {
        Form::Files(old, new) => files(old, new, list, &mut setting)?,
        Form::Revisions(left, with, paths) => {
            let paths = if paths.is_empty() { &default } else { paths };
            revisions(left, with, paths, list, &mut setting)?
        }
    };
    output::print(&format::text_of(&review, arguments.format)?)?;
    if list.is_some() && !format::names_entries(arguments.format) {
        output::note(&format::entries(&review));
    }
    for unusable in &broken {
        show(unusable);
    }
    match (broken.len(), review.unapproved()) {
        (0, 0) => Ok(ExitClass::Success),
        (0, count) => Err(ReviewError::Weakened {
            count,
            asked: list.is_some(),
        }
        .into()),
        (broken, _) => Err(ReviewError::Broken(broken).into()),
    }
}

/// What the words mean. Two files come first; a word with two dots that is a file too is refused, since one of the two
/// readings would be what nobody meant.
fn form<'a>(words: &'a [String], exists: impl Fn(&Path) -> bool) -> Result<Form<'a>, ReviewError> {
    let [first, rest @ ..] = words else {
        return Ok(Form::Revisions("HEAD", With::WorkingTree, words));
    };
    let is_there = |word: &str| exists(Path::new(word));
    let is_path = first.split('/').any(|part| part == "..");
    let or_head = |revision: &'a str| match revision {
        "" => "HEAD",
        revision => revision,
    };
    let since = first.split_once("...");
    let since = since.map(|(left, right)| (left, With::Since(or_head(right))));
    let range = since.or_else(|| {
        let (left, right) = first.split_once("..")?;
        Some((left, With::Revision(or_head(right))))
    });
    match (range, rest) {
        (Some(_), _) if !is_path && is_there(first) => Err(ReviewError::Ambiguous(first.clone())),
        (Some((left, with)), paths) if !is_path => Ok(Form::Revisions(or_head(left), with, paths)),
        (_, [second]) if is_there(first) && is_there(second) => {
            Ok(Form::Files(Path::new(first), Path::new(second)))
        }
        _ if is_there(first) => Err(ReviewError::OnePath(first.clone())),
        (_, paths) => Ok(Form::Revisions(first, With::WorkingTree, paths)),
    }
}

fn files(
    old: &Path,
    new: &Path,
    list: Option<&Path>,
    setting: &mut Setting,
) -> Result<(Review, Vec<Unusable>), ReviewError> {
    if let Some(list) = list {
        setting.approvals = found(Approvals::of_file(list)?, &list.display().to_string());
    }
    let texts = Texts {
        old: Some(Text::of_file(old)?),
        new: Some(Text::of_file(new)?),
        copied: false,
        named: true,
    };
    let compared = compare::all(&[texts], setting)?;
    let name = |path: &Path| path.display().to_string();
    Ok(review(name(old), name(new), list.map(name), compared))
}

fn revisions(
    left: &str,
    with: With<'_>,
    paths: &[String],
    list: Option<&Path>,
    setting: &mut Setting,
) -> Result<(Review, Vec<Unusable>), ReviewError> {
    let repository = Repository::around(Path::new("."))?;
    let called = |name: &str, commit: &Commit| {
        let id: String = commit.id().chars().take(12).collect();
        format!("{name} ({id})")
    };
    let (old, old_name) = match with {
        With::Since(right) => {
            let old = repository.merge_base(left, right)?;
            let name = called(&format!("where {right} left {left}"), &old);
            (old, name)
        }
        With::Revision(_) | With::WorkingTree => {
            let old = repository.commit(left)?;
            let name = called(left, &old);
            (old, name)
        }
    };
    let (new, new_name) = match with {
        With::Since(right) | With::Revision(right) => {
            let new = repository.commit(right)?;
            let name = called(right, &new);
            (Version::Commit(new), name)
        }
        With::WorkingTree => {
            let root = repository.working_tree()?.to_owned();
            (Version::Folder(root), "the working tree".to_owned())
        }
    };
    let mut shown_list = None;
    if let Some(list) = list {
        let path = repository.relative(list)?;
        let name = format!("{path} of {left}");
        setting.approvals = found(
            Approvals::of_commit(&repository.commit(left)?, &path)?,
            &name,
        );
        shown_list = Some(name);
    }
    let paths = paths
        .iter()
        .map(|path| repository.relative(Path::new(path)));
    let paths: Vec<String> = paths.collect::<Result<_, _>>()?;
    let old = Version::Commit(old);
    let candidates = pairs::find(&old, &new, &paths)?;
    let texts: Vec<Texts<'_>> = candidates
        .into_iter()
        .map(|candidate| Texts {
            old: candidate.old.map(|found| found.text(&old)),
            new: candidate.new.map(|found| found.text(&new)),
            copied: candidate.copied,
            named: false,
        })
        .collect();
    let compared = compare::all(&texts, setting)?;
    Ok(review(old_name, new_name, shown_list, compared))
}

/// A list that is not there approves of nothing, which whoever asked for it should know.
fn found(list: Option<Approvals>, name: &str) -> Approvals {
    list.unwrap_or_else(|| {
        output::note(&format!("there is no {name}: nothing is approved\n"));
        Approvals::default()
    })
}

fn review(
    old: String,
    new: String,
    approvals: Option<String>,
    compared: Compared,
) -> (Review, Vec<Unusable>) {
    let review = Review {
        old,
        new,
        recipes: compared.recipes,
        broken: compared.broken.len(),
        approvals,
    };
    (review, compared.broken)
}

fn show(unusable: &Unusable) {
    match unusable {
        Unusable::Text(diagnostics) => {
            let text = diagnostics.render(terminal::stderr_has_color());
            output::note(&format!("{text}\n"));
        }
        Unusable::Plan { path, source } => {
            let source = error::one_line(source);
            output::note(&format!("error: cannot plan {path}: {source}\n"));
        }
        Unusable::Lock { path, reason } => {
            output::note(&format!("error: cannot use {path}: {reason}\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn of(text: &str) -> String {
        let words = words(text);
        let files = ["a.yaml", "b.yaml", "../a.yaml", "x..y", "recipes"];
        match form(&words, |path| {
            files.iter().any(|file| path == Path::new(file))
        }) {
            Ok(form) => format!("{form:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn words_mean_files_or_revisions() {
        assert_eq!(of("a.yaml b.yaml"), r#"Files("a.yaml", "b.yaml")"#);
        assert_eq!(of("../a.yaml b.yaml"), r#"Files("../a.yaml", "b.yaml")"#);
        let revisions =
            |left, with: &str, paths: &str| format!("Revisions({left:?}, {with}, [{paths}])");
        assert_eq!(
            of("main..HEAD"),
            revisions("main", r#"Revision("HEAD")"#, "")
        );
        assert_eq!(
            of("main...v1.0 x"),
            revisions("main", r#"Since("v1.0")"#, r#""x""#)
        );
        assert_eq!(of("main.."), revisions("main", r#"Revision("HEAD")"#, ""));
        assert_eq!(
            of("main recipes"),
            revisions("main", "WorkingTree", r#""recipes""#)
        );
        assert_eq!(of("x..y b.yaml"), "x..y is a path, and two revisions");
        assert!(of("a.yaml").starts_with("a.yaml is a path"));
        assert!(of("a.yaml main").starts_with("a.yaml is a path"));
        assert!(form(&[], |_| true).is_ok());
    }
}
