//! The port: what a build needs from a cloud, in our own terms.
//!
//! - [`cloud`]: the trait [`Cloud`] and the values that it speaks.
//! - [`error`]: [`CloudError`], which says what *kind* of trouble it is.
//! - [`clock`]: time, injected.
//! - `sim` (feature `sim`): `SimCloud`, a cloud in memory with virtual time and faults.
//!
//! Polling, retries, order and recovery belong to the engine; an adapter translates, and nothing else.

pub mod clock;
pub mod cloud;
pub mod error;
#[cfg(feature = "sim")]
pub mod sim;

pub use clock::{Clock, SystemClock};
pub use cloud::*;
pub use error::{CloudError, ErrorKind};
