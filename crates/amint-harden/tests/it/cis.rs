//! The profile `cis-hygiene`: each violation makes exactly its finding, and the near misses make none.

use std::os::unix::fs::{MetadataExt, chown};
use std::process::Command;

use amint_harden::step;

use crate::chroot::succeed;
use crate::scripts::SHELLS;
use crate::support::{Image, found};
use crate::violations::{SHADOW, Violation};

/// What is planted, and the findings it makes.
pub(crate) const CIS: &[Violation] = &[
    (
        "a password in passwd",
        |i| i.replace("/etc/passwd", "svc:x:", "svc:abJnggxhB/yWI:"),
        &["CIS-ACCT-001 /etc/passwd"],
    ),
    (
        "two accounts with one id",
        |i| i.replace("/etc/passwd", "svc:x:990:", "svc:x:1:"),
        &["CIS-ACCT-002 /etc/passwd"],
    ),
    (
        "two groups with one id",
        |i| i.append("/etc/group", "more:x:990:\n"),
        &["CIS-ACCT-003 /etc/group"],
    ),
    (
        "a group that does not exist",
        |i| i.replace("/etc/passwd", ":990:990:", ":990:991:"),
        &["CIS-ACCT-003 /etc/passwd"],
    ),
    (
        "two accounts with one name",
        |i| i.append("/etc/passwd", "svc:x:989:990::/srv/svc:/usr/sbin/nologin\n"),
        &["CIS-ACCT-004 /etc/passwd"],
    ),
    (
        "another root",
        |i| i.append("/etc/passwd", "toor:x:0:0::/root:/bin/sh\n"),
        &["CIS-ACCT-002 /etc/passwd", "CIS-ACCT-005 /etc/passwd"],
    ),
    (
        "root in another group",
        |i| i.replace("/etc/passwd", "root:x:0:0:", "root:x:0:1:"),
        &["CIS-ACCT-005 /etc/passwd"],
    ),
    (
        "a service with a shell",
        |i| {
            i.replace(
                "/etc/passwd",
                "/srv/svc:/usr/sbin/nologin",
                "/srv/svc:/bin/sh",
            )
        },
        &["CIS-ACCT-006 /etc/passwd"],
    ),
    (
        "root without a password",
        |i| i.replace(SHADOW, ROOT, "root:!:"),
        &["CIS-ACCT-007 /etc/shadow"],
    ),
    (
        "a blank password",
        |i| i.replace(SHADOW, "admin:!!:", "admin::"),
        &["MP-SEC-005 /etc/shadow"],
    ),
    (
        "the audit deletes",
        |i| {
            i.write("/etc/audit/auditd.conf", "max_log_file_action = ROTATE\n");
            i.chmod("/etc/audit/auditd.conf", 0o640)
        },
        &["CIS-AUDIT-001 /etc/audit/auditd.conf"],
    ),
    (
        "a home that others may write to",
        |i| i.chmod("/home/admin", 0o775),
        &["CIS-HOME-001 /home/admin"],
    ),
    (
        "somebody else's home",
        |i| own(i, "/home/admin", 990),
        &["CIS-HOME-001 /home/admin"],
    ),
    (
        "mail goes elsewhere",
        |i| i.write("/home/admin/.forward", "x@example.com\n"),
        &["CIS-HOME-002 /home/admin/.forward"],
    ),
    (
        "an odd search path",
        |i| i.append("/root/.bashrc", "export PATH=.:$PATH\n"),
        &["CIS-PATH-001 /root/.bashrc"],
    ),
    (
        "an empty element in the search path",
        |i| i.write("/etc/environment", "PATH=\"/usr/bin:\"\n"),
        &["CIS-PATH-001 /etc/environment"],
    ),
    (
        "everybody reads hashes",
        |i| i.chmod(SHADOW, 0o644),
        &["CIS-PERM-001 /etc/shadow"],
    ),
    (
        "somebody owns accounts",
        |i| own(i, "/etc/passwd", 1000),
        &["CIS-PERM-001 /etc/passwd"],
    ),
    (
        "everybody reads sshd's settings",
        |i| i.chmod("/etc/ssh/sshd_config", 0o644),
        &["CIS-PERM-002 /etc/ssh/sshd_config"],
    ),
    (
        "everybody reads logs",
        |i| i.chmod("/var/log/syslog", 0o644),
        &["CIS-PERM-003 /var/log/syslog"],
    ),
    (
        "everybody writes",
        |i| i.chmod("/opt/app/lib/app", 0o666),
        &["CIS-PERM-004 /opt/app/lib/app"],
    ),
    (
        "everybody deletes",
        |i| i.chmod("/opt/app/lib", 0o777),
        &["CIS-PERM-004 /opt/app/lib"],
    ),
    (
        "nobody owns",
        |i| own(i, "/opt/app/lib/app", 4711),
        &["CIS-PERM-005 /opt/app/lib/app"],
    ),
    (
        "runs as root",
        |i| i.chmod("/opt/app/lib/app", 0o4755),
        &["CIS-PERM-006 /opt/app/lib/app"],
    ),
    (
        "everybody reads what is watched",
        |i| {
            i.write("/etc/audit/rules.d/x.rules", "-D\n");
            i.chmod("/etc/audit/rules.d/x.rules", 0o644)
        },
        &["CIS-PERM-007 /etc/audit/rules.d/x.rules"],
    ),
];

const ROOT: &str = "root:$6$salt$kM0Z1xJYk9nW1Q5Lq6:";

fn own(image: &Image, path: &str, uid: u32) {
    chown(image.path(path), Some(uid), Some(0)).expect("root may");
}

/// An image that the benchmark has nothing against; `None` for a user who may not say whom files belong to.
#[expect(clippy::print_stdout, reason = "a test that was skipped should say so")]
pub(crate) fn clean() -> Option<Image> {
    let image = Image::clean();
    if image.root().metadata().expect("a folder").uid() != 0 {
        println!("skipped: only root may give files away");
        return None;
    }
    image.replace(SHADOW, "root:!:", ROOT);
    image.append("/etc/group", "daemon:x:1:\nnogroup:x:65534:\n");
    own(&image, "/home/admin", 1000);
    for (path, mode) in [
        (SHADOW, 0o640),
        ("/etc/gshadow", 0o600),
        ("/etc/ssh/sshd_config", 0o600),
        ("/etc/ssh/sshd_config.d/00-amint-root.conf", 0o600),
        ("/etc/ssh/sshd_config.d/00-amint-passwords.conf", 0o600),
        ("/etc/ssh/sshd_config.d/50-cloud-init.conf", 0o600),
        ("/var/log/syslog", 0o640),
        ("/var/log/nginx/access.log", 0o600),
    ] {
        image.chmod(path, mode);
    }
    Some(image)
}

#[test]
fn each_violation_makes_exactly_its_findings() {
    for (name, plant, expected) in CIS {
        let Some(image) = clean() else { return };
        plant(&image);
        let inspection = image.inspect_by("cis-hygiene");
        assert_eq!(
            found(&inspection),
            *expected,
            "{name}: {:#?}",
            inspection.findings
        );
    }
}

#[test]
fn near_misses_make_none() {
    for plant in [
        |_: &Image| {},
        |i: &Image| i.chmod("/tmp", 0o1777),
        |i: &Image| {
            i.write("/usr/bin/sudo", "x");
            i.chmod("/usr/bin/sudo", 0o4755)
        },
        |i: &Image| {
            i.append(
                "/root/.bashrc",
                "PATH=$HOME/bin:/usr/bin\n# PATH=.\nMANPATH=.\n",
            )
        },
        |i: &Image| {
            i.write("/var/log/wtmp", "");
            i.chmod("/var/log/wtmp", 0o664)
        },
        |i: &Image| {
            i.write("/var/lib/docker/overlay2/x/diff/tmp", "x");
            own(i, "/var/lib/docker/overlay2/x/diff/tmp", 4711);
            i.chmod("/var/lib/docker/overlay2/x/diff/tmp", 0o666)
        },
        |i: &Image| own(i, "/srv/svc/data", 61_200),
    ] {
        let Some(image) = clean() else { return };
        plant(&image);
        let inspection = image.inspect_by("cis-hygiene");
        assert!(inspection.findings.is_empty(), "{:#?}", inspection.findings);
    }
}

#[test]
fn a_program_with_capabilities_is_seen() {
    let Some(image) = clean() else { return };
    image.chmod("/opt/app/lib/app", 0o755);
    let path = image.path("/opt/app/lib/app");
    let set = Command::new("setcap")
        .arg("cap_net_bind_service=ep")
        .arg(path)
        .status();
    assert!(set.expect("setcap (package libcap2-bin)").success());
    assert_eq!(
        found(&image.inspect_by("cis-hygiene")),
        ["CIS-PERM-006 /opt/app/lib/app"]
    );
}

#[test]
fn rights_are_taken_away_by_the_script() {
    for shell in SHELLS {
        let Some(image) = clean() else { return };
        for (path, mode) in [
            ("/etc/passwd", 0o666),
            (SHADOW, 0o4666),
            ("/etc/gshadow", 0o644),
            ("/etc/ssh/sshd_config", 0o644),
            ("/var/log/syslog", 0o666),
            ("/opt/app/lib/app", 0o777),
            ("/opt/app/lib", 0o777),
        ] {
            image.chmod(path, mode);
        }
        for path in ["/etc/passwd", SHADOW, "/etc/ssh/sshd_config"] {
            own(&image, path, 1000);
        }
        assert!(image.inspect_by("cis-hygiene").findings.len() >= 7);
        let script = step("set-file-modes").unwrap().script;
        if !succeed(&image, shell, "set-file-modes", script, &[]) {
            return;
        }
        let inspection = image.inspect_by("cis-hygiene");
        assert!(inspection.findings.is_empty(), "{:#?}", inspection.findings);
        let mode = |path: &str| image.path(path).metadata().unwrap().mode() & 0o7777;
        assert_eq!(mode("/etc/passwd"), 0o644);
        assert_eq!(mode("/opt/app/lib/app"), 0o775);
        assert_eq!(mode("/opt/app/lib"), 0o1777);
    }
}
