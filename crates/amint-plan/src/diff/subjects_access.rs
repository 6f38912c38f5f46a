//! Subjects that decide who gets in: sshd, sudoers, accounts, logins, the SSM agent, first boot.

use super::subject::{Subject, touched, untouched};

pub(super) static SUBJECTS: &[&Subject] = &[&SSHD, &SUDO, &ACCOUNTS, &PAM, &AGENT, &FIRST_BOOT];

pub(super) static SSHD: Subject = Subject {
    name: "the SSH server",
    paths: &[
        "/etc/ssh",
        ".ssh/",
        "/etc/dropbear",
        "sshd_config",
        "authorized_keys",
    ],
    files: &[],
    programs: &["sshd", "dropbear", "ssh-copy-id"],
    units: &["ssh", "sshd", "dropbear"],
    opens: &[
        "permitrootlogin yes",
        "passwordauthentication yes",
        "permitemptypasswords yes",
        "kbdinteractiveauthentication yes",
        "challengeresponseauthentication yes",
        "hostbasedauthentication yes",
        "strictmodes no",
        "gatewayports yes",
    ],
    guards: &[
        "permitrootlogin no",
        "passwordauthentication no",
        "permitemptypasswords no",
        "kbdinteractiveauthentication no",
        "challengeresponseauthentication no",
        "x11forwarding no",
        "allowtcpforwarding no",
        "hostbasedauthentication no",
        "strictmodes yes",
    ],
    touched: touched(
        "DIFF-SSHD-001",
        "DIFF-SSHD-002",
        "a step touches the SSH server",
        "It decides who gets in over the network. The seal turns off password logins; everything else is as the recipe leaves it.",
    ),
    untouched: untouched(
        "DIFF-SSHD-002",
        "DIFF-SSHD-001",
        "a step no longer touches the SSH server",
    ),
};

static SUDO: Subject = Subject {
    name: "the rights to become root",
    paths: &[
        "sudoers",
        "/etc/polkit-1",
        "/etc/doas",
        "/usr/share/polkit-1",
    ],
    files: &[
        "/bin/login",
        "/bin/su",
        "/usr/bin/doas",
        "/usr/bin/login",
        "/usr/bin/pkexec",
        "/usr/bin/su",
        "/usr/bin/sudo",
    ],
    programs: &["visudo"],
    units: &[],
    opens: &["nopasswd", "!authenticate", "!requiretty"],
    guards: &["use_pty", "!visiblepw"],
    touched: touched(
        "DIFF-SUDO-001",
        "DIFF-SUDO-002",
        "a step touches the rights to become root",
        "Who may become root without a password is root.",
    ),
    untouched: untouched(
        "DIFF-SUDO-002",
        "DIFF-SUDO-001",
        "a step no longer touches the rights to become root",
    ),
};

static ACCOUNTS: Subject = Subject {
    name: "user accounts and passwords",
    paths: &[
        "/etc/passwd",
        "/etc/shadow",
        "/etc/group",
        "/etc/gshadow",
        "/etc/login.defs",
        "/etc/subuid",
        "/etc/skel",
        "/etc/sysusers.d",
        "/run/sysusers.d",
        "/usr/lib/sysusers.d",
        "/usr/local/lib/sysusers.d",
    ],
    files: &[],
    programs: &[
        "useradd", "adduser", "usermod", "userdel", "deluser", "groupadd", "addgroup", "groupmod",
        "gpasswd", "passwd", "chpasswd", "chage", "vipw", "newusers", "chsh",
    ],
    units: &[],
    opens: &[
        "passwd -d",
        "passwd --delete",
        "passwd -u",
        "passwd --unlock",
        "chpasswd",
        "newusers",
        " sudo",
        " wheel",
        " -o ",
    ],
    guards: &["passwd -l", "passwd --lock", "usermod --lock"],
    touched: touched(
        "DIFF-ACCOUNT-001",
        "DIFF-ACCOUNT-002",
        "a step touches user accounts and passwords",
        "Every account is a way in. A password that is set here is the same on every instance.",
    ),
    untouched: untouched(
        "DIFF-ACCOUNT-002",
        "DIFF-ACCOUNT-001",
        "a step no longer touches user accounts and passwords",
    ),
};

static PAM: Subject = Subject {
    name: "how logins are checked",
    paths: &[
        "/etc/pam.d",
        "/etc/security",
        "/etc/authselect",
        "lib/security/",
        "lib64/security/",
        "linux-gnu/security/",
        "/etc/nsswitch.conf",
    ],
    files: &[],
    programs: &["pam-auth-update", "authselect", "authconfig"],
    units: &[],
    opens: &["nullok", "pam_permit", "disable-feature with-faillock"],
    guards: &["pam_faillock", "pam_pwquality", "pam_tally2"],
    touched: touched(
        "DIFF-PAM-001",
        "DIFF-PAM-002",
        "a step touches how logins are checked",
        "A line there can let anybody in, whatever the password.",
    ),
    untouched: untouched(
        "DIFF-PAM-002",
        "DIFF-PAM-001",
        "a step no longer touches how logins are checked",
    ),
};

static AGENT: Subject = Subject {
    name: "the SSM agent",
    paths: &[
        "/etc/amazon/ssm",
        "/var/lib/amazon/ssm",
        "/snap/amazon-ssm-agent",
        "amazon-ssm-agent",
    ],
    files: &[],
    programs: &["amazon-ssm-agent", "ssm-cli", "amazon-ssm-agent-setup-cli"],
    units: &["amazon-ssm-agent"],
    opens: &[],
    guards: &[],
    touched: touched(
        "DIFF-SSM-001",
        "DIFF-SSM-002",
        "a step touches the SSM agent",
        "Whoever may send it commands is root on the instance, and amint itself works through it while an image is built.",
    ),
    untouched: untouched(
        "DIFF-SSM-002",
        "DIFF-SSM-001",
        "a step no longer touches the SSM agent",
    ),
};

static FIRST_BOOT: Subject = Subject {
    name: "what instances do when they first boot",
    paths: &[
        "/etc/cloud",
        "/var/lib/cloud",
        "/etc/rc.local",
        "/etc/machine-id",
    ],
    files: &[],
    programs: &["cloud-init"],
    units: &["cloud-init"],
    opens: &[
        "ssh_pwauth: true",
        "ssh_pwauth: yes",
        "ssh_pwauth: 1",
        "disable_root: false",
        "lock_passwd: false",
    ],
    guards: &[
        "ssh_pwauth: false",
        "disable_root: true",
        "lock_passwd: true",
    ],
    touched: touched(
        "DIFF-BOOT-001",
        "DIFF-BOOT-002",
        "a step touches what instances do when they first boot",
        "It runs as root on every instance, before anybody can look.",
    ),
    untouched: untouched(
        "DIFF-BOOT-002",
        "DIFF-BOOT-001",
        "a step no longer touches what instances do when they first boot",
    ),
};
