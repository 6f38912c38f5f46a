//! `first-boot-secret`: a systemd unit that makes a secret on each instance, once.
//!
//! Not cloud-init's `runcmd`: cloud-init does not merge lists, so a buyer's own user data would replace it.

use amint_harden::deadman::TIMER_PATH;

use super::upload;
use crate::plan::Action;

const SCRIPT: &str = include_str!("../../scripts/first-boot-secret.sh");

/// Where the script lies on the image. Under `/usr/libexec`, where SELinux lets a unit start programs.
const SCRIPT_PATH: &str = "/usr/libexec/amint/first-boot-secret";

/// The recipe's reader let only plain words pass, so that nothing here is special to systemd.
pub(super) fn actions(name: &str, command: &str, length: u32) -> Vec<Action> {
    let unit = format!("amint-first-boot-{name}.service");
    vec![
        upload(SCRIPT_PATH.to_owned(), 0o755, SCRIPT.into()),
        upload(
            format!("/etc/systemd/system/{unit}"),
            0o644,
            unit_file(name, command, length).into_bytes(),
        ),
        Action::Run {
            script: format!("systemctl enable {unit}\n"),
        },
    ]
}

/// Length and command of the secret that a unit of [`actions`] makes.
pub(crate) fn made_by(unit: &[u8]) -> Option<(u32, &str)> {
    let lines = std::str::from_utf8(unit).ok()?.lines();
    let mut started = lines.filter_map(|line| line.strip_prefix("ExecStart="));
    let words = started.next()?.strip_prefix(SCRIPT_PATH)?.trim_start();
    let (_, words) = words.split_once(' ')?;
    let (length, command) = words.split_once(' ')?;
    Some((length.parse().ok()?, command))
}

/// The second condition keeps the unit from running while the machine is still a builder: the dead man's switch is removed
/// by the seal. Output goes nowhere, so that no command can put the secret into a log.
fn unit_file(name: &str, command: &str, length: u32) -> String {
    format!(
        "[Unit]
Description=Make this machine's secret {name}
After=local-fs.target
ConditionPathExists=!/var/lib/amint/first-boot/{name}.done
ConditionPathExists=!{TIMER_PATH}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={SCRIPT_PATH} {name} {length} {command}
UMask=0077
TimeoutStartSec=5min
StandardInput=null
StandardOutput=null
StandardError=null

[Install]
WantedBy=multi-user.target
"
    )
}
