//! Where and how.

/// Where a cloud's builds happen and how often it is asked.
#[derive(Clone, Debug)]
pub struct AwsOptions {
    /// The region of builders and images.
    pub region: String,
    /// Bucket for files that are too large for a command.
    pub bucket: Option<String>,
    /// Other regions that the build copies its image to.
    pub copy_regions: Vec<String>,
    /// CloudWatch log group that gets what commands print.
    pub log_group: Option<String>,
    /// Scales every wait between two questions: 1 for AWS, much less for an emulator of it.
    pub pace: f64,
}

impl AwsOptions {
    /// AWS itself, in `region`.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            bucket: None,
            copy_regions: Vec::new(),
            log_group: None,
            pace: 1.0,
        }
    }
}
