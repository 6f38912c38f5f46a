//! Named, versioned lists of hardening steps and checks.

use crate::check::Check;
use crate::checks;
use crate::step::{HardeningStep, Stage};
use crate::steps;

/// A named, versioned list of hardening steps and checks. Another list is another version.
#[derive(Debug)]
pub struct Profile {
    /// Its name in recipes.
    pub name: &'static str,
    /// Its version: grows with every change of the lists.
    pub version: u32,
    /// What it is for.
    pub title: &'static str,
    /// Its steps, in the order in which they run.
    pub steps: &'static [&'static HardeningStep],
    /// What else is read back, by id.
    pub checks: &'static [&'static Check],
}

/// The order matters: sshd is asked while it can still answer; accounts come before the copies that changing them
/// makes; logs come late, because the steps before may have written some. The SSM agent's account goes after the steps
/// that find homes by the account file, and without making copies of it.
static MARKETPLACE_LINUX: Profile = Profile {
    name: "marketplace-linux",
    version: 3,
    title: "what AWS Marketplace and AWS's guidance for shared images ask of a Linux image",
    steps: &[
        &steps::disable_root_ssh::STEP,
        &steps::disable_password_ssh::STEP,
        &steps::lock_root_password::STEP,
        &steps::lock_passwords::STEP,
        &steps::refuse_blank_passwords::STEP,
        &steps::remove_account_backups::STEP,
        &steps::remove_host_keys::STEP,
        &steps::remove_tls_keys::STEP,
        &steps::remove_authorized_keys::STEP,
        &steps::remove_build_credentials::STEP,
        &steps::remove_login_grants::STEP,
        &steps::remove_registrations::STEP,
        &steps::clear_shell_history::STEP,
        &steps::remove_config_backups::STEP,
        &steps::clear_mail_and_jobs::STEP,
        &steps::clear_package_history::STEP,
        &steps::clear_package_cache::STEP,
        &steps::clear_application_logs::STEP,
        &steps::clear_logs::STEP,
        &steps::reset_cloud_init::STEP,
        &steps::reset_network::STEP,
        &steps::reset_first_boot_secrets::STEP,
        &steps::reset_machine_id::STEP,
        &steps::reset_ssm_agent::STEP,
        &steps::clear_core_dumps::STEP,
        &steps::clear_swap_files::STEP,
        &steps::clear_temporary_files::STEP,
    ],
    checks: &[
        &checks::encryption::CHECK,
        &checks::operating_system::CHECK,
        &checks::portability::CHECK,
        &checks::remote_access::CHECK,
        &checks::stored_passwords::CHECK,
    ],
};

/// The guide says nothing of packages, mail and registrations, and of accounts other than root: what it is silent about
/// is left as it is.
static SHARED_AMI: Profile = Profile {
    name: "shared-ami",
    version: 1,
    title: "what AWS's guidance for shared images asks, and no more",
    steps: &[
        &steps::disable_root_ssh::STEP,
        &steps::lock_root_password::STEP,
        &steps::remove_account_backups::STEP,
        &steps::remove_host_keys::STEP,
        &steps::remove_authorized_keys::STEP,
        &steps::remove_build_credentials::STEP,
        &steps::clear_shell_history::STEP,
        &steps::clear_application_logs::STEP,
        &steps::clear_logs::STEP,
        &steps::reset_cloud_init::STEP,
        &steps::reset_first_boot_secrets::STEP,
        &steps::reset_machine_id::STEP,
        &steps::reset_ssm_agent::STEP,
        &steps::clear_temporary_files::STEP,
    ],
    checks: &[],
};

/// Its audience builds images that are not published: nothing of the builder's is removed but what lets somebody in.
static CIS_HYGIENE: Profile = Profile {
    name: "cis-hygiene",
    version: 1,
    title: "accounts, homes, owners and rights as the CIS benchmarks want them",
    steps: &[
        &steps::disable_root_ssh::STEP,
        &steps::disable_password_ssh::STEP,
        &steps::refuse_blank_passwords::STEP,
        &steps::remove_account_backups::STEP,
        &steps::remove_login_grants::STEP,
        &steps::remove_config_backups::STEP,
        &steps::set_file_modes::STEP,
    ],
    checks: &[
        &checks::accounts::CHECK,
        &checks::audit_logs::CHECK,
        &checks::homes::CHECK,
        &checks::ownership::CHECK,
        &checks::root_password::CHECK,
        &checks::search_path::CHECK,
    ],
};

static PROFILES: [&Profile; 3] = [&MARKETPLACE_LINUX, &SHARED_AMI, &CIS_HYGIENE];

/// All profiles.
pub fn profiles() -> &'static [&'static Profile] {
    &PROFILES
}

/// The profile with this name.
pub fn profile(name: &str) -> Option<&'static Profile> {
    PROFILES
        .iter()
        .find(|profile| profile.name == name)
        .copied()
}

impl Profile {
    /// The profile as `name@version`, as plans, markers and manifests write it. Several at once have their versions in
    /// the name, and none of their own.
    pub fn reference(&self) -> String {
        match self.version {
            0 => self.name.to_owned(),
            version => format!("{}@{version}", self.name),
        }
    }

    /// Those of its steps that run at this stage, in order.
    pub fn at_stage(&self, stage: Stage) -> impl Iterator<Item = &'static HardeningStep> {
        self.steps
            .iter()
            .copied()
            .filter(move |step| step.stage == stage)
    }
}

#[cfg(test)]
mod tests {
    use super::profiles;
    use crate::step::Stage;

    #[test]
    fn attached_steps_come_first() {
        for profile in profiles() {
            let detached = profile
                .steps
                .iter()
                .position(|step| step.stage == Stage::Detached)
                .unwrap();
            assert!(
                profile.steps[detached..]
                    .iter()
                    .all(|step| step.stage == Stage::Detached)
            );
        }
    }

    #[test]
    fn profiles_have_names_of_their_own_and_no_entry_twice() {
        for profile in profiles() {
            assert!(std::ptr::eq(
                super::profile(profile.name).unwrap(),
                *profile
            ));
            for (index, step) in profile.steps.iter().enumerate() {
                let before = &profile.steps[..index];
                assert!(before.iter().all(|one| one.id != step.id), "{}", step.id);
            }
            // Profiles differ in what they leave out, not in the order.
            let mut order = crate::steps::in_order().map(|step| step.id);
            for step in profile.steps {
                assert!(
                    order.any(|id| id == step.id),
                    "{}: {}",
                    profile.name,
                    step.id
                );
            }
            assert!(profile.checks.is_sorted_by(|one, other| one.id < other.id));
        }
    }

    #[test]
    fn order_is_the_one_that_works() {
        let order = |id: &str| {
            profiles()[0]
                .steps
                .iter()
                .position(|step| step.id == id)
                .expect("a step")
        };
        assert!(order("disable-root-ssh") < order("remove-host-keys"));
        assert!(order("disable-password-ssh") < order("remove-host-keys"));
        assert!(order("lock-root-password") < order("remove-account-backups"));
        assert!(order("remove-authorized-keys") < order("clear-logs"));
        // Both find homes by the account file, which then loses an account.
        assert!(order("remove-authorized-keys") < order("reset-ssm-agent"));
        assert!(order("clear-shell-history") < order("reset-ssm-agent"));
        assert!(order("clear-logs") < order("clear-temporary-files"));
        // It needs the account, and then the other one takes what "passwd" may have left.
        assert!(order("lock-root-password") < order("lock-passwords"));
        assert!(order("lock-passwords") < order("remove-account-backups"));
        // What edits files under /etc comes before the copies that editing may make.
        assert!(order("refuse-blank-passwords") < order("remove-config-backups"));
        // Both find homes by the account file, too.
        assert!(order("remove-build-credentials") < order("reset-ssm-agent"));
        assert!(order("clear-package-cache") < order("reset-ssm-agent"));
    }
}
