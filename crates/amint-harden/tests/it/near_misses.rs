//! What looks like a violation and is none.

use std::fs;

use amint_harden::Verdict;

use crate::access::LOGINS;
use crate::support::Image;

pub(crate) type Plant = fn(&Image);

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
    ("a link to a folder without logs", |i| {
        i.link("/var/log/empty", "/var/tmp")
    }),
    ("a link to the folder that it is in", |i| {
        i.link("/var/log/self", ".")
    }),
    ("a public key beside sshd's configuration", |i| {
        i.write("/etc/ssh/known", "ssh-ed25519 AAAA host\n")
    }),
    ("settings of a program that checks passwords", |i| {
        i.write("/etc/passwdqc.conf", "# see: pam_passwdqc(8)\nmin=8,8\n");
        i.write("/etc/security/opasswd", "")
    }),
    ("a folder of shadow's own", |i| {
        i.write("/etc/shadow-maint/hook", "a:b:c\n")
    }),
    ("a setting for histories", |i| {
        i.write("/root/.historyrc", "x\n")
    }),
    ("a UTF-8 name", |i| i.write("/home/josé/.profile", "x\n")),
    ("NIS entries", |i| {
        i.append("/etc/passwd", "+::::::\n");
        i.append(SHADOW, "+::::::::\n")
    }),
    ("locks of other tools", |i| {
        i.replace(SHADOW, "admin:!!:", "admin:*LK*:")
    }),
    ("an SSM agent that has not run", |i| {
        for folder in ["/var/lib/amazon/ssm/Vault/Store", "/var/log/amazon/ssm"] {
            fs::create_dir_all(i.path(folder)).expect("a folder");
        }
        i.write("/etc/amazon/ssm/amazon-ssm-agent.json.template", "{}\n");
        i.write("/etc/systemd/system/amazon-ssm-agent.service", "[Unit]\n")
    }),
    ("an SSM agent's snap", |i| {
        fs::create_dir_all(i.path("/var/snap/amazon-ssm-agent/7993")).expect("a folder");
        i.link("/var/snap/amazon-ssm-agent/current", "7993");
        i.write("/var/lib/snapd/snaps/amazon-ssm-agent_7993.snap", "x")
    }),
    ("accounts that are nearly called ssm-user", |i| {
        i.append(
            "/etc/passwd",
            "ssm-user2:x:1001:1001:not ssm-user:/home/ssm-user2:/bin/sh\n",
        );
        i.append("/etc/group", "ssm-users:x:1001:ssm-user2,my-ssm-user\n");
        i.write("/home/ssm-user2/.profile", "x\n")
    }),
    ("no encrypted volume", |i| {
        i.write(
            "/etc/crypttab",
            "# <name> <device> <key> <options>\n\nswap /dev/sda2 /dev/urandom swap,cipher=aes-xts-plain64\n",
        )
    }),
    ("text about tracers", |i| {
        i.write("/opt/app/lib/app", "looks for amint-tracer-… on disks")
    }),
];

#[test]
fn near_misses_make_none() {
    for (name, plant) in NEAR_MISSES.iter().chain(LOGINS) {
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
