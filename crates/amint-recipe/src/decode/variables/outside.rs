//! Values from outside that no variable takes.

use std::collections::BTreeSet;

use crate::code::Code;
use crate::decode::decoder::Decoder;
use crate::diagnostic::Problem;
use crate::given::{Given, Origin, environment_name};
use crate::span::Span;
use crate::suggest::nearest;

/// Whoever writes a name down means a variable of the recipe. An environment is shared by many: a name there is told only
/// when it nearly is one.
pub(super) fn check(decoder: &mut Decoder<'_>, at: Span, given: &Given, declared: &BTreeSet<&str>) {
    let unknown = |(name, _): &(&str, Origin)| !declared.contains(name);
    for (name, origin) in given.names().filter(unknown) {
        let known = nearest(name, declared.iter().copied());
        let (message, hint) = match (&origin, known) {
            (Origin::Argument, Some(known)) => (
                format!("`--var {name}` sets a variable that the recipe does not declare"),
                format!("did you mean `--var {known}=…`?"),
            ),
            (Origin::Argument, None) => (
                format!("`--var {name}` sets a variable that the recipe does not declare"),
                format!("declare `{name}` under `variables:`, or leave out `--var {name}=…`"),
            ),
            (place, Some(known)) => (
                format!("{place} sets `{name}`, which the recipe does not declare"),
                format!("did you mean `{known}`?"),
            ),
            (place, None) => (
                format!("{place} sets `{name}`, which the recipe does not declare"),
                format!("declare `{name}` under `variables:`, or remove it there"),
            ),
        };
        decoder.report(Problem::new(Code::UndeclaredOverride, at, message).hint(hint));
    }
    let known: BTreeSet<String> = declared.iter().map(|name| environment_name(name)).collect();
    let set: BTreeSet<&str> = given.environment().collect();
    for name in set.iter().filter(|name| !known.contains(**name)) {
        let unset = known.iter().map(String::as_str);
        let unset = unset.filter(|known| !set.contains(known));
        if let Some(meant) = near(name, unset) {
            decoder.report(
                Problem::new(
                    Code::UnknownEnvironment,
                    at,
                    format!("the environment variable `{name}` sets no variable of the recipe"),
                )
                .hint(format!("did you mean `{meant}`?"))
                .warning(),
            );
        }
    }
}

/// What they all begin with makes no name like another.
fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let bare = |name: &'a str| name.get(crate::given::ENVIRONMENT_PREFIX.len()..);
    let known: Vec<&str> = known.collect();
    let name = name.strip_prefix(crate::given::ENVIRONMENT_PREFIX)?;
    let meant = nearest(name, known.iter().filter_map(|known| bare(known)))?;
    known.into_iter().find(|known| bare(known) == Some(meant))
}
