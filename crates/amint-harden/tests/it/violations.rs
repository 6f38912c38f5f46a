//! Plants one violation at a time on a clean disk and sees exactly its rule fire, at its place.

use crate::access::ACCESS;
use crate::cis::CIS;
use crate::hidden::HIDDEN;
use crate::leftovers::LEFTOVERS;
use crate::ssm::SSM;
use crate::support::{Image, MARKER, found};
use amint_harden::{Severity, Verdict};

pub(crate) type Plant = fn(&Image);

pub(crate) const KEY: &str = "ssh-ed25519 AAAAC3Nz admin@example\n";
pub(crate) const HASH: &str = "$6$salt$kM0Z1xJYk9nW1Q5Lq6";
pub(crate) const SHADOW: &str = "/etc/shadow";

/// Made for these tests: `openssl passwd -6`, `openssl genpkey -algorithm ed25519`, and random characters.
const WHOLE_HASH: &str = "operator:$6$Kd8sQ2nLx0$.4wXOv5dMUbQy.CTe4UBzBMFVbNsS8vrqNvmjglj4JbsWxsS3PE\
     esLcjYGevI9tOixJR4id94IP3TVpu6jT5B/\n";
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIeV4K2Bs9vQfraLc+5xq0DN\
     9Sl4tbsJmr8jXnpk7goN\n-----END PRIVATE KEY-----\n";
const ACCESS_KEY: &str =
    "key = AKIAQ7RPZ3LNWB2VXKTD\nsecret = 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\n";

/// What is planted, and the findings it makes.
pub(crate) type Violation = (&'static str, Plant, &'static [&'static str]);

const VIOLATIONS: &[Violation] = &[
    (
        "blank password",
        |i| i.replace(SHADOW, "admin:!!:", "admin::"),
        &["MP-SEC-005 /etc/shadow"],
    ),
    (
        "blank in passwd",
        |i| i.replace("/etc/passwd", "svc:x:", "svc::"),
        &["MP-SEC-005 /etc/passwd"],
    ),
    (
        "hash",
        |i| i.replace(SHADOW, "admin:!!:", &format!("admin:{HASH}:")),
        &["MP-SEC-006 /etc/shadow"],
    ),
    (
        "locked hash",
        |i| i.replace(SHADOW, "admin:!!:", &format!("admin:!{HASH}:")),
        &["MP-SEC-006 /etc/shadow"],
    ),
    (
        "DES hash",
        |i| i.replace(SHADOW, "svc:!*:", "svc:abJnggxhB/yWI:"),
        &["MP-SEC-006 /etc/shadow"],
    ),
    (
        "a whole hash in a file that is no account file",
        |i| i.write("/opt/app/lib/users", WHOLE_HASH),
        &["MP-SEC-006 /opt/app/lib/users"],
    ),
    (
        "a private key",
        |i| i.write("/opt/app/lib/app.pem", PRIVATE_KEY),
        &["MP-SEC-007 /opt/app/lib/app.pem"],
    ),
    (
        "an access key",
        |i| i.write("/opt/app/lib/app.conf", ACCESS_KEY),
        &[
            "MP-SEC-008 /opt/app/lib/app.conf",
            "MP-SEC-008 /opt/app/lib/app.conf",
        ],
    ),
    (
        "group password",
        |i| i.replace("/etc/gshadow", "admin:!:", &format!("admin:{HASH}:")),
        &["MP-SEC-006 /etc/gshadow"],
    ),
    (
        "root is not locked",
        |i| i.replace(SHADOW, "root:!:20000:0:99999:7:::\n", ""),
        &["MP-SSH-007 /etc/shadow"],
    ),
    (
        "root has a locked hash",
        |i| i.replace(SHADOW, "root:!:", &format!("root:!{HASH}:")),
        &["MP-SEC-006 /etc/shadow", "MP-SSH-007 /etc/shadow"],
    ),
    (
        "broken passwd line",
        |i| i.append("/etc/passwd", "no fields\n"),
        &["AMINT-DISK-003 /etc/passwd"],
    ),
    (
        "a line of passwd without a shell, which counts all the same",
        |i| {
            i.append("/etc/passwd", "app:x:700:700::/opt/home\n");
            i.write("/opt/home/.ssh/authorized_keys", KEY)
        },
        &[
            "AMINT-DISK-003 /etc/passwd",
            "MP-SSH-003 /opt/home/.ssh/authorized_keys",
        ],
    ),
    (
        "a hash in a broken line",
        |i| i.append(SHADOW, &format!("app:{HASH}\n")),
        &["AMINT-DISK-003 /etc/shadow", "MP-SEC-006 /etc/shadow"],
    ),
    (
        "broken shadow line",
        |i| i.append(SHADOW, "svc2\n"),
        &["AMINT-DISK-003 /etc/shadow"],
    ),
    (
        "passwords over SSH",
        |i| {
            i.write(
                "/etc/ssh/sshd_config.d/00-aaa.conf",
                "passwordauthentication=yes\n",
            )
        },
        &["MP-SSH-001 /etc/ssh/sshd_config.d/00-aaa.conf"],
    ),
    (
        "passwords over SSH by default",
        |i| i.write("/etc/ssh/sshd_config", "UsePAM no\n"),
        &["MP-SSH-001 /etc/ssh/sshd_config"],
    ),
    (
        "passwords over SSH under Match",
        |i| {
            i.append(
                "/etc/ssh/sshd_config",
                "Match User admin\n  PasswordAuthentication yes\n",
            )
        },
        &["MP-SSH-001 /etc/ssh/sshd_config"],
    ),
    (
        "passwords by PAM",
        |i| {
            i.replace(
                "/etc/ssh/sshd_config.d/00-amint-passwords.conf",
                "KbdInteractiveAuthentication no\n",
                "",
            )
        },
        &["MP-SSH-001 /etc/ssh/sshd_config"],
    ),
    (
        "empty passwords over SSH",
        |i| {
            i.replace(
                "/etc/ssh/sshd_config.d/00-amint-passwords.conf",
                "PermitEmptyPasswords no",
                "PermitEmptyPasswords yes",
            )
        },
        &["MP-SEC-005 /etc/ssh/sshd_config.d/00-amint-passwords.conf"],
    ),
    (
        "root over SSH",
        |i| i.replace("/etc/ssh/sshd_config.d/00-amint-root.conf", "no", "yes"),
        &["MP-SSH-002 /etc/ssh/sshd_config.d/00-amint-root.conf"],
    ),
    (
        "an Include that includes itself",
        |i| i.append("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config\n"),
        &["AMINT-SSHD-001 /etc/ssh/sshd_config"],
    ),
    (
        "root over SSH under Match",
        |i| {
            i.append(
                "/etc/ssh/sshd_config",
                "Match Address 10.0.0.0/8\nPermitRootLogin yes\n",
            )
        },
        &["MP-SSH-002 /etc/ssh/sshd_config"],
    ),
    (
        "key",
        |i| i.append("/home/admin/.ssh/authorized_keys", KEY),
        &["MP-SSH-003 /home/admin/.ssh/authorized_keys"],
    ),
    (
        "key of root",
        |i| i.write("/root/.ssh/authorized_keys2", KEY),
        &["MP-SSH-003 /root/.ssh/authorized_keys2"],
    ),
    (
        "key in an odd home",
        |i| i.write("/srv/svc/.ssh/authorized_keys", KEY),
        &["MP-SSH-003 /srv/svc/.ssh/authorized_keys"],
    ),
    (
        "key of an account that is gone",
        |i| i.write("/home/gone/.ssh/authorized_keys", KEY),
        &["MP-SSH-003 /home/gone/.ssh/authorized_keys"],
    ),
    (
        "key by a link",
        |i| {
            i.write("/opt/keys", KEY);
            i.link("/root/.ssh/authorized_keys", "/opt/keys")
        },
        &["MP-SSH-003 /root/.ssh/authorized_keys"],
    ),
    (
        "key where sshd is told to look",
        |i| {
            i.append(
                "/etc/ssh/sshd_config.d/50-x.conf",
                "AuthorizedKeysFile /etc/ssh/keys/%u\n",
            );
            i.write("/etc/ssh/keys/admin", KEY)
        },
        &["MP-SSH-003 /etc/ssh/keys/admin"],
    ),
    (
        "certificate authority",
        |i| {
            i.append(
                "/etc/ssh/sshd_config",
                "TrustedUserCAKeys /etc/ssh/ca.pub\n",
            );
            i.write("/etc/ssh/ca.pub", KEY)
        },
        &["MP-SSH-003 /etc/ssh/ca.pub"],
    ),
    (
        "host key",
        |i| i.write("/etc/ssh/ssh_host_ed25519_key", "key\n"),
        &["MP-CLEAN-001 /etc/ssh/ssh_host_ed25519_key"],
    ),
    (
        "host key elsewhere",
        |i| {
            i.append("/etc/ssh/sshd_config", "HostKey /opt/host.pem\n");
            i.write("/opt/host.pem", "key\n")
        },
        &["MP-CLEAN-001 /opt/host.pem"],
    ),
    (
        "history",
        |i| i.write("/home/admin/.bash_history", "ls\n"),
        &["MP-CLEAN-002 /home/admin/.bash_history"],
    ),
    (
        "history in an odd home",
        |i| i.write("/srv/svc/.python_history", "x\n"),
        &["MP-CLEAN-002 /srv/svc/.python_history"],
    ),
    (
        "history in the root folder",
        |i| i.write("/.sh_history", "x\n"),
        &["MP-CLEAN-002 /.sh_history"],
    ),
    (
        "history of less",
        |i| i.write("/root/.lesshst", "x\n"),
        &["MP-CLEAN-002 /root/.lesshst"],
    ),
    (
        "log",
        |i| i.write("/var/log/nginx/access.log", "GET /\n"),
        &["MP-CLEAN-003 /var/log/nginx/access.log"],
    ),
    (
        "rotated log",
        |i| i.write("/var/log/syslog.2.gz", "x"),
        &["MP-CLEAN-003 /var/log/syslog.2.gz"],
    ),
    (
        "journal",
        |i| i.write("/var/log/journal/0123/system.journal", "x"),
        &["MP-CLEAN-003 /var/log/journal/0123/system.journal"],
    ),
    (
        "application log",
        |i| i.write("/opt/app/logs/old/app.log", "x\n"),
        &["MP-CLEAN-003 /opt/app/logs/old/app.log"],
    ),
    (
        "cloud-init state",
        |i| i.write("/var/lib/cloud/instances/i-1/user-data.txt", "x\n"),
        &["MP-CLEAN-005 /var/lib/cloud/instances"],
    ),
    (
        "cloud-init instance",
        |i| i.link("/var/lib/cloud/instance", "instances/i-1"),
        &["MP-CLEAN-005 /var/lib/cloud/instance"],
    ),
    (
        "machine id",
        |i| i.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
        &["MP-CLEAN-005 /etc/machine-id"],
    ),
    (
        "machine id of D-Bus",
        |i| {
            i.write(
                "/var/lib/dbus/machine-id",
                "0123456789abcdef0123456789abcdef\n",
            )
        },
        &["MP-CLEAN-005 /var/lib/dbus/machine-id"],
    ),
    (
        "random seed",
        |i| i.write("/var/lib/systemd/random-seed", "x"),
        &["MP-CLEAN-005 /var/lib/systemd/random-seed"],
    ),
    (
        "credential secret",
        |i| i.write("/var/lib/systemd/credential.secret", "x"),
        &["MP-CLEAN-005 /var/lib/systemd/credential.secret"],
    ),
    (
        "lease",
        |i| i.write("/var/lib/dhcp/dhclient.eth0.leases", "lease {}\n"),
        &["MP-CLEAN-005 /var/lib/dhcp/dhclient.eth0.leases"],
    ),
    (
        "temporary file",
        |i| i.write("/tmp/setup/x", ""),
        &["MP-CLEAN-005 /tmp/setup/x"],
    ),
    (
        "core dump",
        |i| i.write("/var/lib/systemd/coredump/core.app.zst", "x"),
        &["MP-CLEAN-005 /var/lib/systemd/coredump/core.app.zst"],
    ),
    (
        "package cache",
        |i| i.write("/var/cache/apt/archives/x.deb", "x"),
        &["MP-CLEAN-005 /var/cache/apt/archives/x.deb"],
    ),
    (
        "package list",
        |i| i.write("/var/lib/apt/lists/debian_Packages", "x"),
        &["MP-CLEAN-005 /var/lib/apt/lists/debian_Packages"],
    ),
    (
        "account backup",
        |i| i.write("/etc/passwd-", "root:x:0:0:root:/root:/bin/sh\n"),
        &["MP-CLEAN-006 /etc/passwd-"],
    ),
    (
        "account backup with a hash",
        |i| i.write("/etc/shadow-", &format!("root:!{HASH}:1::::::\n")),
        &["MP-CLEAN-006 /etc/shadow-", "MP-SEC-006 /etc/shadow-"],
    ),
    (
        "Debian's old backup",
        |i| i.write("/var/backups/group.bak", ""),
        &["MP-CLEAN-006 /var/backups/group.bak"],
    ),
    (
        "kickstart",
        |i| {
            i.write(
                "/root/original-ks.cfg",
                &format!("rootpw --iscrypted {HASH}\n"),
            )
        },
        &["MP-SEC-006 /root/original-ks.cfg"],
    ),
    (
        "first-boot secret",
        |i| i.write("/var/lib/amint/secrets/admin", "secret\n"),
        &["MP-SEC-004 /var/lib/amint/secrets/admin"],
    ),
    (
        "first boot done",
        |i| i.write("/var/lib/amint/first-boot/admin.done", ""),
        &["MP-SEC-004 /var/lib/amint/first-boot/admin.done"],
    ),
    (
        "a link that loops",
        |i| i.link("/root/.viminfo", ".viminfo"),
        &["AMINT-DISK-002 /root/.viminfo"],
    ),
    (
        "no marker",
        |i| i.remove("/var/lib/amint/sealed"),
        &["AMINT-SEAL-001 /var/lib/amint/sealed"],
    ),
    (
        "another build's marker",
        |i| i.write("/var/lib/amint/sealed", &MARKER.replace("01jtest", "other")),
        &["AMINT-SEAL-001 /var/lib/amint/sealed"],
    ),
    (
        "another profile's marker",
        |i| i.write("/var/lib/amint/sealed", &MARKER.replace("@3", "@0")),
        &["AMINT-SEAL-001 /var/lib/amint/sealed"],
    ),
    (
        "a marker cut short",
        |i| i.write("/var/lib/amint/sealed", "build=01jtest\n"),
        &["AMINT-SEAL-001 /var/lib/amint/sealed"],
    ),
    (
        "a step that failed",
        |i| {
            i.write(
                "/var/lib/amint/sealed",
                &MARKER.replace("failed=", "failed=clear-logs"),
            )
        },
        &["AMINT-SEAL-002 /var/lib/amint/sealed"],
    ),
    (
        "a tracer",
        |i| {
            i.write(
                "/opt/app/lib/app",
                "amint-tracer-0123456789abcdef0123456789abcdef",
            )
        },
        &["MP-CLEAN-004 /opt/app/lib/app"],
    ),
];

#[test]
fn each_violation_makes_exactly_its_findings() {
    let all = VIOLATIONS.iter().chain(HIDDEN).chain(SSM).chain(ACCESS);
    for (name, plant, expected) in all.chain(LEFTOVERS) {
        let image = Image::clean();
        plant(&image);
        let inspection = image.inspect();
        let found: Vec<String> = found(&inspection)
            .into_iter()
            // Where on the disk a block ends up is mke2fs's business.
            .map(|finding| {
                finding
                    .split(" offset")
                    .next()
                    .map(str::to_owned)
                    .unwrap_or(finding)
            })
            .collect();
        let expected: Vec<&str> = expected
            .iter()
            .map(|one| one.split(" offset").next().unwrap_or(one))
            .collect();
        assert_eq!(found, expected, "{name}: {:#?}", inspection.findings);
        for finding in &inspection.findings {
            assert!(
                !finding.message.contains(HASH) && !finding.message.contains("AAAA"),
                "{name}"
            );
        }
    }
}

#[test]
fn only_errors_spoil_the_verdict() {
    let image = Image::clean();
    image.write("/var/cache/apt/pkgcache.bin", "x");
    let inspection = image.inspect();
    assert_eq!(inspection.findings[0].severity, Severity::Warning);
    assert_eq!(inspection.verdict, Verdict::Clean);
    image.write("/var/log/x", "x");
    let inspection = image.inspect();
    assert_eq!(
        found(&inspection),
        [
            "MP-CLEAN-003 /var/log/x",
            "MP-CLEAN-005 /var/cache/apt/pkgcache.bin"
        ]
    );
    assert_eq!(inspection.verdict, Verdict::Violations);
}

#[test]
fn a_finding_names_the_step_that_mends_it() {
    let image = Image::clean();
    image.write("/root/.viminfo", "x");
    assert_eq!(
        image.inspect().findings[0].step,
        Some("clear-shell-history")
    );
}

#[test]
fn every_step_and_every_file_rule_is_violated_here() {
    let planted: Vec<&str> = VIOLATIONS
        .iter()
        .chain(SSM)
        .chain(HIDDEN)
        .chain(ACCESS)
        .chain(LEFTOVERS)
        .chain(CIS)
        .flat_map(|(_, _, expected)| *expected)
        .copied()
        .collect();
    for rule in amint_harden::rules() {
        // What is wrong with a whole disk is tried in `disks.rs` and `partitions.rs`.
        let whole_disk = ["AMINT-DISK-001", "AMINT-DISK-002", "AMINT-DISK-004"].contains(&rule.id);
        assert!(
            whole_disk || planted.iter().any(|one| one.starts_with(rule.id)),
            "{}",
            rule.id
        );
    }
}
