//! What the seal does to a remote agent whose unit only stops one of its processes.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};

use crate::stand_ins::StandIns;
use amint_harden::{profile, seal};

const SHELLS: [&str; 2] = ["dash", "bash"];
const PLAIN: &str = "amazon-ssm-agent.service";
const SNAP: &str = "snap.amazon-ssm-agent.amazon-ssm-agent.service";

/// The part of the seal that ends the agents.
fn ends_agents() -> String {
    let profile = profile("marketplace-linux").expect("a profile");
    let launch = seal::launch_script(profile, "01jtest", &[], false);
    let start = launch.find("# The remote agent").expect("a comment");
    let end = launch.find("# The journal goes").expect("a comment");
    launch[start..end].to_owned()
}

/// Whether a user may put folders over others here.
fn namespaces() -> bool {
    let allowed = Command::new("unshare")
        .args(["-rm", "sh", "-c", "mount --bind /tmp /sys/fs/cgroup"])
        .output();
    allowed.is_ok_and(|output| output.status.success())
}

fn worker() -> Child {
    let worker = Command::new("sleep").arg("60").spawn();
    worker.expect("sleep")
}

#[test]
fn the_whole_control_group_dies_under_either_name_and_in_either_hierarchy() {
    if !namespaces() {
        return;
    }
    for shell in SHELLS {
        for (unit, hierarchy) in [
            (PLAIN, ""),
            (SNAP, ""),
            (PLAIN, "systemd/"),
            (SNAP, "systemd/"),
        ] {
            let (mut worker, mut other) = (worker(), worker());
            // The control group is empty once its processes were killed and some time has passed.
            let procs = format!("$STAND_INS/cgroup/{hierarchy}system.slice/{unit}/cgroup.procs");
            let show =
                format!("case $1 in show) printf '\\n/system.slice/{unit}\\n\\n\\n' ;; esac");
            let machine =
                StandIns::new(&[("systemctl", &show), ("sleep", &format!(": >\"{procs}\""))]);
            machine.keep(&["unshare", "mount", "sh", "cat", shell]);
            let group = format!("cgroup/{hierarchy}system.slice/{unit}");
            fs::create_dir_all(machine.path(&group)).unwrap();
            let pids = format!("{}\n", worker.id());
            fs::write(machine.path(&group).join("cgroup.procs"), pids).unwrap();
            fs::write(
                machine.path("part.sh"),
                format!("set -u\n{}", ends_agents()),
            )
            .unwrap();
            let output = machine.run(
                shell,
                &format!(
                    "unshare -rm sh -c 'mount --bind \"$STAND_INS/cgroup\" /sys/fs/cgroup && {shell} \"$STAND_INS/part.sh\"'"
                ),
            );
            assert!(output.status.success(), "{output:?}");
            let status = worker.wait().unwrap();
            assert_eq!(status.signal(), Some(9), "{shell} {unit} {hierarchy}");
            assert!(other.try_wait().unwrap().is_none());
            other.kill().unwrap();
            other.wait().unwrap();

            let log = machine.log();
            let calls: Vec<&str> = log
                .lines()
                .filter(|line| line.starts_with("systemctl "))
                .map(|line| line.split(' ').nth(1).unwrap())
                .collect();
            assert_eq!(calls, ["show", "stop", "kill"], "{log}");
            for call in log.lines().filter(|line| line.starts_with("systemctl ")) {
                assert!(call.contains(&format!(" {PLAIN} {SNAP}")), "{call}");
            }
        }
    }
}

#[test]
fn an_agent_that_is_not_there_costs_nothing() {
    for shell in SHELLS {
        // What is no service's control group is never killed.
        let show = "case $1 in show) printf '\\n/\\n/user.slice\\n' ;; *) exit 5 ;; esac";
        let machine = StandIns::new(&[("systemctl", show), ("cat", "echo $$"), ("sleep", "")]);
        let output = machine.run(shell, &ends_agents());
        assert!(output.status.success(), "{output:?}");
        assert!(!machine.log().contains("cat "), "{}", machine.log());
    }
}
