//! The hardening steps: one file each, its script beside it, one registry line here.

use crate::step::HardeningStep;

pub mod clear_application_logs;
pub mod clear_core_dumps;
pub mod clear_logs;
pub mod clear_mail_and_jobs;
pub mod clear_package_cache;
pub mod clear_package_history;
pub mod clear_shell_history;
pub mod clear_swap_files;
pub mod clear_temporary_files;
pub mod disable_password_ssh;
pub mod disable_root_ssh;
pub mod lock_passwords;
pub mod lock_root_password;
pub mod refuse_blank_passwords;
pub mod remove_account_backups;
pub mod remove_authorized_keys;
pub mod remove_build_credentials;
pub mod remove_config_backups;
pub mod remove_host_keys;
pub mod remove_login_grants;
pub mod remove_registrations;
pub mod remove_tls_keys;
pub mod reset_cloud_init;
pub mod reset_first_boot_secrets;
pub mod reset_machine_id;
pub mod reset_network;
pub mod reset_ssm_agent;
pub mod set_file_modes;
mod trace;

static STEPS: [HardeningStep; 28] = [
    clear_application_logs::STEP,
    clear_core_dumps::STEP,
    clear_logs::STEP,
    clear_mail_and_jobs::STEP,
    clear_package_cache::STEP,
    clear_package_history::STEP,
    clear_shell_history::STEP,
    clear_swap_files::STEP,
    clear_temporary_files::STEP,
    disable_password_ssh::STEP,
    disable_root_ssh::STEP,
    lock_passwords::STEP,
    lock_root_password::STEP,
    refuse_blank_passwords::STEP,
    remove_account_backups::STEP,
    remove_authorized_keys::STEP,
    remove_build_credentials::STEP,
    remove_config_backups::STEP,
    remove_host_keys::STEP,
    remove_login_grants::STEP,
    remove_registrations::STEP,
    remove_tls_keys::STEP,
    reset_cloud_init::STEP,
    reset_first_boot_secrets::STEP,
    reset_machine_id::STEP,
    reset_network::STEP,
    reset_ssm_agent::STEP,
    set_file_modes::STEP,
];

static ORDER: [&HardeningStep; 28] = [
    &disable_root_ssh::STEP,
    &disable_password_ssh::STEP,
    &lock_root_password::STEP,
    &lock_passwords::STEP,
    &refuse_blank_passwords::STEP,
    &remove_account_backups::STEP,
    &remove_host_keys::STEP,
    &remove_tls_keys::STEP,
    &remove_authorized_keys::STEP,
    &remove_build_credentials::STEP,
    &remove_login_grants::STEP,
    &remove_registrations::STEP,
    &clear_shell_history::STEP,
    &remove_config_backups::STEP,
    &clear_mail_and_jobs::STEP,
    &clear_package_history::STEP,
    &clear_package_cache::STEP,
    &clear_application_logs::STEP,
    &clear_logs::STEP,
    &reset_cloud_init::STEP,
    &reset_network::STEP,
    &reset_first_boot_secrets::STEP,
    &reset_machine_id::STEP,
    &reset_ssm_agent::STEP,
    &clear_core_dumps::STEP,
    &clear_swap_files::STEP,
    &clear_temporary_files::STEP,
    &set_file_modes::STEP,
];

/// The whole catalogue, by id.
pub fn steps() -> &'static [HardeningStep] {
    &STEPS
}

/// The whole catalogue, in the order in which steps can run together; see the profiles for its reasons.
pub fn in_order() -> impl Iterator<Item = &'static HardeningStep> {
    ORDER.iter().copied()
}

/// The step with this id.
pub fn step(id: &str) -> Option<&'static HardeningStep> {
    STEPS.iter().find(|step| step.id == id)
}

#[cfg(test)]
mod tests {
    use super::steps;
    use crate::rule::rule;
    use crate::step::Stage;

    #[test]
    fn ids_ascend_and_rules_exist() {
        assert!(steps().is_sorted_by(|one, other| one.id < other.id));
        for step in steps() {
            assert!(!step.rules.is_empty(), "{}", step.id);
            for id in step.rules {
                assert!(rule(id).is_some(), "{}: {id}", step.id);
            }
        }
    }

    #[test]
    fn every_step_has_its_place() {
        for step in steps() {
            assert_eq!(
                super::in_order().filter(|one| one.id == step.id).count(),
                1,
                "{}",
                step.id
            );
        }
        assert_eq!(super::in_order().count(), steps().len());
    }

    #[test]
    fn only_what_is_seen_can_be_asked() {
        for step in steps() {
            assert_eq!(
                step.live_check.is_some(),
                step.stage == Stage::Attached,
                "{}",
                step.id
            );
        }
    }

    #[test]
    fn a_password_is_deleted_before_the_account_is_locked() {
        let script = super::lock_root_password::STEP.script;
        let at = |command: &str| {
            script
                .lines()
                .position(|line| line == command)
                .unwrap_or_else(|| panic!("{command}"))
        };
        assert!(at("passwd -d root") < at("passwd -l root"));
    }

    #[test]
    fn scripts_stop_at_the_first_error_and_at_unset_variables() {
        for step in steps() {
            for script in [Some(step.script), step.live_check].into_iter().flatten() {
                assert!(script.starts_with("#!/bin/sh\n# "), "{}", step.id);
                assert!(script.contains("\nset -eu\n"), "{}", step.id);
                assert!(script.ends_with('\n'), "{}", step.id);
            }
        }
    }
}
