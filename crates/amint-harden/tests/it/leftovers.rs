//! What a build leaves.

use crate::access::OWNER;
use crate::violations::{KEY, Violation};

const PRIVATE: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n";

/// What is planted, and the findings it makes.
pub(crate) const LEFTOVERS: &[Violation] = &[
    (
        "out of support",
        |i| i.write("/etc/os-release", "ID=amzn\nVERSION_ID=\"2\"\n"),
        // Of an OpenSSH that is not known the weaker defaults count.
        &[
            "MP-SEC-002 /etc/os-release",
            "MP-SSH-001 /etc/ssh/sshd_config",
        ],
    ),
    (
        "nobody knows until when",
        |i| i.write("/etc/os-release", "ID=mine\n"),
        &[
            "MP-SSH-001 /etc/ssh/sshd_config",
            "MP-SEC-002 /etc/os-release",
        ],
    ),
    (
        "no os-release",
        |i| i.remove("/etc/os-release"),
        &[
            "MP-SSH-001 /etc/ssh/sshd_config",
            "MP-SEC-002 /etc/os-release",
        ],
    ),
    (
        "PAM takes blank passwords",
        |i| {
            i.write(
                "/etc/pam.d/common-auth",
                "auth [success=1 default=ignore] pam_unix.so nullok\n",
            )
        },
        &["MP-SEC-005 /etc/pam.d/common-auth"],
    ),
    (
        "boot loader's password",
        |i| {
            i.write(
                "/boot/grub2/user.cfg",
                "GRUB2_PASSWORD=grub.pbkdf2.sha512.10000.AB\n",
            )
        },
        &["MP-SEC-006 /boot/grub2/user.cfg"],
    ),
    (
        "web server's password",
        |i| {
            i.write(
                "/etc/nginx/.htpasswd",
                "admin:$apr1$salt$kM0Z1xJYk9nW1Q5Lq6\n",
            )
        },
        &["MP-SEC-006 /etc/nginx/.htpasswd"],
    ),
    (
        "kickstart in the clear",
        |i| i.write("/root/anaconda-ks.cfg", "lang C\nrootpw hunter2\n"),
        &["MP-SEC-006 /root/anaconda-ks.cfg"],
    ),
    (
        "answers to debconf",
        |i| {
            i.write(
                "/var/cache/debconf/passwords.dat",
                "Name: mysql/root\nValue: hunter2\n",
            )
        },
        &["MP-SEC-006 /var/cache/debconf/passwords.dat"],
    ),
    (
        "a directory's users",
        |i| i.write("/var/lib/sss/db/cache_x.ldb", "x"),
        &["MP-SEC-006 /var/lib/sss/db/cache_x.ldb"],
    ),
    (
        "key pair",
        |i| i.write("/root/.ssh/id_ed25519", PRIVATE),
        &["MP-SEC-007 /root/.ssh/id_ed25519"],
    ),
    (
        "key of another name",
        |i| i.write("/srv/svc/.ssh/deploy", PRIVATE),
        &["MP-SEC-007 /srv/svc/.ssh/deploy"],
    ),
    (
        "GnuPG's keys",
        |i| i.write("/home/admin/.gnupg/private-keys-v1.d/0123.key", "x"),
        &["MP-SEC-007 /home/admin/.gnupg/private-keys-v1.d/0123.key"],
    ),
    (
        "TLS key",
        |i| i.write("/etc/pki/tls/private/app.key", "x"),
        &["MP-SEC-007 /etc/pki/tls/private/app.key"],
    ),
    (
        "TLS key that is made anew",
        |i| {
            i.write("/etc/pki/tls/private/localhost.key", "x");
            i.write("/usr/lib/systemd/system/httpd-init.service", "[Unit]\n")
        },
        &["MP-SEC-007 /etc/pki/tls/private/localhost.key"],
    ),
    (
        "subscription",
        |i| i.write("/etc/pki/consumer/key.pem", "x"),
        &["MP-SEC-007 /etc/pki/consumer/key.pem"],
    ),
    (
        "Kerberos keys",
        |i| i.write("/etc/krb5.keytab", "x"),
        &["MP-SEC-007 /etc/krb5.keytab"],
    ),
    (
        "AWS",
        |i| i.write("/root/.aws/credentials", "[default]\n"),
        &["MP-SEC-008 /root/.aws/credentials"],
    ),
    (
        "AWS in settings",
        |i| i.write("/root/.aws/config", "[x]\naws_secret_access_key = wJalr\n"),
        &["MP-SEC-008 /root/.aws/config"],
    ),
    (
        "registry in an odd home",
        |i| {
            i.write(
                "/srv/svc/.docker/config.json",
                "{\"auths\": {\"r\": {\"auth\": \"dXNlcjpw\"}}}",
            )
        },
        &["MP-SEC-008 /srv/svc/.docker/config.json"],
    ),
    (
        "netrc in the root folder",
        |i| i.write("/.netrc", "machine x password y\n"),
        &["MP-SEC-008 /.netrc"],
    ),
    (
        "npm",
        |i| i.write("/home/admin/.npmrc", "//r/:_authToken=npm_x\n"),
        &["MP-SEC-008 /home/admin/.npmrc"],
    ),
    (
        "PyPI",
        |i| i.write("/home/gone/.pypirc", "[pypi]\npassword = pypi-x\n"),
        &["MP-SEC-008 /home/gone/.pypirc"],
    ),
    (
        "Kubernetes",
        |i| i.write("/root/.kube/config", "users: []\n"),
        &["MP-SEC-008 /root/.kube/config"],
    ),
    (
        "Google",
        |i| i.write("/root/.config/gcloud/legacy_credentials/me/adc.json", "{}"),
        &["MP-SEC-008 /root/.config/gcloud/legacy_credentials/me/adc.json"],
    ),
    (
        "GitHub",
        |i| i.write("/root/.config/gh/hosts.yml", "github.com:\n"),
        &["MP-SEC-008 /root/.config/gh/hosts.yml"],
    ),
    (
        "Terraform",
        |i| i.write("/home/admin/infra/prod/terraform.tfstate", "{}"),
        &["MP-SEC-008 /home/admin/infra/prod/terraform.tfstate"],
    ),
    (
        "Terraform in a product",
        |i| i.write("/opt/app/x.tfstate.backup", "{}"),
        &["MP-SEC-008 /opt/app/x.tfstate.backup"],
    ),
    (
        "environment of a product",
        |i| i.write("/srv/app/.env", "DEBUG=1\nDB_PASSWORD=hunter2\n"),
        &["MP-SEC-008 /srv/app/.env"],
    ),
    (
        "Ubuntu Pro",
        |i| i.write("/var/lib/ubuntu-advantage/private/machine-token.json", "{}"),
        &["MP-SEC-008 /var/lib/ubuntu-advantage/private/machine-token.json"],
    ),
    (
        "trust in hosts",
        |i| i.write("/home/admin/.rhosts", "+ +\n"),
        &["MP-SEC-010 /home/admin/.rhosts"],
    ),
    (
        "trust in hosts for all",
        |i| i.write("/etc/hosts.equiv", "+\n"),
        &["MP-SEC-010 /etc/hosts.equiv"],
    ),
    (
        "remote support",
        |i| {
            i.write("/usr/lib/systemd/system/teamviewerd.service", "[Unit]\n");
            i.link(
                "/etc/systemd/system/multi-user.target.wants/teamviewerd.service",
                "/usr/lib/systemd/system/teamviewerd.service",
            )
        },
        &["MP-SEC-010 /etc/systemd/system/multi-user.target.wants/teamviewerd.service"],
    ),
    (
        "private network",
        |i| i.write("/var/lib/tailscale/tailscaled.state", "{}"),
        &["MP-SEC-010 /var/lib/tailscale/tailscaled.state"],
    ),
    (
        "keys that a command brings",
        |i| {
            i.append(
                "/etc/ssh/sshd_config",
                "AuthorizedKeysCommand /opt/app/keys\nAuthorizedKeysCommandUser nobody\n",
            )
        },
        &["MP-SSH-003 /etc/ssh/sshd_config"],
    ),
    (
        "encrypted",
        |i| i.write("/etc/crypttab", "# x\ndata UUID=1 none luks\n"),
        &["MP-ARCH-007 /etc/crypttab"],
    ),
    (
        "Region",
        |i| {
            i.write(
                "/opt/app/conf",
                "queue: https://sqs.eu-west-1.amazonaws.com/1/q\n",
            )
        },
        &["MP-ARCH-008 /opt/app/conf"],
    ),
    (
        "account",
        |i| i.write("/usr/local/bin/x", "S=subnet-0123456789abcdef0\n"),
        &["MP-ARCH-008 /usr/local/bin/x"],
    ),
    (
        "Region of the packages",
        |i| i.write("/etc/yum/vars/awsregion", "us-west-2\n"),
        &["MP-ARCH-008 /etc/yum/vars/awsregion"],
    ),
    (
        "metadata without a token",
        |i| {
            i.write(
                "/opt/app/start",
                "curl http://169.254.169.254/latest/meta-data/instance-id\n",
            )
        },
        &["MP-ARCH-014 /opt/app/start"],
    ),
    (
        "history of fish",
        |i| i.write("/srv/svc/.local/share/fish/fish_history", "x"),
        &["MP-CLEAN-002 /srv/svc/.local/share/fish/fish_history"],
    ),
    (
        "history by the XDG rules",
        |i| i.write("/home/admin/.local/state/bash/history", "x"),
        &["MP-CLEAN-002 /home/admin/.local/state/bash/history"],
    ),
    (
        "swap of vim's history",
        |i| i.write("/root/.viminfz.tmp", "x"),
        &["MP-CLEAN-002 /root/.viminfz.tmp"],
    ),
    (
        "processes",
        |i| i.write("/var/account/pacct", "x"),
        &["MP-CLEAN-003 /var/account/pacct"],
    ),
    (
        "hosts that were talked to",
        |i| i.write("/root/.ssh/known_hosts", KEY),
        &["MP-CLEAN-005 /root/.ssh/known_hosts"],
    ),
    (
        "mail",
        |i| i.write("/var/mail/root", "From cron\n"),
        &["MP-CLEAN-005 /var/mail/root"],
    ),
    (
        "queue",
        |i| i.write("/var/spool/postfix/deferred/A/A1", "x"),
        &["MP-CLEAN-005 /var/spool/postfix/deferred/A/A1"],
    ),
    (
        "job",
        |i| i.write("/var/spool/cron/atjobs/a0001", "#!/bin/sh\n"),
        &["MP-CLEAN-005 /var/spool/cron/atjobs/a0001"],
    ),
    (
        "crontab",
        |i| i.write("/var/spool/cron/crontabs/admin", "* * * * * x\n"),
        &["MP-CLEAN-005 /var/spool/cron/crontabs/admin"],
    ),
    (
        "core dump beside a program",
        |i| i.write_bytes(b"/srv/svc/core.4711", CORE),
        &["MP-CLEAN-005 /srv/svc/core.4711"],
    ),
    (
        "core dump in the root folder",
        |i| i.write_bytes(b"/core", CORE),
        &["MP-CLEAN-005 /core"],
    ),
    (
        "swap file",
        |i| {
            i.append("/etc/fstab", "/data/swap none swap sw 0 0\n");
            i.write("/data/swap", &"\0".repeat(70_000));
            i.append("/data/swap", "page")
        },
        &["MP-CLEAN-005 /data/swap"],
    ),
    (
        "found by a check",
        |i| i.write("/lost+found/#12", "x"),
        &["MP-CLEAN-005 /lost+found/#12"],
    ),
    (
        "memory of dnf",
        |i| i.write("/var/lib/dnf/history.sqlite-wal", "x"),
        &["MP-CLEAN-005 /var/lib/dnf/history.sqlite-wal"],
    ),
    (
        "cache of pip",
        |i| i.write("/root/.cache/pip/http/x", "x"),
        &["MP-CLEAN-005 /root/.cache/pip/http/x"],
    ),
    (
        "netplan of cloud-init",
        |i| {
            i.write("/etc/cloud/cloud.cfg", OWNER);
            i.write("/etc/netplan/50-cloud-init.yaml", "network: {}\n")
        },
        &["MP-CLEAN-005 /etc/netplan/50-cloud-init.yaml"],
    ),
    (
        "card",
        |i| {
            i.write(
                "/etc/sysconfig/network-scripts/ifcfg-eth0",
                "HWADDR=02:00:00:00:00:01\n",
            )
        },
        &["MP-CLEAN-005 /etc/sysconfig/network-scripts/ifcfg-eth0"],
    ),
    (
        "host name",
        |i| {
            i.write(
                "/etc/hostname",
                "ip-172-31-5-6.eu-west-1.compute.internal\n",
            )
        },
        &["MP-CLEAN-005 /etc/hostname"],
    ),
    (
        "networks that were seen",
        |i| i.write("/var/lib/NetworkManager/timestamps", "x"),
        &["MP-CLEAN-005 /var/lib/NetworkManager/timestamps"],
    ),
    (
        "rights of cloud-init's user",
        |i| {
            i.write("/etc/cloud/cloud.cfg", OWNER);
            i.write(
                "/etc/sudoers.d/90-cloud-init-users",
                "admin ALL=(ALL) NOPASSWD:ALL\n",
            )
        },
        &["MP-CLEAN-005 /etc/sudoers.d/90-cloud-init-users"],
    ),
    (
        "rights of a person",
        |i| i.write("/etc/sudoers.d/x", "admin ALL=(ALL) NOPASSWD: ALL\n"),
        &["MP-CLEAN-005 /etc/sudoers.d/x"],
    ),
    (
        "id of the subscription",
        |i| i.write("/var/lib/yum/uuid", "x"),
        &["MP-CLEAN-005 /var/lib/yum/uuid"],
    ),
    (
        "copy of a configuration",
        |i| i.write("/etc/app/app.conf.rpmsave", "x"),
        &["MP-CLEAN-006 /etc/app/app.conf.rpmsave"],
    ),
    (
        "hidden copy of a configuration",
        |i| i.write("/etc/.app.conf.swp", "x"),
        &["MP-CLEAN-006 /etc/.app.conf.swp"],
    ),
    (
        "editor's copy",
        |i| i.write("/home/admin/notes~", "x"),
        &["MP-CLEAN-006 /home/admin/notes~"],
    ),
    (
        "versions of /etc",
        |i| i.write("/etc/.git/HEAD", "ref: x\n"),
        &["MP-CLEAN-006 /etc/.git/HEAD"],
    ),
];

/// The head of an ELF file whose type is "core".
pub(crate) const CORE: [u8; 20] = [
    0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 62, 0,
];
