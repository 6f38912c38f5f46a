//! A cloud that is an AWS account. The only crate that names `aws_sdk_*`.
//!
//! - [`AwsCloud`]: the port's methods, each a few lines on what the other modules do.
//! - [`AwsOptions`]: where and how. `clients`: the SDK's clients; `error`: what their errors mean; `tags` and `names`:
//!   how a build's things are told apart and found again; `watch`: look-ups shared by all builds in flight;
//!   `gate`: what they all pass before they ask.
//! - In the order of a build: `secret`, `identity`, `base`, `preflight`, `support`, `launch`, `builder`, `command`, `stage`,
//!   `image`, `scrub`, `disk`, `publish`, `parameter`, `retire`; `resource` releases.
//! - `claim`: who else makes an image of the name; `owned`: everything that there is, in all regions.
//! - `describe`: look-ups that several of them need; `s3`: the one call to
//!   S3; `retry`: for the few that must not fail halfway.
//! - [`policy`]: which IAM actions a build needs, and the policies that allow just those.
//!
//! Nothing here waits for a state, and nothing is asked again: the engine does both. But for blocks of snapshots and for
//! regions: an inspection is thousands of calls, a sweep a hundred, and the engine sees one.

mod base;
mod builder;
mod claim;
mod clients;
mod cloud;
mod command;
mod describe;
mod disk;
mod error;
mod gate;
mod identity;
mod image;
mod launch;
mod names;
mod options;
mod owned;
mod parameter;
mod patience;
pub mod policy;
mod preflight;
mod publish;
mod resource;
mod retire;
mod retry;
mod s3;
mod scrub;
mod secret;
mod stage;
mod support;
mod tags;
mod watch;

pub use cloud::AwsCloud;
pub use options::AwsOptions;
