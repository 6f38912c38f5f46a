//! Lints: scripts that do more, or less, than they look.

use super::info::{CodeInfo, lint};

pub(super) static CODES: [CodeInfo; 12] = [
    lint(
        "AM0120",
        "a system folder is removed",
        "`rm -r` names `/`, all below it, or a folder without which no system is left.",
        r#"steps:
  - shell: { run: "rm -rf / var/tmp/build" }"#,
        r#"steps:
  - shell: { run: "rm -rf /var/tmp/build" }"#,
        "The usual cause is a blank too many, or a variable that is inserted empty.",
    ),
    lint(
        "AM0121",
        "a path may begin with nothing",
        "`rm -r` is given `$VAR/`, `$VAR/*` or a folder directly below it, and nothing in the script makes sure \
         that the variable is not empty.",
        r#"steps:
  - shell: { run: "BUILD=; rm -rf $BUILD/*" }"#,
        r#"steps:
  - shell: { run: "BUILD=/opt/build; rm -rf ${BUILD:?}/*" }"#,
        "With an empty variable it removes `/*`. `${VAR:?}` stops the script then; so does amint for a variable \
         that is not set at all (`set -u`), but not for an empty one.",
    ),
    lint(
        "AM0122",
        "everybody may change a file",
        "`chmod 777`, `chmod o+w` or a `mode` that lets all users write.",
        r#"steps:
  - shell: { run: "chmod -R 777 /opt/web" }"#,
        r#"steps:
  - shell: { run: "chown -R www-data /opt/web" }"#,
        "Any service that is broken into can then change the program that root runs next. Folders with the sticky \
         bit (1777) are not meant.",
    ),
    lint(
        "AM0123",
        "a download runs unseen",
        "What `curl` or `wget` fetch is piped into a shell.",
        r#"steps:
  - shell: { run: "curl -fsSL https://example.com/install.sh | sh" }"#,
        r#"steps:
  - file: { from: files/install.sh, to: /opt/install.sh }
  - shell: { run: "sh /opt/install.sh" }"#,
        "Tomorrow it may be another script, and when the connection breaks half of it runs. In a pipe, a failed \
         download does not even fail the step.",
    ),
    lint(
        "AM0124",
        "a download is not encrypted",
        "`curl` or `wget` are given `http://` or `ftp://`.",
        r#"steps:
  - shell: { run: "curl -fsS http://example.com/motd" }"#,
        r#"steps:
  - shell: { run: "curl -fsS https://example.com/motd" }"#,
        "Anybody on the way can put something else into the image.",
    ),
    lint(
        "AM0125",
        "nothing says what a download must be",
        "A file is downloaded, and nothing in the same script compares a digest or a signature.",
        r#"steps:
  - shell: { run: "curl -fsSLo /opt/web.tar https://example.com/web.tar" }"#,
        r#"steps:
  - shell:
      run: |
        curl -fsSLo /opt/web.tar https://example.com/web.tar
        echo "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  /opt/web.tar" | sha256sum -c"#,
        "Two builds of the same recipe can differ, and nobody would see what changed. A digest also protects from \
         a server that is broken into.",
    ),
    lint(
        "AM0131",
        "a package manager asks, and nobody answers",
        "`apt-get install`, `yum install` and the like without `-y`.",
        r#"steps:
  - shell: { run: "apt-get install nginx" }"#,
        r"steps:
  - install-packages: [nginx]",
        "Steps have no terminal: the question is answered with no, and the step fails.",
    ),
    lint(
        "AM0132",
        "`sudo` in a script of root's",
        "A script uses `sudo` to become root.",
        r#"steps:
  - shell: { run: "sudo systemctl enable web" }"#,
        r#"steps:
  - shell: { run: "systemctl enable web" }"#,
        "Scripts run as root already, and minimal images have no `sudo`. `sudo -u USER` is something else, and is \
         not reported.",
    ),
    lint(
        "AM0133",
        "a package manager that is not there",
        "A script uses `yum` or `dnf` on Debian or Ubuntu, or `apt-get` on Amazon Linux.",
        r#"steps:
  - shell: { run: "yum install -y nginx" }"#,
        r"steps:
  - install-packages: [nginx]",
        "The step would fail. `install-packages` takes whichever is there, and so serves several base images.",
    ),
    lint(
        "AM0134",
        "a script restarts the builder",
        "`reboot`, `shutdown` and the like in a script.",
        r#"steps:
  - shell: { run: "reboot" }"#,
        r"steps:
  - reboot: {}",
        "The script's result never arrives, so the step counts as failed. The step `reboot` waits until the \
         builder is ready again.",
    ),
    lint(
        "AM0135",
        "a wait of a fixed time",
        "`sleep` of five seconds or more, outside a loop.",
        r#"steps:
  - shell: { run: "sleep 30; curl -fsS http://localhost/" }"#,
        r#"steps:
  - shell: { run: "until curl -fsS http://localhost/; do sleep 1; done" }"#,
        "It costs its time in every build, and one day it is too short. The step's `timeout` ends a loop that \
         waits in vain.",
    ),
    lint(
        "AM0138",
        "a script needs bash",
        "A script uses `[[`, `source`, `pipefail` or other things that only bash has.",
        r#"steps:
  - shell: { run: "[[ -e /etc/web.conf ]] && echo there" }"#,
        r#"steps:
  - shell: { run: "[ -e /etc/web.conf ] && echo there" }"#,
        "Scripts run under `/bin/sh`, which is dash on Debian and Ubuntu. On systems whose `/bin/sh` is bash it \
         is not reported.",
    ),
];
