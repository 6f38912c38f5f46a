//! What a builder may do.

use serde_json::{Value, json};

use super::input::{ec2_service, partition};

/// What the SSM agent needs to be told commands and to answer. Less than AmazonSSMManagedInstanceCore: without the
/// actions for associations, what the account runs on all of its instances stays away from a builder.
const AGENT: &[&str] = &[
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
];

/// How agents before version 3.3.40 are told commands.
const OLDER_AGENT: &[&str] = &[
    "ec2messages:AcknowledgeMessage",
    "ec2messages:DeleteMessage",
    "ec2messages:FailMessage",
    "ec2messages:GetEndpoint",
    "ec2messages:GetMessages",
    "ec2messages:SendReply",
];

/// The actions that no builder does without.
pub(crate) fn agent_actions() -> &'static [&'static str] {
    AGENT
}

/// The least that a builder's role needs: the SSM agent's channel, files from `bucket`, and `log_group` to write to.
/// `region` is the builder's.
pub fn builder_policy(region: &str, bucket: Option<&str>, log_group: Option<&str>) -> Value {
    let partition = partition(region);
    let agent: Vec<&str> = OLDER_AGENT.iter().chain(AGENT).copied().collect();
    let mut statements = vec![json!({
        "Sid": "Agent",
        "Effect": "Allow",
        "Action": agent,
        "Resource": "*",
    })];
    if let Some(bucket) = bucket {
        statements.push(json!({
            "Sid": "Files",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": [format!("arn:{partition}:s3:::{bucket}/amint/*")],
        }));
    }
    if let Some(group) = log_group {
        statements.push(json!({
            "Sid": "Logs",
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            "Resource": [
                format!("arn:{partition}:logs:{region}:*:log-group:{group}"),
                format!("arn:{partition}:logs:{region}:*:log-group:{group}:*"),
            ],
        }));
        statements.push(json!({
            "Sid": "FindLogs",
            "Effect": "Allow",
            "Action": ["logs:DescribeLogGroups"],
            "Resource": "*",
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Who may take a builder's role: EC2, for an instance of it.
pub fn trust_policy(region: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": ec2_service(region) },
            "Action": "sts:AssumeRole",
        }],
    })
}
