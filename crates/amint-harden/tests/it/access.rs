//! Who can log in: violations and near misses of sshd's configuration, its units, and cloud-init's configuration, with
//! the texts that distributions ship.

use crate::support::Image;
use crate::violations::{KEY, Plant};

const MAIN: &str = "/etc/ssh/sshd_config";
const PASSWORDS: &str = "/etc/ssh/sshd_config.d/00-amint-passwords.conf";
const ROOT: &str = "/etc/ssh/sshd_config.d/00-amint-root.conf";
const CLOUD: &str = "/etc/cloud/cloud.cfg";
const WANTS: &str = "/etc/systemd/system/multi-user.target.wants";

/// `ssh.service` of Debian 12.
const DEBIAN_SERVICE: &str = "[Unit]\nDescription=OpenBSD Secure Shell server\nAfter=network.target auditd.service\n\
    ConditionPathExists=!/etc/ssh/sshd_not_to_be_run\n\n[Service]\nEnvironmentFile=-/etc/default/ssh\n\
    ExecStartPre=/usr/sbin/sshd -t\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\nExecReload=/usr/sbin/sshd -t\n\
    Type=notify\n\n[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n";

/// `ssh.socket` of Debian 12 and of Ubuntu 22.10 and later.
const DEBIAN_SOCKET: &str = "[Unit]\nBefore=sockets.target\n[Socket]\nListenStream=22\nAccept=no\n\n\
    [Install]\nWantedBy=sockets.target\n";

/// `sshd.service` of Amazon Linux 2023 and RHEL 9.
const RED_HAT_SERVICE: &str = "[Unit]\nDescription=OpenSSH server daemon\nWants=sshd-keygen.target\n\n[Service]\n\
    Type=notify\nEnvironmentFile=-/etc/sysconfig/sshd\nExecStart=/usr/sbin/sshd -D $OPTIONS\n\n\
    [Install]\nWantedBy=multi-user.target\n";

/// The drop-in of Ubuntu's ec2-instance-connect.
const INSTANCE_CONNECT: &str = "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D -o \
    \"AuthorizedKeysCommand /usr/share/ec2-instance-connect/eic_run_authorized_keys %%u %%f\" \
    -o \"AuthorizedKeysCommandUser ec2-instance-connect\" $SSHD_OPTS\n";

/// The part of a `cloud.cfg` that makes the owner's account.
pub(crate) const OWNER: &str = "users:\n  - default\ndisable_root: true\nssh_pwauth: false\nsystem_info:\n  default_user:\n    \
    name: admin\n    lock_passwd: True\n    groups: [adm, sudo]\n    \
    sudo: [\"ALL=(ALL) NOPASSWD:ALL\"]\n    shell: /bin/bash\n";

fn debian(image: &Image) {
    image.write("/lib/systemd/system/ssh.service", DEBIAN_SERVICE);
    image.write("/lib/systemd/system/ssh.socket", DEBIAN_SOCKET);
    image.write(
        "/etc/default/ssh",
        "# Options to pass to sshd\nSSHD_OPTS=\n",
    );
    image.link(
        &format!("{WANTS}/ssh.service"),
        "/lib/systemd/system/ssh.service",
    );
    image.link(
        "/etc/systemd/system/sshd.service",
        "/lib/systemd/system/ssh.service",
    );
}

fn red_hat(image: &Image) {
    image.write("/etc/os-release", "ID=\"amzn\"\nVERSION_ID=\"2023\"\n");
    image.write("/usr/lib/systemd/system/sshd.service", RED_HAT_SERVICE);
    image.write("/etc/sysconfig/sshd", "# OPTIONS=\"-o x\"\n");
    image.link(
        &format!("{WANTS}/sshd.service"),
        "/usr/lib/systemd/system/sshd.service",
    );
}

/// What is planted, and the findings it makes.
pub(crate) const ACCESS: &[(&str, Plant, &[&str])] = &[
    (
        "a Match that a program decides",
        |i| i.append(MAIN, "Match exec \"/bin/true\"\nPermitRootLogin yes\n"),
        &[
            "AMINT-SSHD-001 /etc/ssh/sshd_config",
            "MP-SSH-002 /etc/ssh/sshd_config",
        ],
    ),
    (
        "a Match that sshd does not know",
        |i| i.append(MAIN, "Match Moon full\n"),
        &["AMINT-SSHD-001 /etc/ssh/sshd_config"],
    ),
    (
        "a keyword that sshd does not know",
        |i| i.append(MAIN, "PermitRootLogins no\n"),
        &["AMINT-SSHD-001 /etc/ssh/sshd_config"],
    ),
    (
        "a line of a drop-in that sshd refuses",
        |i| i.write("/etc/ssh/sshd_config.d/99.conf", "UsePAM maybe\n"),
        &["AMINT-SSHD-001 /etc/ssh/sshd_config.d/99.conf"],
    ),
    (
        "passwords under an Include under a Match",
        |i| {
            i.append(MAIN, "Match User git\nInclude git.conf\n");
            i.write("/etc/ssh/git.conf", "PasswordAuthentication yes\n")
        },
        &["MP-SSH-001 /etc/ssh/git.conf"],
    ),
    (
        "passwords by an option of the unit",
        |i| {
            debian(i);
            i.write(
                "/etc/default/ssh",
                "SSHD_OPTS='-o PasswordAuthentication=yes'\n",
            )
        },
        &["MP-SSH-001 /lib/systemd/system/ssh.service"],
    ),
    (
        "root by an option of a drop-in",
        |i| {
            red_hat(i);
            i.write(
                "/etc/systemd/system/sshd.service.d/10.conf",
                "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D \\\n  -oPermitRootLogin=yes\n",
            )
        },
        &["MP-SSH-002 /etc/systemd/system/sshd.service.d/10.conf"],
    ),
    (
        "another configuration by an option",
        |i| {
            red_hat(i);
            i.write("/etc/sysconfig/sshd", "OPTIONS=\"-f /etc/ssh/other -4\"\n");
            i.write("/etc/ssh/other", "PermitRootLogin no\n")
        },
        &["MP-SSH-001 /etc/ssh/other"],
    ),
    (
        "root by default in an OpenSSH that is not known",
        |i| {
            i.remove("/etc/os-release");
            i.replace(
                PASSWORDS,
                "KbdI",
                "ChallengeResponseAuthentication no\nKbdI",
            );
            i.write(ROOT, "")
        },
        &[
            "MP-SSH-002 /etc/ssh/sshd_config",
            "MP-SEC-002 /etc/os-release",
        ],
    ),
    (
        "keyboard-interactive by its old name",
        |i| i.write("/etc/os-release", "ID=\"rhel\"\nVERSION_ID=\"8.10\"\n"),
        &["MP-SSH-001 /etc/ssh/sshd_config"],
    ),
    (
        "passwords at the first boot",
        |i| {
            i.write(CLOUD, OWNER);
            i.write("/etc/cloud/cloud.cfg.d/99.cfg", "ssh_pwauth: true\n")
        },
        &["MP-SSH-001 /etc/cloud/cloud.cfg.d/99.cfg"],
    ),
    (
        "a program that says which keys let in",
        |i| {
            i.append(
                MAIN,
                "AuthorizedKeysCommand /opt/keys %u\nAuthorizedKeysCommandUser nobody\n",
            )
        },
        &["MP-SSH-003 /etc/ssh/sshd_config"],
    ),
    (
        "keys in another account's home",
        |i| {
            i.append(MAIN, "AuthorizedKeysFile ~svc/%u\n");
            i.write("/srv/svc/admin", KEY)
        },
        &["MP-SSH-003 /srv/svc/admin"],
    ),
    (
        "a port for the machine itself",
        |i| i.append(MAIN, "ListenAddress 127.0.0.1\nListenAddress [::1]:2222\n"),
        &["MP-SSH-004 /etc/ssh/sshd_config"],
    ),
    (
        "a socket for the machine itself",
        |i| {
            debian(i);
            i.link(
                "/etc/systemd/system/sockets.target.wants/ssh.socket",
                "/lib/systemd/system/ssh.socket",
            );
            i.write(
                "/etc/systemd/system/ssh.socket.d/addresses.conf",
                "[Socket]\nListenStream=\nListenStream=127.0.0.1:22\n",
            )
        },
        &["MP-SSH-004 /etc/systemd/system/ssh.socket.d/addresses.conf"],
    ),
    (
        "a service that is masked",
        |i| {
            debian(i);
            i.link("/etc/systemd/system/ssh.service", "/dev/null")
        },
        &["MP-SSH-004 /etc/systemd/system/ssh.service"],
    ),
    (
        "a service that is not enabled",
        |i| {
            red_hat(i);
            i.remove(&format!("{WANTS}/sshd.service"))
        },
        &["MP-SSH-004 /usr/lib/systemd/system/sshd.service"],
    ),
    (
        "a file that keeps sshd from starting",
        |i| i.write("/etc/ssh/sshd_not_to_be_run", ""),
        &["MP-SSH-004 /etc/ssh/sshd_not_to_be_run"],
    ),
    (
        "the wrong accounts",
        |i| {
            i.write(CLOUD, OWNER);
            i.append(MAIN, "AllowUsers deploy admin@192.168.0.0/16\n")
        },
        &["MP-SSH-004 /etc/ssh/sshd_config"],
    ),
    (
        "the wrong groups for one of the networks",
        |i| i.append(MAIN, "Match Address 10.17.0.0/16\nAllowGroups staff\n"),
        &["MP-SSH-004 /etc/ssh/sshd_config"],
    ),
    (
        "no keys",
        |i| i.append(MAIN, "PubkeyAuthentication no\n"),
        &["MP-SSH-004 /etc/ssh/sshd_config"],
    ),
    (
        "no IPv4",
        |i| i.append(MAIN, "AddressFamily inet6\n"),
        &["MP-SSH-004 /etc/ssh/sshd_config"],
    ),
    (
        "everybody denied",
        |i| i.write("/etc/hosts.deny", "# all\nsshd : ALL\n"),
        &["MP-SSH-004 /etc/hosts.deny"],
    ),
    (
        "a firewall without a hole",
        |i| {
            i.write("/etc/ufw/ufw.conf", "ENABLED=yes\nLOGLEVEL=low\n");
            i.write(
                "/etc/ufw/user.rules",
                "-A ufw-user-input -p tcp --dport 443 -j ACCEPT\n",
            )
        },
        &["MP-SSH-004 /etc/ufw/ufw.conf"],
    ),
    (
        "no account for the key",
        |i| i.write(CLOUD, "users: []\nssh_pwauth: false\n"),
        &["MP-SSH-005 /etc/cloud/cloud.cfg"],
    ),
    (
        "an account without rights",
        |i| i.write(CLOUD, "system_info:\n  default_user:\n    name: guest\n"),
        &["MP-SSH-006 /etc/cloud/cloud.cfg"],
    ),
    (
        "names that are looked up",
        |i| i.append(MAIN, "UseDNS yes\n"),
        &["MP-SSH-009 /etc/ssh/sshd_config"],
    ),
];

/// What looks like a violation and is none.
pub(crate) const LOGINS: &[(&str, Plant)] = &[
    ("Debian's units", debian),
    ("Amazon Linux's units", red_hat),
    ("a socket with a port", |i| {
        debian(i);
        i.remove(&format!("{WANTS}/ssh.service"));
        i.link(
            "/etc/systemd/system/sockets.target.wants/ssh.socket",
            "/lib/systemd/system/ssh.socket",
        );
        // Of no effect: the socket decides.
        i.append(MAIN, "ListenAddress 127.0.0.1\n")
    }),
    ("EC2 Instance Connect", |i| {
        debian(i);
        i.write(
            "/lib/systemd/system/ssh.service.d/ec2-instance-connect.conf",
            INSTANCE_CONNECT,
        )
    }),
    ("a drop-in that another one of its name replaces", |i| {
        red_hat(i);
        let text = "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -oPermitRootLogin=yes\n";
        i.write("/usr/lib/systemd/system/sshd.service.d/10.conf", text);
        i.write("/etc/systemd/system/sshd.service.d/10.conf", "")
    }),
    ("an option that is better than the file", |i| {
        debian(i);
        i.write("/etc/default/ssh", "SSHD_OPTS=\"-o PermitRootLogin=no\"\n");
        i.replace(ROOT, "no", "yes")
    }),
    ("a Match that an earlier one beats", |i| {
        i.append(
            MAIN,
            "Match User git\nPasswordAuthentication no\n\
             Match Address 10.0.0.0/8 User git\nPasswordAuthentication yes\n",
        )
    }),
    ("a setting that Match all beats", |i| {
        i.replace(ROOT, "no", "yes\nMatch all\nPermitRootLogin no")
    }),
    ("a quote that is never closed hides a line", |i| {
        i.append(MAIN, "\"UseDNS yes\n")
    }),
    ("the owner among others", |i| {
        i.write(CLOUD, OWNER);
        i.append(
            MAIN,
            "AllowUsers deploy ad*@10.*\nDenyUsers root\nAllowGroups sudo\n",
        )
    }),
    ("the owner's rights in a file of sudo", |i| {
        i.write(
            CLOUD,
            "system_info:\n  default_user:\n    name: guest\n    groups: wheel\n",
        );
        i.write("/etc/sudoers", "root ALL=(ALL) ALL\n%wheel ALL=(ALL) ALL\n")
    }),
    ("a firewall with a hole", |i| {
        i.write("/etc/ufw/ufw.conf", "ENABLED=yes\n");
        i.write(
            "/etc/ufw/user.rules",
            "-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n",
        )
    }),
    ("everybody denied but those who are allowed", |i| {
        i.write("/etc/hosts.deny", "ALL: ALL\n");
        i.write("/etc/hosts.allow", "sshd: 10.\n")
    }),
    ("a configuration of cloud-init that is no YAML", |i| {
        i.write(CLOUD, OWNER);
        i.write("/etc/cloud/cloud.cfg.d/99.cfg", "ssh_pwauth: true: [\n")
    }),
];
