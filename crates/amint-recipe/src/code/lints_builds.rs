//! Lints: how images are made, and what becomes of them.

use super::info::{CodeInfo, lint};

pub(super) static CODES: [CodeInfo; 7] = [
    lint(
        "AM0126",
        "logs are cleared before they are written again",
        "A step clears logs or histories, and other steps follow.",
        r#"steps:
  - shell: { run: "rm -rf /var/log/*" }
  - upgrade-packages: {}"#,
        r"steps:
  - upgrade-packages: {}",
        "The steps after it write them again. The seal clears logs, histories and what was deleted, after the \
         last step, when nothing runs any more that could write.",
    ),
    lint(
        "AM0127",
        "a first boot that a buyer's user data replaces",
        "cloud-init is given `runcmd` or `bootcmd` by the image.",
        r"steps:
  - file:
      content: |
        #cloud-config
        runcmd:
          - /opt/web/bin/set-password
      to: /etc/cloud/cloud.cfg.d/99-web.cfg",
        r"steps:
  - first-boot-secret: { name: admin-password, command: /opt/web/bin/set-password }",
        "cloud-init does not add lists up: a buyer who passes a `runcmd` of their own replaces the image's, and \
         the password is never set. `first-boot-secret` is a systemd unit that nothing replaces.",
    ),
    lint(
        "AM0128",
        "the base image gets no more security updates",
        "The system's maker has ended its support, or will within 90 days.",
        "base: { aws: { ssm-parameter: /aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2 } }",
        "base: { aws: { ssm-parameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 } }",
        "AWS Marketplace refuses images of systems without support. The dates are the makers' own: of Debian, the \
         end of long term support; of Ubuntu, of standard support.",
    ),
    lint(
        "AM0129",
        "version 1 of the metadata service is asked",
        "A script asks 169.254.169.254 without a token.",
        r#"steps:
  - shell: { run: "curl -fsS http://169.254.169.254/latest/meta-data/instance-id" }"#,
        r#"steps:
  - shell:
      run: |
        token=$(curl -fsS -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)
        curl -fsS -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id"#,
        "amint's images require version 2 (`imds: v2.0`), as AWS Marketplace expects: version 1 gives an \
         instance's credentials to anybody who can make a web server send a request. Without a token, there is no \
         answer.",
    ),
    lint(
        "AM0130",
        "a Region's name stands in a script",
        "A script names a Region.",
        r#"steps:
  - shell: { run: "aws s3 cp s3://example/web.tar /opt/ --region us-west-2" }"#,
        r#"variables: { region: us-west-2 }
builder: { region: "{{region}}" }
steps:
  - shell: { run: "aws s3 cp s3://example/web.tar /opt/ --region {{region}}" }"#,
        "An image is copied to other Regions, and instances run there. What is right for the builder alone is \
         better said once, as a variable.",
    ),
    lint(
        "AM0136",
        "the agent is stopped that steps are run through",
        "A script stops or removes the SSM agent or the QEMU guest agent.",
        r#"steps:
  - shell: { run: "systemctl disable --now amazon-ssm-agent" }"#,
        r"builder:
  ssm-agent:
    url: https://example.com/amazon-ssm-agent.deb
    sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    remove: true",
        "amint works through it: without it, the step never ends and the build fails. The seal clears its traces; \
         with `remove: true` it takes the agent out last of all.",
    ),
    lint(
        "AM0137",
        "a guard is turned off",
        "A script turns off the firewall, SELinux, AppArmor or the audit daemon for good.",
        r#"steps:
  - shell: { run: "setenforce 0" }"#,
        "steps: []",
        "It is off on every instance of the image. Where AWS does the same work (security groups in front of a \
         firewall), `allow` says so to whoever reviews the recipe.",
    ),
];
