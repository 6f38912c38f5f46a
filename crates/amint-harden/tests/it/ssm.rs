//! What an SSM agent leaves on a builder.

use crate::violations::{Plant, SHADOW};

/// What is planted, and the findings it makes.
pub(crate) const SSM: &[(&str, Plant, &[&str])] = &[
    (
        "registration key of the SSM agent",
        |i| i.write("/var/lib/amazon/ssm/Vault/Store/EC2RegistrationKey", "{}"),
        &["MP-SEC-008 /var/lib/amazon/ssm/Vault"],
    ),
    (
        "registration of the SSM agent",
        |i| i.write("/var/lib/amazon/ssm/registration", "{}"),
        &["MP-SEC-008 /var/lib/amazon/ssm/registration"],
    ),
    (
        "credentials of the SSM agent",
        |i| i.write("/var/lib/amazon/ssm/credentials", ""),
        &["MP-SEC-008 /var/lib/amazon/ssm/credentials"],
    ),
    (
        "a command that the SSM agent ran",
        |i| {
            i.write(
                "/var/lib/amazon/ssm/i-0abc/document/orchestration/c-1/awsrunShellScript/0/_script.sh",
                "",
            )
        },
        &["MP-CLEAN-005 /var/lib/amazon/ssm/i-0abc"],
    ),
    (
        "inventory of the SSM agent",
        |i| i.write("/var/lib/amazon/ssm/inventory/x", "x"),
        &["MP-CLEAN-005 /var/lib/amazon/ssm/inventory"],
    ),
    (
        "an empty log of the SSM agent",
        |i| i.write("/var/log/amazon/ssm/audits/2026-11-21", ""),
        &["MP-CLEAN-003 /var/log/amazon/ssm/audits"],
    ),
    (
        "state of the SSM agent's snap",
        |i| i.write("/var/snap/amazon-ssm-agent/7993/x", ""),
        &["MP-CLEAN-005 /var/snap/amazon-ssm-agent/7993"],
    ),
    (
        "what the SSM agent's snap keeps for root",
        |i| i.write("/root/snap/amazon-ssm-agent/common/x", ""),
        &["MP-CLEAN-005 /root/snap/amazon-ssm-agent/common"],
    ),
    (
        "rights of ssm-user",
        |i| i.write("/etc/sudoers.d/ssm-agent-users", ""),
        &["MP-CLEAN-005 /etc/sudoers.d/ssm-agent-users"],
    ),
    (
        "home of ssm-user",
        |i| i.write("/home/ssm-user/.profile", "x\n"),
        &["MP-CLEAN-005 /home/ssm-user"],
    ),
    (
        "mail of ssm-user",
        |i| i.write("/var/mail/ssm-user", ""),
        &["MP-CLEAN-005 /var/mail/ssm-user"],
    ),
    (
        "the account ssm-user",
        |i| {
            i.append(
                "/etc/passwd",
                "ssm-user:x:1001:1001::/home/ssm-user:/bin/sh\n",
            );
            i.append(SHADOW, "ssm-user:!:20000:0:99999:7:::\n")
        },
        &["MP-CLEAN-005 /etc/passwd", "MP-CLEAN-005 /etc/shadow"],
    ),
    (
        "groups of ssm-user",
        |i| {
            i.append("/etc/group", "ssm-user:x:1001:\n");
            i.append("/etc/gshadow", "wheel:!::admin,ssm-user\n")
        },
        &["MP-CLEAN-005 /etc/group", "MP-CLEAN-005 /etc/gshadow"],
    ),
    (
        "ids of ssm-user",
        |i| {
            i.write("/etc/subuid", "ssm-user:165536:65536\n");
            i.write("/etc/subgid", "ssm-user:165536:65536\n")
        },
        &["MP-CLEAN-005 /etc/subgid", "MP-CLEAN-005 /etc/subuid"],
    ),
];
