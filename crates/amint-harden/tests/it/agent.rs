//! Bringing the SSM agent and removing it, with stand-ins for downloads and package managers.

use std::fs;

use crate::stand_ins::StandIns;
use crate::support::{Image, expectations, found, inspect_disk};
use amint_harden::agent::{install_user_data, remove_script};
use amint_harden::inspection::Expectations;

const SHELLS: [&str; 2] = ["dash", "bash"];
const TOOLS: [&str; 7] = ["sh", "mktemp", "rm", "head", "tail", "sha256sum", "cat"];

const URL: &str = "https://example.com/agent's build.deb";
/// How a package of either kind begins.
const DEB: &str = "!<arch>";
const RPM: &str = "rpm";

/// A clock that `sleep` advances.
const DATE: (&str, &str) = ("date", "cat \"$STAND_INS/time\" 2>/dev/null || echo 0");
const SLEEP: (&str, &str) = (
    "sleep",
    "echo $(($(cat \"$STAND_INS/time\" 2>/dev/null || echo 0) + $1)) >\"$STAND_INS/now\"\n\
     cat \"$STAND_INS/now\" >\"$STAND_INS/time\"",
);
/// Writes `$STAND_INS/served` to the file that is its argument after `--output`.
const CURL: (&str, &str) = (
    "curl",
    "while [ \"$1\" != --output ]; do shift; done\ncat \"$STAND_INS/served\" >\"$2\"",
);
const WGET: (&str, &str) = (
    "wget",
    "for argument; do case $argument in --output-document=*) file=${argument#*=} ;; esac; done\n\
     cat \"$STAND_INS/served\" >\"$file\"",
);
const PYTHON: (&str, &str) = ("python3", "cat \"$STAND_INS/served\" >\"$4\"");
const DPKG: (&str, &str) = ("dpkg", "exit 0");
const RPM_TOOL: (&str, &str) = ("rpm", "exit 0");
const SYSTEMCTL: (&str, &str) = ("systemctl", "exit 0");

fn machine(programs: &[(&str, &str)], served: &str) -> StandIns {
    let stand_ins = StandIns::new(&[programs, &[DATE, SLEEP, SYSTEMCTL]].concat());
    stand_ins.keep(&TOOLS);
    fs::write(stand_ins.path("served"), format!("{served}\n")).expect("a file");
    stand_ins
}

fn digest(text: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("{text}\n"));
    digest.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Whether the script succeeded, and the last line that it says on the console.
fn install(machine: &StandIns, shell: &str, expected: &str) -> (bool, String) {
    let script = install_user_data(URL, &digest(expected));
    assert!(script.contains(">/dev/console;"));
    let script = script.replace(">/dev/console;", ">>\"$STAND_INS/console\";");
    let output = machine.run(shell, &script);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let console = fs::read_to_string(machine.path("console")).unwrap_or_default();
    assert_eq!(said, console);
    let last = said.lines().last().unwrap_or_default().to_owned();
    (output.status.success(), last)
}

#[test]
fn a_package_is_downloaded_by_what_is_there_installed_and_started() {
    for shell in SHELLS {
        for (tool, call) in [
            (CURL, "--url https://example.com/agent's build.deb\n"),
            (WGET, "-- https://example.com/agent's build.deb\n"),
            (PYTHON, "https://example.com/agent's build.deb /"),
        ] {
            let machine = machine(&[tool, DPKG, RPM_TOOL], DEB);
            let said = install(&machine, shell, DEB);
            assert_eq!(said, (true, String::new()), "{shell} {}", tool.0);
            let log = machine.log();
            assert!(log.contains(call), "{log}");
            assert!(
                log.contains("\ndpkg -i /") && !log.contains("rpm "),
                "{log}"
            );
            let last = log.lines().last();
            assert_eq!(
                last,
                Some("systemctl enable --now amazon-ssm-agent.service")
            );
            let left: Vec<_> = fs::read_dir(machine.path("")).unwrap().collect();
            assert_eq!(left.len(), 3, "{left:?}: bin, log and served");
        }
        let machine = machine(&[CURL, DPKG, RPM_TOOL], RPM);
        assert_eq!(install(&machine, shell, RPM), (true, String::new()));
        let log = machine.log();
        assert!(log.contains("\nrpm -U ") && !log.contains("dpkg "), "{log}");
    }
}

#[test]
fn an_agent_that_is_there_is_left_alone() {
    for shell in SHELLS {
        let machine = machine(&[("amazon-ssm-agent", ""), CURL, DPKG], DEB);
        assert_eq!(install(&machine, shell, DEB), (true, String::new()));
        assert_eq!(machine.log(), "");
    }
}

#[test]
fn another_package_is_refused() {
    for shell in SHELLS {
        for served in ["!<arch> changed", ""] {
            let machine = machine(&[CURL, DPKG, RPM_TOOL], served);
            let (installed, said) = install(&machine, shell, DEB);
            assert!(!installed);
            assert!(
                said.starts_with("amint: the SSM agent was refused: the SHA-256 of https://"),
                "{said}"
            );
            assert!(said.ends_with(&digest(DEB).to_lowercase()), "{said}");
            let log = machine.log();
            assert!(!log.contains("dpkg") && !log.contains("systemctl"), "{log}");
        }
    }
}

#[test]
fn a_network_that_comes_late_is_waited_for_and_one_that_never_comes_is_not() {
    let late = "[ \"$(date +%s)\" -ge 60 ] || { echo 'no route' >&2; exit 7; }\n";
    let (name, works) = CURL;
    for shell in SHELLS {
        let machine = machine(&[(name, &format!("{late}{works}")), DPKG], DEB);
        assert_eq!(install(&machine, shell, DEB), (true, String::new()));
        assert_eq!(machine.log().matches("sleep 5\n").count(), 12);
    }
    for shell in SHELLS {
        let machine = machine(&[(name, "echo 'no route' >&2; exit 7"), DPKG], DEB);
        let (installed, said) = install(&machine, shell, DEB);
        assert!(!installed);
        let expected = format!("amint: cannot download the SSM agent from {URL}: no route");
        assert_eq!(said, expected);
        assert_eq!(machine.log().matches("sleep 5\n").count(), 60);
    }
}

#[test]
fn without_a_program_to_download_with_the_script_says_so() {
    let machine = machine(&[DPKG], DEB);
    let (installed, said) = install(&machine, "dash", DEB);
    assert!(!installed);
    assert!(
        said.ends_with(": neither curl nor wget nor python3 is there"),
        "{said}"
    );
}

#[test]
fn a_package_manager_that_is_busy_is_waited_for_and_one_that_fails_is_quoted() {
    let busy = "[ \"$(date +%s)\" -ge 30 ] || { echo 'lock is held' >&2; exit 2; }";
    let machine_busy = machine(&[CURL, ("dpkg", busy)], DEB);
    assert_eq!(install(&machine_busy, "dash", DEB), (true, String::new()));
    let broken = machine(
        &[CURL, ("dpkg", "echo 'wrong architecture' >&2; exit 1")],
        DEB,
    );
    let (installed, said) = install(&broken, "dash", DEB);
    assert!(!installed);
    assert_eq!(
        said,
        "amint: cannot install the SSM agent: wrong architecture"
    );
    assert!(!broken.log().contains("systemctl"));
}

#[test]
fn the_package_is_removed_by_the_manager_that_knows_it() {
    let unknown = "case $1 in -s | -q) exit 1 ;; esac";
    for (dpkg, rpm, call) in [
        ("", unknown, "dpkg --purge amazon-ssm-agent\n"),
        (unknown, "", "rpm -e amazon-ssm-agent\n"),
        (unknown, unknown, ""),
    ] {
        // "rm" and "rmdir" only say what they would do: their paths are this machine's.
        let machine = StandIns::new(&[("dpkg", dpkg), ("rpm", rpm), ("rm", ""), ("rmdir", "")]);
        let output = machine.run("dash", remove_script());
        assert!(output.status.success(), "{output:?}");
        let log = machine.log();
        let calls = |call: &str| log.matches(call).count();
        assert_eq!(
            calls("--purge") + calls(" -e "),
            usize::from(!call.is_empty())
        );
        assert!(log.contains(call), "{log}");
        assert!(log.contains("rm -rf -- /etc/amazon/ssm /var/lib/amazon/ssm "));
    }
}

#[test]
fn a_package_that_cannot_be_removed_fails_the_seal() {
    let machine = StandIns::new(&[("dpkg", "[ \"$1\" = -s ]"), ("rm", ""), ("rmdir", "")]);
    let output = machine.run("dash", remove_script());
    assert_eq!(output.status.code(), Some(1));
    assert!(!machine.log().contains("rm -rf"));
}

#[test]
fn what_is_left_of_a_removed_agent_is_found() {
    let removed = Expectations {
        agent_removed: true,
        ..expectations()
    };
    let image = Image::clean();
    assert!(inspect_disk(&image.disk(), &removed).findings.is_empty());
    for path in [
        "/etc/amazon/ssm/amazon-ssm-agent.json.template",
        "/etc/systemd/system/amazon-ssm-agent.service",
        "/usr/bin/amazon-ssm-agent",
        "/var/lib/dpkg/info/amazon-ssm-agent.list",
    ] {
        image.write(path, "x");
    }
    image.link(
        "/etc/systemd/system/multi-user.target.wants/amazon-ssm-agent.service",
        "/nowhere",
    );
    assert_eq!(
        found(&inspect_disk(&image.disk(), &removed)),
        [
            "MP-CLEAN-005 /etc/amazon/ssm",
            "MP-CLEAN-005 /etc/systemd/system/amazon-ssm-agent.service",
            "MP-CLEAN-005 /etc/systemd/system/multi-user.target.wants/amazon-ssm-agent.service",
            "MP-CLEAN-005 /usr/bin/amazon-ssm-agent",
            "MP-CLEAN-005 /var/lib/dpkg/info/amazon-ssm-agent.list",
        ]
    );
    // An agent that may stay.
    assert!(image.inspect().findings.is_empty());
}
