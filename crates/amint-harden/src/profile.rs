//! Named, versioned lists of hardening steps.

use crate::step::{HardeningStep, Stage};
use crate::steps;

/// A named, versioned list of hardening steps. Another list is another version.
#[derive(Debug)]
pub struct Profile {
    /// Its name in recipes.
    pub name: &'static str,
    /// Its version: grows with every change of the list.
    pub version: u32,
    /// What it is for.
    pub title: &'static str,
    /// Its steps, in the order in which they run.
    pub steps: &'static [&'static HardeningStep],
}

/// The order matters: sshd is asked while it can still answer; accounts come before the copies that
/// changing them makes; logs come late, because the steps before may have written some. The SSM agent's account
/// goes after the steps that find homes by the account file, and without making copies of it.
static MARKETPLACE_LINUX: Profile = Profile {
    name: "marketplace-linux",
    version: 2,
    title: "what AWS Marketplace and AWS's guidance for shared images ask of a Linux image",
    steps: &[
        &steps::disable_root_ssh::STEP,
        &steps::disable_password_ssh::STEP,
        &steps::lock_root_password::STEP,
        &steps::remove_account_backups::STEP,
        &steps::remove_host_keys::STEP,
        &steps::remove_authorized_keys::STEP,
        &steps::clear_shell_history::STEP,
        &steps::clear_application_logs::STEP,
        &steps::clear_logs::STEP,
        &steps::reset_cloud_init::STEP,
        &steps::reset_first_boot_secrets::STEP,
        &steps::reset_machine_id::STEP,
        &steps::reset_ssm_agent::STEP,
        &steps::clear_package_cache::STEP,
        &steps::clear_temporary_files::STEP,
    ],
};

static PROFILES: [&Profile; 1] = [&MARKETPLACE_LINUX];

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
    /// The profile as `name@version`, as plans, markers and manifests write it.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
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
    }
}
