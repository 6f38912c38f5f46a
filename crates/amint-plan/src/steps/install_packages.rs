//! `install-packages`: one script, with the packages as its arguments.

use crate::plan::Action;

const SCRIPT: &str = include_str!("../../scripts/install-packages.sh");
const SHEBANG: &str = "#!/bin/sh\n";

/// The recipe's reader let only names of packages pass, so none of them is special to a shell or an option.
pub(super) fn actions(packages: &[String]) -> Vec<Action> {
    let body = SCRIPT.strip_prefix(SHEBANG).unwrap_or(SCRIPT);
    vec![Action::Run {
        script: format!("{SHEBANG}set -- {}\n{body}", packages.join(" ")),
    }]
}

/// The packages that a script of [`actions`] installs.
pub(crate) fn packages(script: &str) -> impl Iterator<Item = &str> {
    let line = script.lines().find_map(|line| line.strip_prefix("set -- "));
    line.into_iter().flat_map(|line| line.split(' '))
}
