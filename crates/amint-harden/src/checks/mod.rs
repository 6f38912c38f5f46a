//! What is only read back: one file each, one registry line here.

use crate::check::Check;

pub mod accounts;
pub mod audit_logs;
pub mod encryption;
pub mod homes;
pub mod operating_system;
pub mod ownership;
pub mod portability;
pub mod remote_access;
pub mod root_password;
pub mod search_path;
pub mod stored_passwords;

static CHECKS: [Check; 11] = [
    accounts::CHECK,
    audit_logs::CHECK,
    encryption::CHECK,
    homes::CHECK,
    operating_system::CHECK,
    ownership::CHECK,
    portability::CHECK,
    remote_access::CHECK,
    root_password::CHECK,
    search_path::CHECK,
    stored_passwords::CHECK,
];

/// All checks, by id.
pub fn checks() -> &'static [Check] {
    &CHECKS
}

/// The check with this id.
pub fn check(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}

#[cfg(test)]
mod tests {
    use super::checks;
    use crate::rule::rule;
    use crate::steps::step;

    #[test]
    fn ids_ascend_and_rules_exist() {
        assert!(checks().is_sorted_by(|one, other| one.id < other.id));
        for check in checks() {
            assert!(step(check.id).is_none(), "{} is a step, too", check.id);
            assert!(!check.rules.is_empty(), "{}", check.id);
            for id in check.rules {
                assert!(rule(id).is_some(), "{}: {id}", check.id);
            }
        }
    }
}
