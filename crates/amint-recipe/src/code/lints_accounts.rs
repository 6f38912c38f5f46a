//! Lints: who gets in.

use super::info::{CodeInfo, lint};

pub(super) static CODES: [CodeInfo; 5] = [
    lint(
        "AM0110",
        "a password is locked, then deleted",
        "`passwd -l` (or `usermod -L`) comes before `passwd -d` for the same user, and no lock after it.",
        r"steps:
  - shell:
      run: |
        passwd -l admin
        passwd -d admin",
        r"steps:
  - shell:
      run: |
        passwd -d admin
        passwd -l admin",
        "The lock is a `!` before the hash in /etc/shadow. Deleting the password deletes the `!` with it, and \
         leaves an account that opens without any password. The other order leaves `!` alone: no hash, and no way \
         in.",
    ),
    lint(
        "AM0111",
        "a user that nobody made",
        "A script or a `file` step names a user that the base image does not have and no step before has made.",
        r#"base: { aws: { ssm-parameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 } }
steps:
  - shell: { run: "shred -u ~ec2-uesr/.netrc" }"#,
        r#"base: { aws: { ssm-parameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 } }
steps:
  - shell: { run: "shred -u ~ec2-user/.netrc" }"#,
        "A shell leaves `~name` as it is when there is no such user, so that the file that was meant stays where \
         it is.",
    ),
    lint(
        "AM0112",
        "a password that every instance has",
        "A script sets a password: `chpasswd`, `passwd --stdin`, `useradd -p`, `usermod -p`.",
        r#"steps:
  - shell: { run: "echo admin:{{name}} | chpasswd" }"#,
        r"steps:
  - first-boot-secret: { name: admin-password, command: /opt/web/bin/set-password }",
        "Whoever has one instance knows the password of all. AWS Marketplace refuses images with passwords; the \
         seal locks the accounts of the system. `first-boot-secret` has each instance make its own.",
    ),
    lint(
        "AM0113",
        "a key that opens every instance",
        "A script or a `file` step writes an `authorized_keys`.",
        r#"steps:
  - shell: { run: "echo ssh-ed25519 AAAA > /root/.ssh/authorized_keys" }"#,
        "steps: []",
        "Whoever has the private key can enter every instance of the image. EC2 puts the launcher's key there at \
         the first boot. The seal removes such files, and the inspection looks for them.",
    ),
    lint(
        "AM0114",
        "sshd is opened",
        "A script or a `file` step sets `PermitRootLogin`, `PasswordAuthentication` or `PermitEmptyPasswords` to \
         `yes`.",
        r#"steps:
  - file: { content: "PasswordAuthentication yes", to: /etc/ssh/sshd_config.d/50-web.conf }"#,
        r#"steps:
  - file: { content: "PasswordAuthentication no", to: /etc/ssh/sshd_config.d/50-web.conf }"#,
        "AWS Marketplace allows keys only, and no root. The inspection works out what sshd would do, and refuses \
         the image.",
    ),
];
