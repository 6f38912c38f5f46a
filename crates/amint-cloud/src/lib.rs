//! The port: what a build needs from a cloud, in our own terms.
//!
//! - [`cloud`]: the trait [`Cloud`].
//! - [`preflight`], [`base`], [`builder`], [`command`], [`image`], [`publish`], [`resource`]: the values that
//!   it speaks, in the order in which a build uses them; [`pace`]: how often it likes to be asked.
//! - [`secret`]: what a cloud keeps for its users.
//! - [`error`]: [`CloudError`], which says what *kind* of trouble it is.
//! - [`clock`]: time, injected.
//! - `sim` (feature `sim`): `SimCloud`, a cloud in memory with virtual time and faults.
//!
//! Polling, retries, order and recovery belong to the engine; an adapter translates, and nothing else.

pub mod base;
pub mod builder;
pub mod clock;
pub mod cloud;
pub mod command;
pub mod error;
pub mod image;
pub mod pace;
pub mod preflight;
pub mod publish;
pub mod resource;
pub mod secret;
#[cfg(feature = "sim")]
pub mod sim;

pub use base::*;
pub use builder::*;
pub use clock::{Clock, SystemClock};
pub use cloud::*;
pub use command::*;
pub use error::{CloudError, ErrorKind};
pub use image::*;
pub use pace::{LATE, Pace, WaitFor};
pub use preflight::*;
pub use publish::*;
pub use resource::*;
pub use secret::{SecretSource, SecretValue};
