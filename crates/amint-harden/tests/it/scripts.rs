//! The scripts themselves, on a tree that violates nearly everything: afterwards the disk is clean.
//!
//! They run in a mount namespace of their own, where the tree's folders lie over this machine's. Where that
//! is not allowed to ordinary users, these tests say so and stop.

use std::fs;
use std::process::{Command, Output};

use crate::support::{Image, found};
use amint_harden::{Stage, profile, step};

const SHELLS: [&str; 2] = ["dash", "bash"];
const HASH: &str = "$6$salt$kM0Z1xJYk9nW1Q5Lq6";

/// The tree's folders over this machine's; `/etc/alternatives` is kept, some programs are reached by it. The
/// folder that the tree itself is in comes last.
const ENTER: &str = r#"
tree=$1 shell=$2 script=$3
shift 3
cd "$tree"
mkdir -p etc/alternatives
[ ! -d /etc/alternatives ] || mount --rbind /etc/alternatives etc/alternatives
for folder in etc var root home srv opt tmp; do
    [ ! -d "/$folder" ] || mount --rbind "$folder" "/$folder"
done
exec "$shell" -c "$script" script "$@"
"#;

/// Runs a script as root over the tree; `None` where this machine does not allow it.
#[expect(clippy::print_stdout, reason = "a test that was skipped should say so")]
fn run(image: &Image, shell: &str, script: &str, arguments: &[&str]) -> Option<Output> {
    let probe = "mount --bind /tmp /mnt";
    let allowed = Command::new("unshare")
        .args(["-rm", "sh", "-c", probe])
        .output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        println!("skipped: no namespaces for this user");
        return None;
    }
    let root = image.root();
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-euc", ENTER, "enter"])
        .arg(&root)
        .args([shell, script])
        .args(arguments)
        .output()
        .expect("unshare");
    fs::remove_dir(root.join("etc/alternatives")).expect("an empty folder");
    Some(output)
}

fn succeed(image: &Image, shell: &str, script: &str, arguments: &[&str]) -> bool {
    let Some(output) = run(image, shell, script, arguments) else {
        return false;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shell}: {stderr}\n{script}");
    assert_eq!(stderr, "", "{shell}\n{script}");
    true
}

/// A tree with something for every step but the one for root's password, which needs PAM.
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
                    "lock-root-password" => continue,
                    "clear-application-logs" => &["/opt/app/logs", "/opt/app/missing"],
                    _ => &[],
                };
                if !succeed(&image, shell, step.script, logs) {
                    return;
                }
            }
        }
        let inspection = image.inspect();
        assert!(
            inspection.findings.is_empty(),
            "{shell}: {:#?}",
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
            assert!(image.path(kept).exists(), "{shell}: {kept} is gone");
        }
        for gone in ["/srv/homes/ssm-user", "/etc/passwd-"] {
            assert!(!image.path(gone).exists(), "{shell}: {gone} is left");
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
            assert_eq!(after, before + others, "{shell}: {file}");
        }
        let ids = |file| fs::read_to_string(image.path(file)).unwrap();
        assert_eq!(ids("/etc/subuid"), "");
        assert_eq!(ids("/etc/subgid"), "me:231072:65536\n");
    }
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
                    if !succeed(&image, shell, step(id).unwrap().script, &[]) {
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
        if !succeed(&image, "dash", &step(id).unwrap().command(), &[]) {
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
        let Some(output) = run(&image, "dash", script, &["/opt/app/logs", path]) else {
            return;
        };
        assert_eq!(output.status.code(), Some(64), "{path}");
        assert!(image.path("/opt/app/logs/app.log").exists(), "{path}");
    }
}
