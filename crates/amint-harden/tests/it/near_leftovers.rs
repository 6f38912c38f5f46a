//! What looks like something that a build left, and is not.

use amint_harden::Verdict;

use crate::support::Image;
use crate::violations::HASH;

type Plant = fn(&Image);

const NEAR_MISSES: &[(&str, Plant)] = &[
    ("PAM refuses blank passwords", |i| {
        i.write(
            "/etc/pam.d/login",
            "# nullok is not set\nauth required pam_unix.so nonullok\n",
        )
    }),
    ("root is locked by kickstart", |i| {
        i.write("/root/anaconda-ks.cfg", "rootpw --lock\n# rootpw x\n")
    }),
    ("no answers", |i| {
        i.write(
            "/var/cache/debconf/passwords.dat",
            "Name: mysql/root\nOwners: x\n",
        )
    }),
    ("settings without a credential", |i| {
        i.write(
            "/root/.aws/config",
            "[default]\nregion = x\noutput = json\n",
        );
        i.write(
            "/root/.docker/config.json",
            "{\"auths\": {}, \"credsStore\": \"ecr-login\"}",
        );
        i.write(
            "/root/.npmrc",
            "registry=https://registry.example.com/\nalways-auth=true\n",
        );
        i.write(
            "/srv/app/.env",
            "DEBUG=1\nDB_PASSWORD=\nAPI_TOKEN=${TOKEN}\n",
        );
    }),
    ("folders of tools that hold nothing", |i| {
        i.write("/root/.aws/credentials", "");
        i.write("/root/.ssh/config", "Host *\n  ServerAliveInterval 60\n");
        i.write("/root/.gnupg/pubring.kbx", "x");
        i.write("/root/.kube/cache/x", "x");
    }),
    ("a web server's settings", |i| {
        i.write(
            "/etc/nginx/nginx.conf",
            "auth_basic_user_file /etc/nginx/htpasswd;\n",
        );
        i.write("/opt/app/bin/htpasswd", "\u{7f}ELF\0\0x:$6$y\n");
    }),
    ("GRUB's own programs", |i| {
        i.write(
            "/etc/grub.d/01_users",
            "# password_pbkdf2 root grub.pbkdf2.x\n",
        )
    }),
    ("certificates", |i| {
        i.write("/etc/pki/tls/certs/ca.crt", "-----BEGIN CERTIFICATE-----\n")
    }),
    ("an agent that is not started", |i| {
        i.write("/usr/lib/systemd/system/teamviewerd.service", "[Unit]\n")
    }),
    ("EC2 Instance Connect", |i| {
        i.append(
            "/etc/ssh/sshd_config",
            "AuthorizedKeysCommand /opt/aws/bin/eic_run_authorized_keys %u %f\nAuthorizedKeysCommandUser nobody\n",
        )
    }),
    ("swap with a new key at each boot", |i| {
        i.write("/etc/crypttab", "swap /dev/vdb /dev/urandom swap\n")
    }),
    ("words that look like Regions", |i| {
        i.write(
            "/opt/app/conf",
            "a: us-east\nb: bus-east-12\nc: sg-1\nd: eu-west-1a\n",
        );
        i.write(
            "/opt/app/node_modules/sdk/endpoints.json",
            "{\"x\": \"us-east-1\"}",
        );
        i.write("/etc/dnf/vars/awsregion", "default\n");
    }),
    ("metadata with a token", |i| {
        i.write(
            "/opt/app/start",
            "T=$(curl -X PUT http://169.254.169.254/latest/api/token)\ncurl http://169.254.169.254/latest/meta-data/\n",
        )
    }),
    ("a program called core", |i| {
        i.write("/srv/svc/core", "\u{7f}ELF\u{2}")
    }),
    ("an empty mailbox and the number of the last job", |i| {
        i.write("/var/mail/admin", "");
        i.write("/var/spool/cron/atjobs/.SEQ", "00001\n");
    }),
    ("a network that cloud-init does not look after", |i| {
        i.write("/etc/cloud/cloud.cfg", crate::access::OWNER);
        i.write(
            "/etc/cloud/cloud.cfg.d/99-net.cfg",
            "network: {config: disabled}\n",
        );
        i.write("/etc/netplan/50-cloud-init.yaml", "network: {}\n");
    }),
    ("a name of one's own", |i| {
        i.write("/etc/hostname", "appliance\n")
    }),
    ("sudo for services and groups", |i| {
        i.write(
            "/etc/sudoers.d/app",
            "svc ALL=(root) NOPASSWD: /opt/app/bin/restart\n%wheel ALL=(ALL) ALL\n",
        )
    }),
    ("an unused swap file", |i| {
        i.write("/swapfile", "");
        let mut swap = vec![0_u8; 128 << 10];
        swap[1024..1028].copy_from_slice(&1_u32.to_le_bytes());
        swap[1036..1052].fill(7);
        swap[4086..4096].copy_from_slice(b"SWAPSPACE2");
        i.write_bytes(b"/var/swapfile", swap);
    }),
    ("names that contain those of copies", |i| {
        i.write("/etc/app/backup.conf", "x");
        i.write("/etc/app/old", "x");
        i.write("/etc/app/x.bak.d/y", "x");
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

#[test]
fn what_a_finding_says_holds_no_secret() {
    let image = Image::clean();
    image.write(
        "/root/anaconda-ks.cfg",
        &format!("rootpw --iscrypted {HASH}\n"),
    );
    image.write("/srv/app/.env", "DB_PASSWORD=hunter2\n");
    for finding in image.inspect().findings {
        assert!(!finding.message.contains("hunter2") && !finding.message.contains(HASH));
    }
}
