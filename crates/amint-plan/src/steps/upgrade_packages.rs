//! `upgrade-packages`: one script.

use crate::plan::Action;

pub(super) fn actions() -> Vec<Action> {
    vec![Action::Run {
        script: include_str!("../../scripts/upgrade-packages.sh").to_owned(),
    }]
}
