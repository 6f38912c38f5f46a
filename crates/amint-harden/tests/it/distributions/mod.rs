//! Root trees as distributions have them after a build: what they ship, and what a build leaves in them.

mod red_hat;
mod ubuntu;

pub(crate) use red_hat::{AMAZON_LINUX_2023, RHEL_9};
pub(crate) use ubuntu::{UBUNTU_22_04, UBUNTU_24_04};

use crate::access::OWNER;
use crate::support::Image;

/// One distribution's tree.
pub(crate) struct Distribution {
    pub(crate) name: &'static str,
    pub(crate) passwd: &'static str,
    shadow: &'static str,
    /// Files that it ships or writes, and that stay or go.
    files: &'static [(&'static str, &'static str)],
    /// Links that it ships.
    links: &'static [(&'static str, &'static str)],
    /// What must be left of it.
    pub(crate) kept: &'static [&'static str],
}

impl Distribution {
    pub(crate) fn tree(&self) -> Image {
        let image = Image::empty();
        image.write("/etc/passwd", self.passwd);
        image.write("/etc/shadow", self.shadow);
        image.write("/etc/group", "root:x:0:\nadm:x:4:\n");
        image.write("/etc/gshadow", "root:*::\nadm:*::\n");
        for (path, content) in EVERYWHERE.iter().chain(self.files) {
            image.write(path, content);
        }
        for (path, target) in self.links {
            image.link(path, target);
        }
        image
    }
}

/// What a build leaves on any of them.
const EVERYWHERE: &[(&str, &str)] = &[
    ("/etc/passwd-", "root:x:0:0::/root:/bin/sh\n"),
    ("/etc/shadow-", "root::1::::::\n"),
    ("/etc/group-", "x\n"),
    ("/etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
    ("/etc/ssh/ssh_host_ecdsa_key", "key\n"),
    ("/etc/ssh/ssh_host_ecdsa_key.pub", "key\n"),
    ("/etc/ssh/ssh_host_ed25519_key", "key\n"),
    ("/root/.bash_history", "ls\n"),
    (
        "/root/.ssh/authorized_keys",
        "no-port-forwarding,command=\"echo no\" ssh-rsa AAAA\n",
    ),
    ("/root/.aws/credentials", "[default]\n"),
    ("/var/lib/cloud/data/instance-id", "i-0123456789abcdef0\n"),
    (
        "/var/lib/cloud/instances/i-0123456789abcdef0/user-data.txt",
        "#!/bin/sh\n",
    ),
    (
        "/var/lib/cloud/instances/i-0123456789abcdef0/sem/config_ssh",
        "x\n",
    ),
    ("/var/lib/cloud/sem/config_scripts_per_once.once", "x\n"),
    ("/var/lib/cloud/seed/nocloud/meta-data", "x\n"),
    ("/var/lib/systemd/random-seed", "x"),
    ("/var/lib/systemd/timesync/clock", ""),
    ("/var/log/cloud-init.log", "x\n"),
    ("/var/log/cloud-init-output.log", "x\n"),
    ("/var/log/wtmp", "x"),
    ("/var/log/btmp", "x"),
    ("/var/log/lastlog", "x"),
    (
        "/var/log/journal/0123456789abcdef0123456789abcdef/system.journal",
        "x",
    ),
    (
        "/var/log/journal/0123456789abcdef0123456789abcdef/user-1000@0001.journal~",
        "x",
    ),
    ("/var/log/audit/audit.log", "x\n"),
    ("/var/log/audit/audit.log.1", "x\n"),
    ("/var/lib/systemd/coredump/core.app.0.x.zst", "x"),
    ("/var/log/sa/sa22", "x"),
    ("/tmp/build", "x"),
    ("/var/tmp/dnf-x/y", "x"),
    ("/var/spool/cron/.keep", ""),
    ("/etc/cloud/cloud.cfg", OWNER),
    (
        "/etc/sudoers.d/90-cloud-init-users",
        "# Created by cloud-init\nec2-user ALL=(ALL) NOPASSWD:ALL\n",
    ),
];
