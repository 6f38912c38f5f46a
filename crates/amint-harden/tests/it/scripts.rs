//! The scripts themselves, on a tree that violates nearly everything: afterwards the disk is clean.

use std::fs;

use crate::chroot::{run, succeed};
use crate::leftovers::LEFTOVERS;
use crate::support::{Image, found};
use amint_harden::{Stage, profile, step};

const HASH: &str = "$6$salt$kM0Z1xJYk9nW1Q5Lq6";

pub(crate) const SHELLS: [&[&str]; 2] = [&["dash"], &["bash", "--posix"]];

/// A tree with something for every step.
fn dirty() -> Image {
    let image = Image::clean();
    for (path, content) in [
        ("/etc/passwd-", "root:x:0:0::/root:/bin/sh\n"),
        ("/etc/shadow-", &format!("root:{HASH}:1::::::\n")),
        ("/etc/group.rpmsave", "x\n"),
        ("/var/backups/shadow.bak", &format!("root:{HASH}:1::::::\n")),
        (
            "/root/original-ks.cfg",
            &format!("rootpw --iscrypted {HASH}\n"),
        ),
        ("/etc/ssh/ssh_host_rsa_key", "key\n"),
        ("/etc/ssh/ssh_host_rsa_key.pub", "key\n"),
        ("/root/.ssh/authorized_keys", "ssh-rsa AAAA\n"),
        ("/srv/svc/.ssh/authorized_keys2", "ssh-rsa AAAA\n"),
        ("/home/left behind/.ssh/authorized_keys", "ssh-rsa AAAA\n"),
        ("/etc/ssh/authorized_keys.d/admin", "ssh-rsa AAAA\n"),
        ("/root/.bash_history", "ls\n"),
        ("/home/admin/.bash_history", "ls\n"),
        ("/srv/svc/.python_history", "ls\n"),
        ("/home/left behind/.viminfo", "x\n"),
        ("/root/.bash_history-00123.tmp", "ls\n"),
        ("/root/.bash_history~", "ls\n"),
        ("/root/.zsh_history.bak", "ls\n"),
        ("/etc/security/opasswd", &format!("me:1000:1:{HASH}\n")),
        ("/var/log/syslog", "line\n"),
        ("/var/log/syslog.1", "line\n"),
        ("/var/log/nginx/access.log", "line\n"),
        ("/var/log/nginx/access.log-20261121", "line\n"),
        ("/var/log/wtmp", "login\n"),
        ("/var/log/with space\nand newline", "line\n"),
        ("/var/log/journal/0123/system.journal", "journal\n"),
        ("/var/lib/wtmpdb/wtmp.db", "login\n"),
        ("/opt/app/logs/app.log", "line\n"),
        ("/opt/app/logs/old/app.log", "line\n"),
        ("/var/lib/cloud/instances/i-1/obj.pkl", "x"),
        ("/var/lib/cloud/data/instance-id", "i-1\n"),
        ("/var/lib/cloud/scripts/vendor/x", "x"),
        ("/var/lib/amint/secrets/admin", "secret"),
        ("/var/lib/amint/secrets/.admin.tmp", "secret"),
        ("/var/lib/amint/first-boot/admin.done", ""),
        ("/etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
        (
            "/var/lib/dbus/machine-id",
            "0123456789abcdef0123456789abcdef\n",
        ),
        ("/var/lib/systemd/random-seed", "x"),
        ("/var/lib/systemd/credential.secret", "x"),
        ("/var/lib/dhcp/dhclient.eth0.leases", "lease {}\n"),
        ("/tmp/-rf", "x"),
        ("/tmp/a/.b/c", "x"),
        ("/var/tmp/x", "x"),
        ("/var/crash/core", "x"),
        ("/var/cache/apt/pkgcache.bin", "x"),
        ("/var/cache/apt/archives/x.deb", "x"),
        ("/var/lib/apt/lists/debian_Packages", "x"),
        ("/var/lib/amazon/ssm/Vault/Store/EC2RegistrationKey", "{}"),
        ("/var/lib/amazon/ssm/i-1/document/state/completed/c-1", "{}"),
        (
            "/var/lib/amazon/ssm/i-1/document/orchestration/c-1/0/_script.sh",
            "ls\n",
        ),
        ("/var/lib/amazon/ssm/ipc/a b", ""),
        ("/var/log/amazon/ssm/amazon-ssm-agent.log", "line\n"),
        ("/var/log/amazon/ssm/audits/2026-11-21", "line\n"),
        ("/var/snap/amazon-ssm-agent/7993/state", "x"),
        ("/var/snap/amazon-ssm-agent/common/log", "x"),
        ("/root/snap/amazon-ssm-agent/common/.x", "x"),
        (
            "/etc/sudoers.d/ssm-agent-users",
            "ssm-user ALL=(ALL) NOPASSWD:ALL\n",
        ),
        ("/home/ssm-user/.bashrc", "x\n"),
        ("/srv/homes/ssm-user/.bashrc", "x\n"),
        ("/var/mail/ssm-user", "x\n"),
        ("/etc/subuid", "ssm-user:165536:65536\n"),
        ("/etc/subgid", "ssm-user:165536:65536\nme:231072:65536\n"),
        ("/etc/amazon/ssm/amazon-ssm-agent.json", "{}\n"),
    ] {
        image.write(path, content);
    }
    image.link("/var/lib/cloud/instance", "/var/lib/cloud/instances/i-1");
    // A home that leads elsewhere, as an account file may say.
    image.append(
        "/etc/passwd",
        "ssm-user:x:1001:1001::/srv/homes/ssm-user:/bin/sh\nodd:x:991:991::relative:/bin/sh\nlast:x:992:992::/srv/last:/bin/sh",
    );
    image.write("/srv/last/.lesshst", "x");
    image.append("/etc/shadow", "ssm-user:!:20000:0:99999:7:::\n");
    image.append("/etc/group", "ssm-user:x:1001:\nwheel:x:10:ssm-user,me\n");
    image.append("/etc/gshadow", "ssm-user:!::\nwheel:!:ssm-user:ssm-user\n");
    image.link("/var/snap/amazon-ssm-agent/current", "7993");
    image
}

#[test]
fn a_dirty_disk_is_clean_after_the_scripts() {
    for shell in SHELLS {
        let image = dirty();
        let dirt = image.inspect().findings.len();
        assert!(dirt > 30, "{dirt}");
        // Twice: each script can run again.
        for _ in 0..2 {
            for step in profile("marketplace-linux")
                .unwrap()
                .at_stage(Stage::Detached)
            {
                let logs: &[&str] = match step.id {
                    "clear-application-logs" => &["/opt/app/logs", "/opt/app/missing"],
                    _ => &[],
                };
                if !succeed(&image, shell, step.id, step.script, logs) {
                    return;
                }
            }
        }
        let inspection = image.inspect();
        assert!(
            inspection.findings.is_empty(),
            "{shell:?}: {:#?}",
            inspection.findings
        );
        for kept in [
            "/root/.bashrc",
            "/srv/svc/data",
            "/var/log/syslog",
            "/var/log/nginx/access.log",
            "/opt/app/logs/old",
            "/opt/app/lib/app",
            "/var/cache/apt/archives/lock",
            "/var/lib/cloud/seed/nocloud/meta-data",
            "/var/lib/cloud/scripts/per-instance/setup.sh",
            "/etc/machine-id",
            "/etc/security/opasswd",
            "/etc/amazon/ssm/amazon-ssm-agent.json",
            "/var/lib/amazon/ssm",
            "/var/snap/amazon-ssm-agent/current",
        ] {
            assert!(image.path(kept).exists(), "{shell:?}: {kept} is gone");
        }
        for gone in ["/srv/homes/ssm-user", "/etc/passwd-"] {
            assert!(!image.path(gone).exists(), "{shell:?}: {gone} is left");
        }
        let clean = Image::clean();
        for (file, others) in [
            (
                "/etc/passwd",
                "odd:x:991:991::relative:/bin/sh\nlast:x:992:992::/srv/last:/bin/sh\n",
            ),
            ("/etc/shadow", ""),
            ("/etc/group", "wheel:x:10:me\n"),
            ("/etc/gshadow", "wheel:!::\n"),
        ] {
            let before = fs::read_to_string(clean.path(file)).unwrap();
            let after = fs::read_to_string(image.path(file)).unwrap();
            assert_eq!(after, before + others, "{shell:?}: {file}");
        }
        let ids = |file| fs::read_to_string(image.path(file)).unwrap();
        assert_eq!(ids("/etc/subuid"), "");
        assert_eq!(ids("/etc/subgid"), "me:231072:65536\n");
    }
}

/// What no script mends: only whoever builds the image can say what is right there.
const REPORTED: [&str; 17] = [
    "MP-ARCH-007 /etc/crypttab",
    "MP-ARCH-008 /etc/yum/vars/awsregion",
    "MP-ARCH-008 /opt/app/conf",
    "MP-ARCH-008 /usr/local/bin/x",
    "MP-ARCH-014 /opt/app/start",
    "MP-CLEAN-005 /etc/sudoers.d/x",
    "MP-CLEAN-005 /var/spool/cron/crontabs/admin",
    "MP-CLEAN-006 /etc/.git/HEAD",
    "MP-SEC-002 /etc/os-release",
    "MP-SEC-006 /boot/grub2/user.cfg",
    "MP-SEC-006 /etc/nginx/.htpasswd",
    "MP-SEC-007 /etc/pki/tls/private/app.key",
    "MP-SEC-008 /opt/app/x.tfstate.backup",
    "MP-SEC-008 /srv/app/.env",
    "MP-SEC-010 /etc/systemd/system/multi-user.target.wants/teamviewerd.service",
    // The planted release is not known, nor are its OpenSSH's defaults.
    "MP-SSH-001 /etc/ssh/sshd_config",
    "MP-SSH-003 /etc/ssh/sshd_config",
];

#[test]
fn every_leftover_is_removed_or_reported() {
    for shell in SHELLS {
        let image = Image::clean();
        for (_, plant, _) in LEFTOVERS {
            plant(&image);
        }
        // What was the last of several that cannot be there together.
        image.write("/etc/os-release", "ID=amzn\nVERSION_ID=\"2\"\n");
        image.replace("/etc/shadow", "admin:!!:", &format!("admin:{HASH}:"));
        image.replace("/etc/shadow", "svc:!*:", &format!("svc:!{HASH}:"));
        image.replace("/etc/shadow", "sync:*:", "sync::");
        image.replace("/etc/shadow", "root:!:", &format!("root:{HASH}:"));
        image.append("/etc/shadow", &format!("+nis:{HASH}:::::::\n"));
        image.replace("/etc/gshadow", "admin:!:", &format!("admin:{HASH}:"));
        image.replace("/etc/passwd", "svc:x:", "svc::");
        let swap = image.path("/data/swap").metadata().unwrap().len();
        for step in profile("marketplace-linux")
            .unwrap()
            .at_stage(Stage::Detached)
        {
            if !succeed(&image, shell, step.id, step.script, &[]) {
                return;
            }
        }
        let mut left = found(&image.inspect());
        left.sort();
        assert_eq!(left, REPORTED, "{shell:?}");
        let shadow = fs::read_to_string(image.path("/etc/shadow")).unwrap();
        let fields: Vec<&str> = shadow
            .lines()
            .map(|line| line.split(':').nth(1).unwrap())
            .collect();
        assert_eq!(fields, ["!", "*", "*", "*", "*", "!", ""], "{shadow}");
        assert_eq!(image.path("/data/swap").metadata().unwrap().len(), swap);
        assert!(image.path("/root/.kube").exists() && !image.path("/root/.kube/config").exists());
    }
}

#[test]
fn links_in_homes_lead_nowhere() {
    let image = Image::clean();
    image.write("/opt/app/secrets/credentials", "[default]\n");
    image.write("/opt/app/history", "x\n");
    image.link("/home/admin/.aws", "/opt/app/secrets");
    image.link("/home/admin/.netrc", "/opt/app/history");
    let script = step("remove-build-credentials").unwrap().script;
    if !succeed(&image, SHELLS[0], "remove-build-credentials", script, &[]) {
        return;
    }
    assert!(image.path("/opt/app/secrets/credentials").exists());
    assert!(image.path("/opt/app/history").exists());
    // The folder's link is followed by the check, so that it is not forgotten.
    assert_eq!(
        found(&image.inspect()),
        ["MP-SEC-008 /home/admin/.aws/credentials"]
    );
}

#[test]
fn sshd_is_configured_by_a_first_drop_in_or_at_the_top() {
    let include = "Include /etc/ssh/sshd_config.d/*.conf\n";
    let open = "PermitRootLogin yes\nPasswordAuthentication yes\nUsePAM yes\n";
    let cases = [
        (format!("# comment\n\n{include}{open}"), true),
        (open.to_owned(), false),
        (format!("{open}{include}"), false),
        (format!("Include /etc/ssh/other/*.conf\n{open}"), false),
    ];
    for shell in SHELLS {
        for (config, by_drop_in) in &cases {
            let image = Image::clean();
            for name in ["00-amint-root", "00-amint-passwords"] {
                image.remove(&format!("/etc/ssh/sshd_config.d/{name}.conf"));
            }
            image.write("/etc/ssh/sshd_config", config);
            assert!(!found(&image.inspect()).is_empty());
            for _ in 0..2 {
                for id in ["disable-root-ssh", "disable-password-ssh"] {
                    if !succeed(&image, shell, id, step(id).unwrap().script, &[]) {
                        return;
                    }
                }
            }
            let inspection = image.inspect();
            assert!(
                inspection.findings.is_empty(),
                "{config}: {:#?}",
                inspection.findings
            );
            let drop_in = image
                .path("/etc/ssh/sshd_config.d/00-amint-root.conf")
                .exists();
            assert_eq!(drop_in, *by_drop_in, "{config}");
            let text = fs::read_to_string(image.path("/etc/ssh/sshd_config")).unwrap();
            assert!(text.ends_with(config.as_str()), "{text}");
            assert!(
                text.matches("# amint: no passwords\n").count() <= 1,
                "{text}"
            );
        }
    }
}

#[test]
fn without_an_ssh_server_there_is_nothing_to_do() {
    let image = Image::clean();
    fs::remove_dir_all(image.path("/etc/ssh")).unwrap();
    for id in ["disable-root-ssh", "disable-password-ssh"] {
        if !succeed(&image, SHELLS[0], id, &step(id).unwrap().command(), &[]) {
            return;
        }
    }
    assert!(!image.path("/etc/ssh").exists());
    assert!(image.inspect().findings.is_empty());
}

#[test]
fn application_logs_that_are_no_plain_paths_are_refused() {
    let script = step("clear-application-logs").unwrap().script;
    for path in [
        "",
        "/",
        "//",
        "relative",
        "/opt/../etc",
        "/opt/./logs",
        "/opt//logs",
        "..",
    ] {
        let image = Image::clean();
        let Some(output) = run(&image, SHELLS[0], script, &["/opt/app/logs", path]) else {
            return;
        };
        assert_eq!(output.status.code(), Some(64), "{path}");
        assert!(image.path("/opt/app/logs/app.log").exists(), "{path}");
    }
}
