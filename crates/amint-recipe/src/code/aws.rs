//! Values that only AWS knows.

use super::info::{CodeInfo, problem};

pub(super) static CODES: [CodeInfo; 8] = [
    problem(
        "AM0074",
        "this is no Region",
        "A Region's name is not written as AWS writes it.",
        "builder: { region: us-east-1a }",
        "builder: { region: us-east-1 }",
        "`us-east-1a` is an Availability Zone; the Region is without the letter.",
    ),
    problem(
        "AM0075",
        "this is no id of AWS's",
        "An id has not the form that AWS gives to ids of this kind.",
        "base: { aws: { id: ami-latest } }",
        "base: { aws: { id: ami-0123456789abcdef0 } }",
        "Ids are a prefix and 8 or 17 hexadecimal digits. To take the newest image, use `ssm-parameter`, or \
         `owner` and `name`.",
    ),
    problem(
        "AM0076",
        "AWS has no such name",
        "The name or ARN of a parameter, bucket, role or log group has a form that AWS refuses.",
        r#"builder: { bucket: "s3://my-bucket" }"#,
        "builder: { bucket: my-bucket }",
        "AWS would refuse it in the middle of a build.",
    ),
    problem(
        "AM0077",
        "EBS has no such volume",
        "A volume's size, type, speed or device name is one that EC2 refuses.",
        "builder: { volumes: [{ device: /dev/sdf, size: 100, type: gp2, iops: 3000 }] }",
        "builder: { volumes: [{ device: /dev/sdf, size: 100, type: gp3, iops: 3000 }] }",
        "The limits of each type are EC2's; the hint says which one is exceeded.",
    ),
    problem(
        "AM0078",
        "this is no HTTPS URL",
        "A URL does not start with `https://`, or has parts that a download cannot use.",
        r#"builder:
  ssm-agent: { url: "http://example.com/agent.deb", sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }"#,
        r#"builder:
  ssm-agent: { url: "https://example.com/agent.deb", sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }"#,
        "The builder downloads it as root.",
    ),
    problem(
        "AM0079",
        "a list names the same thing twice",
        "A list of words holds one of them twice.",
        "image: { copy-to: [eu-west-1, eu-west-1] }",
        "image: { copy-to: [eu-west-1] }",
        "Each can be done once; the second one is likely meant to be another.",
    ),
    problem(
        "AM0080",
        "amint does not do this",
        "The recipe asks for something that amint refuses for a reason.",
        "builder: { spot: true }",
        "builder: { spot: false }",
        "The message says why: a Spot instance cannot be sealed, an image cannot be shared with everybody before \
         AWS Marketplace has looked at it.",
    ),
    problem(
        "AM0081",
        "profiles disagree",
        "Two of the seal's profiles want different things, and nothing says which one counts.",
        "seal: { profiles: [marketplace-linux, cis-hygiene] }",
        r"seal:
  profiles: [marketplace-linux, cis-hygiene]
  choices: { root-password: marketplace-linux }",
        "`amint steps --conflicts` shows what each choice means.",
    ),
];
