//! The dead man's switch: the builder ends itself when its time is up, whoever died.
//!
//! A unit on disk with an absolute time, because a transient timer does not survive a reboot. The seal
//! removes it first.

use crate::shell::write_file;

/// The timer's unit file. While it exists, a machine is a builder, not an instance.
pub const TIMER_PATH: &str = "/etc/systemd/system/amint-deadman.timer";

const SERVICE_PATH: &str = "/etc/systemd/system/amint-deadman.service";

/// Powers off the hard way: nothing that hangs can hold it up.
const SERVICE: &str = "\
[Unit]
Description=amint: the time of this builder is up
DefaultDependencies=no

[Service]
Type=oneshot
ExecStart=/bin/systemctl poweroff --force --force
";

/// A script for a machine's first boot that powers it off after so many minutes, whoever died before [`arm_script`]
/// could run: that takes it back. Needs an image that runs scripts which it is given (cloud-init).
pub fn first_boot_script(minutes: u64) -> String {
    format!("#!/bin/sh\n# amint: the time of this builder.\nshutdown -P +{minutes}\n")
}

/// A command that removes what [`arm_script`] made. It never fails: the seal goes on without.
pub const DISARM: &str = "\
systemctl stop amint-deadman.timer
rm -f /etc/systemd/system/amint-deadman.timer /etc/systemd/system/amint-deadman.service \\
    /etc/systemd/system/timers.target.wants/amint-deadman.timer \\
    /var/lib/systemd/timers/stamp-amint-deadman.timer
";

/// A script that arms the switch, or arms it anew for another time. Reports a timer that is not waiting.
///
/// `expires_utc` is a time as `systemd.time(7)` has it, such as `2026-11-21 21:30:00 UTC`.
pub fn arm_script(expires_utc: &str) -> String {
    let timer = format!(
        "[Unit]\nDescription=amint: ends this builder at {expires_utc}\n\n\
         [Timer]\nOnCalendar={expires_utc}\nPersistent=true\nAccuracySec=1s\n\n\
         [Install]\nWantedBy=timers.target\n"
    );
    let service = write_file(SERVICE_PATH, SERVICE);
    let timer = write_file(TIMER_PATH, &timer);
    format!(
        "#!/bin/sh\n\
         # Powers this machine off at {expires_utc}, also when it was rebooted in between.\n\
         set -eu\n\
         umask 022\n\
         \n\
         # A timer for a time that is over would never fire.\n\
         [ \"$(date -d '{expires_utc}' +%s)\" -gt \"$(date +%s)\" ] || {{ echo 'the time of this builder is over'; exit 1; }}\n\
         \n\
         # Armed already, for the same time.\n\
         if grep -qxF 'OnCalendar={expires_utc}' {TIMER_PATH} 2>/dev/null &&\n\
         systemctl is-active --quiet amint-deadman.timer; then exit 0; fi\n\
         \n\
         # A unit that systemd knows already has to be read again.\n\
         known=\n\
         [ ! -e {TIMER_PATH} ] || known=yes\n\
         {service}{timer}\
         mkdir -p /etc/systemd/system/timers.target.wants\n\
         ln -sf {TIMER_PATH} /etc/systemd/system/timers.target.wants/amint-deadman.timer\n\
         [ -z \"$known\" ] || systemctl daemon-reload\n\
         systemctl restart amint-deadman.timer\n\
         # What the first boot set up until here.\n\
         shutdown -c 2>/dev/null || :\n\
         systemctl is-active --quiet amint-deadman.timer\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{DISARM, TIMER_PATH, arm_script};

    #[test]
    fn the_timer_has_the_absolute_time_and_is_enabled() {
        let script = arm_script("2026-11-21 21:30:00 UTC");
        assert!(script.contains("\nOnCalendar=2026-11-21 21:30:00 UTC\nPersistent=true\n"));
        assert!(script.contains(&format!("\nln -sf {TIMER_PATH} ")));
    }

    #[test]
    fn what_is_armed_is_removed() {
        let script = arm_script("2026-11-21 21:30:00 UTC");
        for word in script
            .split_whitespace()
            .filter(|word| word.contains("/amint-deadman."))
        {
            assert!(DISARM.contains(word.trim_start_matches('>')), "{word}");
        }
    }
}
