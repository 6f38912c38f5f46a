//! Violations in places where one does not look, or under names that are hard to write.

use std::fs;

use crate::violations::{HASH, KEY, Plant, SHADOW};

/// What is planted, and the findings it makes.
pub(crate) const HIDDEN: &[(&str, Plant, &[&str])] = &[
    (
        "old passwords",
        |i| i.write("/etc/security/opasswd", &format!("me:1000:1:{HASH}\n")),
        &["MP-SEC-006 /etc/security/opasswd"],
    ),
    (
        "a copy that an editor left",
        |i| i.write("/etc/shadow.save", &format!("root:{HASH}:1::::::\n")),
        &["MP-SEC-006 /etc/shadow.save"],
    ),
    (
        "a hash in a NIS entry",
        |i| i.append(SHADOW, &format!("+me:{HASH}:::::::\n")),
        &["MP-SEC-006 /etc/shadow"],
    ),
    (
        "an editor's copy of a history",
        |i| i.write("/root/.bash_history~", "ls\n"),
        &["MP-CLEAN-002 /root/.bash_history~"],
    ),
    (
        "a history in a home that is not UTF-8",
        |i| i.write_bytes(b"/home/gon\xe9/.bash_history", "ls\n"),
        &["MP-CLEAN-002 /home/gon\u{f7e9}/.bash_history"],
    ),
    (
        "a key in a home that the account file names in Latin-1",
        |i| {
            let passwd = fs::read(i.path("/etc/passwd")).expect("a file");
            let line = b"jos:x:1001:1001::/srv/jos\xe9:/bin/sh\n";
            i.write_bytes(b"/etc/passwd", [&passwd, &line[..]].concat());
            i.write_bytes(b"/srv/jos\xe9/.ssh/authorized_keys", KEY)
        },
        &["MP-SSH-003 /srv/jos\u{f7e9}/.ssh/authorized_keys"],
    ),
    (
        "sshd's configuration in a name that is not UTF-8",
        |i| {
            i.write_bytes(
                b"/etc/ssh/sshd_config.d/0-\xff.conf",
                "PermitRootLogin yes\n",
            )
        },
        &["MP-SSH-002 /etc/ssh/sshd_config.d/0-\u{f7ff}.conf"],
    ),
    (
        "a NUL byte that hides a value from all but sshd",
        |i| i.append("/etc/ssh/sshd_config", "PermitRootLogin yes\0 no\n"),
        &["AMINT-DISK-002 /etc/ssh/sshd_config"],
    ),
    (
        "host key with an odd name",
        |i| i.write("/etc/ssh/keys/rsa.pem", "-----BEGIN RSA PRIVATE KEY-----\n"),
        &["MP-CLEAN-001 /etc/ssh/keys/rsa.pem"],
    ),
    (
        "logs behind a link",
        |i| {
            i.write("/srv/logs/app.log", "line\n");
            i.link("/var/log/app", "/srv/logs")
        },
        &["MP-CLEAN-003 /var/log/app/app.log"],
    ),
    (
        "machine id of D-Bus behind a link",
        |i| {
            i.write("/srv/id", "0123456789abcdef0123456789abcdef\n");
            i.remove("/var/lib/dbus/machine-id");
            i.link("/var/lib/dbus/machine-id", "/srv/id")
        },
        &["MP-CLEAN-005 /var/lib/dbus/machine-id"],
    ),
    (
        "an encrypted volume",
        |i| i.write("/etc/crypttab", "# name device\ndata UUID=1234 none luks\n"),
        &["MP-ARCH-007 /etc/crypttab"],
    ),
];
