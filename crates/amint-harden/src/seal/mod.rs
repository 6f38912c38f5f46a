//! The seal: one script that starts a detached unit and returns; the unit does the rest and powers off.
//!
//! - [`launch_script`]: what the engine sends. It writes every step's script below `/run`, in memory, and
//!   starts `run.sh` there as a transient unit of its own, which outlives the agent that started it.
//! - `prologue.sh`, `stop.sh`: the head of `run.sh`; the steps and the marker are added here.
//! - [`MARKER_PATH`]: what the unit writes last; [`crate::marker`] reads it back.

use std::fmt::Write;

use crate::agent::{REMOVE, remove_script};
use crate::deadman;
use crate::marker::Marker;
use crate::profile::Profile;
use crate::shell::{quote, write_file};
use crate::step::Stage;
use crate::steps::clear_application_logs;

/// The completion marker. Its folder is amint's own.
pub const MARKER_PATH: &str = "/var/lib/amint/sealed";

/// Where the scripts are, in memory.
const FOLDER: &str = "/run/amint/seal";

/// Starts the unit. systemd powers off by itself when the unit ends without having done so, or hangs. It
/// depends on nothing, so that nothing which it stops takes it along.
const START: &str = "\
exec systemd-run --quiet --collect --unit=amint-seal --description='amint: seal and power off' \\
    --property=DefaultDependencies=no --property=KillMode=control-group --property=RuntimeMaxSec=270 \\
    --property=SuccessAction=poweroff-immediate --property=FailureAction=poweroff-immediate \\
    --property=StandardOutput=null --property=StandardError=null sh /run/amint/seal/run.sh
";

/// A script that starts the seal and returns. Needs systemd 236 or later.
///
/// `build_id` goes into the marker. The machine powers itself off whatever happens then; only a marker with
/// this build id says that the seal ran to its end. `remove_agent` removes the SSM agent with its package.
pub fn launch_script(
    profile: &Profile,
    build_id: &str,
    application_logs: &[String],
    remove_agent: bool,
) -> String {
    let mut script = format!(
        "#!/bin/sh\n\
         # Starts the seal, profile {profile}, and returns.\n\
         set -eu\n\
         umask 077\n\
         \n\
         rm -rf {FOLDER}\n\
         mkdir -p {FOLDER}\n\
         # Some shells keep here-documents in files: in memory, please.\n\
         TMPDIR={FOLDER}\n\
         export TMPDIR\n\n",
        profile = profile.reference(),
    );
    if remove_agent {
        let path = format!("{FOLDER}/00-{REMOVE}.sh");
        script.push_str(&write_file(&path, remove_script()));
        script.push('\n');
    }
    for (number, step) in (1..).zip(profile.at_stage(Stage::Detached)) {
        let path = format!("{FOLDER}/{number:02}-{}.sh", step.id);
        script.push_str(&write_file(&path, step.script));
        script.push('\n');
    }
    let run = run_script(profile, build_id, application_logs, remove_agent);
    script.push_str(&write_file(&format!("{FOLDER}/run.sh"), &run));
    script.push('\n');
    script.push_str(START);
    script
}

/// What the unit runs.
fn run_script(
    profile: &Profile,
    build_id: &str,
    application_logs: &[String],
    remove_agent: bool,
) -> String {
    let mut script = String::from(include_str!("prologue.sh"));
    script.push_str(deadman::DISARM);
    script.push_str(include_str!("stop.sh"));
    if remove_agent {
        // First: the steps clear what a package manager logs, and the account copies that it may make.
        let _ = writeln!(script, "run 00 {REMOVE}");
    }
    for (number, step) in (1..).zip(profile.at_stage(Stage::Detached)) {
        // Writing to a string cannot fail.
        let _ = write!(script, "run {number:02} {}", step.id);
        if step.id == clear_application_logs::STEP.id {
            for log in application_logs {
                let _ = write!(script, " {}", quote(log));
            }
        }
        script.push('\n');
    }
    script.push_str(
        "\n# Emptied above; amint itself put it there.\nrm -f /var/log/amint-tracer.log\n",
    );
    let marker = Marker {
        build: build_id.to_owned(),
        profile: profile.reference(),
        failed: Vec::new(),
    };
    let _ = write!(
        script,
        "\n# The completion marker, last: what is written here is what the inspection asks for.\n\
         mkdir -p /var/lib/amint\n\
         printf '%s%s\\n' {} \"${{failed# }}\" >{MARKER_PATH}\n",
        quote(marker.to_string().trim_end()),
    );
    script
}

#[cfg(test)]
mod tests {
    use super::{MARKER_PATH, launch_script, run_script};
    use crate::profile::profile;
    use crate::shell::HEREDOC_END;
    use crate::step::Stage;

    fn marketplace() -> &'static crate::Profile {
        profile("marketplace-linux").expect("a profile")
    }

    #[test]
    fn every_detached_step_runs_once_in_order_and_the_marker_comes_last() {
        let script = run_script(
            marketplace(),
            "b1",
            &["/opt/a b".to_owned(), "/srv/l".to_owned()],
            false,
        );
        let runs: Vec<&str> = script
            .lines()
            .filter_map(|line| line.strip_prefix("run "))
            .collect();
        let expected: Vec<String> = (1..)
            .zip(marketplace().at_stage(Stage::Detached))
            .map(|(number, step)| match step.id {
                "clear-application-logs" => {
                    format!("{number:02} {} '/opt/a b' '/srv/l'", step.id)
                }
                id => format!("{number:02} {id}"),
            })
            .collect();
        assert_eq!(runs, expected);
        let last = script.lines().last().unwrap();
        assert!(last.ends_with(MARKER_PATH), "{last}");
        assert!(
            script
                .find("rm -f /etc/systemd/system/amint-deadman")
                .unwrap()
                < script.find("systemctl kill").unwrap()
        );
        assert!(script.find("systemctl stop \"$@\"").unwrap() < script.find("\nrun 01").unwrap());
    }

    #[test]
    fn the_agent_is_removed_first_and_only_when_asked() {
        let script = launch_script(marketplace(), "b1", &[], true);
        let at = |text: &str| script.find(text).unwrap_or_else(|| panic!("{text}"));
        assert!(at("cat >/run/amint/seal/00-remove-ssm-agent.sh <<") < at("/run.sh <<"));
        assert!(at("systemctl stop \"$@\"") < at("\nrun 00 remove-ssm-agent\n"));
        assert!(at("\nrun 00 remove-ssm-agent\n") < at("\nrun 01 "));
        let script = launch_script(marketplace(), "b1", &[], false);
        assert!(!script.contains("remove-ssm-agent"));
    }

    #[test]
    fn attached_steps_are_no_part_of_the_seal() {
        let script = launch_script(marketplace(), "b1", &[], false);
        for step in marketplace().at_stage(Stage::Attached) {
            assert!(!script.contains(step.id), "{}", step.id);
        }
    }

    #[test]
    fn here_documents_end_where_they_should() {
        let script = launch_script(marketplace(), "b1", &[], false);
        let documents = script.matches(&format!("<<'{HEREDOC_END}'\n")).count();
        let ends = script.lines().filter(|line| *line == HEREDOC_END).count();
        assert_eq!(
            documents,
            marketplace().at_stage(Stage::Detached).count() + 1
        );
        assert_eq!(documents, ends);
        assert!(script.trim_end().ends_with("sh /run/amint/seal/run.sh"));
    }
}
