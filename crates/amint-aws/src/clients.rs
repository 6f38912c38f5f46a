//! The SDK's clients: one configuration, no retries of their own, a limit for every call.

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use crate::AwsOptions;
use crate::disk::Pool;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long one call may take. The engine asks again.
const CALL: Duration = Duration::from_secs(45);

/// Clients of one region, and of others where images are copied to.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    pub(crate) config: SdkConfig,
    pub(crate) region: String,
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
    pub(crate) ebs: aws_sdk_ebs::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    secrets: aws_sdk_secretsmanager::Client,
    /// Blocks of snapshots in memory, for all disks that are read through these clients.
    pub(crate) blocks: Arc<Pool>,
}

impl Clients {
    /// Clients that find credentials, proxies and endpoints as every AWS tool does. Nothing is asked yet.
    pub(crate) async fn load(options: &AwsOptions) -> Self {
        let region = Region::new(options.region.clone());
        let loader = aws_config::defaults(BehaviorVersion::latest()).region(region);
        Self::with_config(options, loader.load().await)
    }

    /// Clients with a configuration of the caller's.
    pub(crate) fn with_config(options: &AwsOptions, config: SdkConfig) -> Self {
        let limits = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(CALL)
            .build();
        let config = config
            .into_builder()
            .region(Region::new(options.region.clone()))
            .retry_config(RetryConfig::disabled())
            .timeout_config(limits)
            .build();
        Self {
            region: options.region.clone(),
            ec2: aws_sdk_ec2::Client::new(&config),
            ssm: aws_sdk_ssm::Client::new(&config),
            ebs: aws_sdk_ebs::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            secrets: aws_sdk_secretsmanager::Client::new(&config),
            blocks: Arc::default(),
            config,
        }
    }

    /// Secrets Manager in a region.
    pub(crate) fn secrets_in(&self, region: &str) -> aws_sdk_secretsmanager::Client {
        if region == self.region {
            return self.secrets.clone();
        }
        let config = aws_sdk_secretsmanager::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .build();
        aws_sdk_secretsmanager::Client::from_conf(config)
    }

    /// EC2 in another region.
    pub(crate) fn ec2_in(&self, region: &str) -> aws_sdk_ec2::Client {
        if region == self.region {
            return self.ec2.clone();
        }
        let config = aws_sdk_ec2::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .build();
        aws_sdk_ec2::Client::from_conf(config)
    }
}
