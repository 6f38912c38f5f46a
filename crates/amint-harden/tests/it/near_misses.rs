//! What looks like a violation and is none.

use amint_harden::Verdict;

use crate::support::Image;

type Plant = fn(&Image);

const SHADOW: &str = "/etc/shadow";

const NEAR_MISSES: &[(&str, Plant)] = &[
    ("nothing at all", |_| {}),
    ("a machine id that is not initialized", |i| {
        i.write("/etc/machine-id", "uninitialized\n")
    }),
    ("no machine id", |i| i.remove("/etc/machine-id")),
    ("no SSH server", |i| i.remove("/etc/ssh/sshd_config")),
    ("root needs a key", |i| {
        i.replace(
            "/etc/ssh/sshd_config.d/00-amint-root.conf",
            "no",
            "prohibit-password",
        )
    }),
    ("a Match that only forbids", |i| {
        i.append(
            "/etc/ssh/sshd_config",
            "Match User svc\n  PermitRootLogin no\n  PasswordAuthentication no\n",
        )
    }),
    ("an Include that comes too late", |i| {
        i.append("/etc/ssh/sshd_config", "Include /etc/ssh/late/*\n");
        i.write(
            "/etc/ssh/late/x",
            "PermitRootLogin yes\nPasswordAuthentication yes\n",
        )
    }),
    ("keys are nowhere", |i| {
        i.append("/etc/ssh/sshd_config", "AuthorizedKeysFile none\n")
    }),
    ("a history that goes nowhere", |i| {
        i.link("/root/.bash_history", "/dev/null")
    }),
    ("a folder named as a history", |i| {
        i.write("/root/.config_history/x", "x")
    }),
    ("a link to documentation among the logs", |i| {
        i.link("/var/log/README", "../../opt/app/lib/app")
    }),
    ("NIS entries", |i| {
        i.append("/etc/passwd", "+::::::\n");
        i.append(SHADOW, "+::::::::\n")
    }),
    ("locks of other tools", |i| {
        i.replace(SHADOW, "admin:!!:", "admin:*LK*:")
    }),
    ("text about tracers", |i| {
        i.write("/opt/app/lib/app", "looks for amint-tracer-… on disks")
    }),
];

#[test]
fn near_misses_make_none() {
    for (name, plant) in NEAR_MISSES {
        let image = Image::clean();
        plant(&image);
        let inspection = image.inspect();
        assert!(
            inspection.findings.is_empty(),
            "{name}: {:#?}",
            inspection.findings
        );
        assert_eq!(inspection.verdict, Verdict::Clean);
    }
}
