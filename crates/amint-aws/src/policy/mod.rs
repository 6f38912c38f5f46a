//! Which IAM actions a build needs, and the policies that allow just those.

use serde_json::{Value, json};

/// Who may use the builder's role: EC2, for its instances.
pub fn trust_policy(_region: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }],
    })
}

/// What a builder may do: what the SSM agent needs to run commands, the files of its builds, its log.
pub fn builder_policy(_region: &str, bucket: Option<&str>, log_group: Option<&str>) -> Value {
    let mut statements = vec![json!({
        "Effect": "Allow",
        "Action": [
            "ec2messages:AcknowledgeMessage",
            "ec2messages:DeleteMessage",
            "ec2messages:FailMessage",
            "ec2messages:GetEndpoint",
            "ec2messages:GetMessages",
            "ec2messages:SendReply",
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
        "Resource": "*",
    })];
    if let Some(bucket) = bucket {
        statements.push(json!({
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::{bucket}/amint/*"),
        }));
    }
    if let Some(group) = log_group {
        statements.push(json!({
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogStream",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            "Resource": ["*", format!("arn:aws:logs:*:*:log-group:{group}:*")],
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}
