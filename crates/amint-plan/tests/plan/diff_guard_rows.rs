//! Rows about what looks like a guard and is none, and about what guards and does not look like it.

use amint_plan::Target;

use super::diff_rows::Row;
use super::diff_table::{check_row, plan_of, script};

const NONE: &str = "";

/// Old and new lines of the same shell step; that its script is another one is expected without being said.
static SCRIPTS: &[Row] = &[
    // Taking a guard away names it.
    (
        &["DIFF-FIREWALL-001"],
        NONE,
        "iptables -D INPUT -p tcp --dport 22 -j DROP",
    ),
    (
        &["DIFF-GUARD-003"],
        NONE,
        "iptables -A INPUT -p tcp --dport 22 -j DROP",
    ),
    // One less that took an opening away is no strengthening.
    (
        &["DIFF-FIREWALL-001"],
        NONE,
        "iptables -D INPUT -p tcp --dport 22 -j ACCEPT",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "sed -i '/PermitRootLogin no/d' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "sed -i 's/^PasswordAuthentication no/#&/' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "sed -i 's/^PasswordAuthentication no/#PasswordAuthentication no/' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "sed -i 's/^PermitRootLogin yes//' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "echo 'PermitRootLogin no' | sed s/no/yes/ > /etc/ssh/sshd_config.d/x.conf",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "sed s/no/yes/ > /etc/ssh/sshd_config.d/x.conf <<EOF\nPermitRootLogin no\nEOF",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "grep -v 'PermitRootLogin no' /x > /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "echo '# PermitRootLogin no' > /etc/ssh/sshd_config.d/x.conf",
    ),
    (&["DIFF-AUDIT-001"], NONE, "auditctl -W /opt/x -p wa"),
    (&["DIFF-GUARD-003"], NONE, "auditctl -w /opt/x -p wa"),
    // What sed leaves behind is what counts, so that one less is known to weaken.
    (
        &["DIFF-GUARD-003"],
        NONE,
        "sed -i 's/^#\\?PermitRootLogin .*/PermitRootLogin no/' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-GUARD-003"],
        NONE,
        "sed -i -e 's|^#PermitRootLogin yes|PermitRootLogin no|gI' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-GUARD-003"],
        NONE,
        "sed -i '/^PermitRootLogin/c\\PermitRootLogin no' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "sed -i '/^PermitRootLogin/c\\#PermitRootLogin no' /etc/ssh/sshd_config",
    ),
    (
        &["DIFF-SSHD-001"],
        NONE,
        "sed -i 's/a/PermitRootLogin no/' --expression=/PermitRootLogin/d --expression=1d /etc/ssh/sshd_config",
    ),
    // Files by their whole paths, and programs in their folders.
    (
        &["DIFF-TRUST-001"],
        NONE,
        "echo '1.2.3.4 deb.debian.org' >> /etc/hosts",
    ),
    (&["DIFF-TRUST-001"], NONE, "sed -i s/a/b/ /etc/resolv.conf"),
    (&["DIFF-SUDO-001"], NONE, "cp /x /usr/bin/su"),
    (&["DIFF-SSHD-001"], NONE, "cp /x /usr/sbin/sshd"),
    (&[], NONE, "cp /x /usr/bin/supervisord"),
    (&[], NONE, "cp /x /etc/hosts.example"),
    (&[], NONE, "rm -f /root/.bash_history /root/.zsh_history"),
    // Users by their numbers, in a here-document, too.
    (
        &["DIFF-GUARD-001"],
        NONE,
        "cat > /etc/sudoers.d/x <<EOF\n#1000 ALL=(ALL) NOPASSWD: ALL\nEOF",
    ),
    // Rights and packages, however the options are written.
    (&["DIFF-RIGHTS-001"], NONE, "install -Dm4755 a b"),
    (&["DIFF-RIGHTS-001"], NONE, "setfacl -m o::rwx /x"),
    (
        &["DIFF-PACKAGE-003"],
        NONE,
        "apt-get -t bookworm-backports install -y vsftpd",
    ),
    (
        &["DIFF-PACKAGE-003"],
        NONE,
        "apt-get -o Dpkg::Use-Pty=0 install -y telnetd",
    ),
    (
        &["DIFF-PACKAGE-001"],
        NONE,
        "apt-get install -t bookworm-backports nginx",
    ),
    (&["DIFF-PACKAGE-007"], NONE, "dnf --color never remove ufw"),
    // A script that brings packages up to date does what the step of that kind does.
    (&["DIFF-STEP-010"], NONE, "apt-get -y dist-upgrade"),
    (
        &["DIFF-STEP-010"],
        NONE,
        "dnf -y --releasever latest update",
    ),
    (&[], NONE, "apt-get update"),
    (&[], NONE, "dnf -y update nginx"),
    (&[], "apt-get -y upgrade", "apt-get -y full-upgrade"),
];

#[test]
fn what_names_a_guard_is_not_taken_for_one() {
    for (expected, old, new) in SCRIPTS {
        let plan = |lines| plan_of(Target::Local, &script(lines));
        let expected = [expected, &["DIFF-STEP-004"][..]].concat();
        check_row(&expected, &plan(old), &plan(new));
    }
}

fn file(path: &str, text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    format!("steps: [{{ file: {{ name: f, to: {path}, content: {text} }} }}]\n")
}

#[test]
fn files_are_read_line_by_line() {
    const SUDOERS: &str = "/etc/sudoers.d/x";
    const UNIT: &str = "/etc/systemd/system/x.service";
    const SSHD: &str = "/etc/ssh/sshd_config.d/x.conf";
    let rows: [(&[&str], &str, &str, &str); 13] = [
        (
            &["DIFF-GUARD-001"],
            SUDOERS,
            "# nothing\nDefaults x\n",
            "# nothing\nDefaults x\n#1000 ALL=(ALL) NOPASSWD: ALL\n",
        ),
        (&[], SUDOERS, "Defaults x\n", "# 1 more\nDefaults x\n"),
        (
            &["DIFF-GUARD-001"],
            UNIT,
            "ExecStart=/x\n",
            "ExecStart=/x\nEnvironment=LD_PRELOAD=/tmp/x.so\n",
        ),
        (
            &["DIFF-SERVICE-001", "DIFF-SERVICE-002"],
            UNIT,
            "ExecStart=/x \\\n  --safe\n",
            "ExecStart=/x \\\n  --open\n",
        ),
        // The next line of a comment is none.
        (
            &["DIFF-SERVICE-001"],
            UNIT,
            "ExecStart=/x\n",
            "ExecStart=/x\n# \\\nExecStartPost=/y\n",
        ),
        (
            &["DIFF-GUARD-004"],
            UNIT,
            "ExecStart=/x\nDynamicUser=yes\n",
            "ExecStart=/x\n",
        ),
        (
            &["DIFF-SERVICE-001"],
            UNIT,
            "ExecStart=/x\n",
            "ExecStart=/x\nAlias=y.service\n",
        ),
        // Without it, it runs as root.
        (
            &["DIFF-GUARD-004"],
            UNIT,
            "ExecStart=/x\nUser=app\n",
            "ExecStart=/x\n",
        ),
        (
            &["DIFF-GUARD-001", "DIFF-GUARD-004"],
            UNIT,
            "ExecStart=/x\nUser=app\n",
            "ExecStart=/x\nUser=root\n",
        ),
        (
            &["DIFF-GUARD-004"],
            "/etc/systemd/system/x.service.d/a.conf",
            "Environment=A=b\nUser=app\n",
            "Environment=A=b\n",
        ),
        // Under another condition it is another line.
        (
            &["DIFF-GUARD-001", "DIFF-GUARD-002"],
            SSHD,
            "X11Forwarding no\nMatch User a\n  PasswordAuthentication yes\n",
            "X11Forwarding no\nPasswordAuthentication yes\nMatch User a\n",
        ),
        (
            &["DIFF-GUARD-003", "DIFF-GUARD-004", "DIFF-ORDER-003"],
            SSHD,
            "PermitRootLogin no\nMatch User a\n",
            "Match User a\nPermitRootLogin no\n",
        ),
        (&[], SSHD, "Port 22\n", "Port 22\n# Match User a\n"),
    ];
    for (expected, path, old, new) in rows {
        let plan = |text| plan_of(Target::Local, &file(path, text));
        let expected = [expected, &["DIFF-FILE-001"][..]].concat();
        check_row(&expected, &plan(old), &plan(new));
    }
}

#[test]
fn what_runs_by_itself_or_decides_who_gets_in_has_a_subject() {
    for (rule, path) in [
        ("DIFF-ACCOUNT-001", "/etc/sysusers.d/x.conf"),
        ("DIFF-ACCOUNT-001", "/etc/skel/.ash"),
        ("DIFF-SERVICE-001", "/etc/tmpfiles.d/x.conf"),
        ("DIFF-SERVICE-001", "/etc/update-motd.d/99-x"),
        ("DIFF-SERVICE-001", "/etc/udev/rules.d/x.rules"),
        ("DIFF-SERVICE-001", "/etc/environment"),
        ("DIFF-SERVICE-001", "/root/.bashrc"),
        ("DIFF-SERVICE-001", "/etc/bash.bashrc"),
        ("DIFF-SERVICE-001", "/etc/profile.d/x.sh"),
        ("DIFF-SERVICE-001", "/etc/ld.so.preload"),
        ("DIFF-SERVICE-001", "/etc/NetworkManager/dispatcher.d/x"),
        ("DIFF-SERVICE-001", "/usr/local/lib/systemd/system/x.target"),
        ("DIFF-SERVICE-001", "/run/systemd/system/x.target"),
        ("DIFF-SSHD-001", "/usr/sbin/sshd"),
        ("DIFF-SUDO-001", "/usr/bin/sudo"),
        ("DIFF-PAM-001", "/lib64/security/x.so"),
        ("DIFF-PAM-001", "/etc/nsswitch.conf"),
        ("DIFF-TRUST-001", "/etc/hosts"),
        ("DIFF-TRUST-001", "/etc/resolv.conf"),
    ] {
        let old = plan_of(Target::Local, NONE);
        let new = plan_of(Target::Local, &file(path, "a\n"));
        check_row(&[rule, "DIFF-STEP-001"], &old, &new);
    }
}

#[test]
fn the_order_of_units_does_not_matter() {
    let unit = |name: &str, text: &str| {
        format!(
            "{{ file: {{ name: {name}, to: /etc/systemd/system/{name}.service, content: \"{text}\" }} }}"
        )
    };
    let (one, other) = (
        unit("a", "ExecStart=/a\\nUser=a"),
        unit("b", "ExecStart=/b"),
    );
    let plan =
        |one: &str, other: &str| plan_of(Target::Local, &format!("steps: [{one}, {other}]\n"));
    check_row(
        &["DIFF-ORDER-001"],
        &plan(&one, &other),
        &plan(&other, &one),
    );
}

#[test]
fn a_clean_up_that_clears_nothing_hides_no_step() {
    let plan = |names: &[&str]| {
        let steps = names.iter().map(|name| {
            let run = match *name {
                "clean" => "rm -rf /var/log/app",
                "decoy" => "rm -rf /var/tmp/none",
                name => name,
            };
            format!("{{ shell: {{ name: {name}, run: {run} }} }}")
        });
        let steps = steps.collect::<Vec<_>>().join(", ");
        plan_of(Target::Local, &format!("steps: [{steps}]\n"))
    };
    check_row(
        &["DIFF-ORDER-001", "DIFF-ORDER-004", "DIFF-STEP-001"],
        &plan(&["app", "clean"]),
        &plan(&["clean", "app", "decoy"]),
    );
    check_row(
        &["DIFF-ORDER-001", "DIFF-ORDER-004"],
        &plan(&["app", "clean", "decoy"]),
        &plan(&["clean", "app", "decoy"]),
    );
    check_row(
        &["DIFF-STEP-001"],
        &plan(&["app", "clean"]),
        &plan(&["app", "clean", "decoy"]),
    );
}

#[test]
fn packages_are_brought_up_to_date_by_a_step_or_by_a_script() {
    const SCRIPT: &str = "{ shell: { name: s, run: apt-get -y upgrade } }";
    const STEP: &str = "{ upgrade-packages: { name: u } }";
    let plan = |steps: &str| plan_of(Target::Local, &format!("steps: [{steps}]\n"));
    let both = format!("{SCRIPT}, {STEP}");
    for (expected, old, new) in [
        (&["DIFF-STEP-001", "DIFF-STEP-002"][..], SCRIPT, STEP),
        (&["DIFF-STEP-001"], SCRIPT, &both),
        (&["DIFF-STEP-001"], STEP, &both),
        (&["DIFF-STEP-001", "DIFF-STEP-010"], "", SCRIPT),
    ] {
        check_row(expected, &plan(old), &plan(new));
    }
    // Both at once are told by the step.
    check_row(&["DIFF-STEP-001", "DIFF-STEP-010"], &plan(""), &plan(&both));
}

#[test]
fn a_base_image_that_is_pinned_to_a_day_is_older_than_the_newest() {
    let newest = |name: &str| {
        let base = format!("base: {{ aws: {{ owner: '136693071363', name: '{name}' }} }}\n");
        plan_of(Target::Aws, &base)
    };
    let ubuntu = |day: &str| {
        let name = format!(
            "/aws/service/canonical/ubuntu/server/24.04/stable/{day}/amd64/hvm/ebs-gp3/ami-id"
        );
        let base = format!("base: {{ aws: {{ ssm-parameter: {name} }} }}\n");
        plan_of(Target::Aws, &base)
    };
    let older: &[&str] = &["DIFF-BASE-003"];
    check_row(older, &ubuntu("current"), &ubuntu("20240423"));
    for name in ["debian-12-amd64-20230612-*", "debian-12-amd64-2023*"] {
        check_row(older, &newest("debian-12-amd64-*"), &newest(name));
    }
}
