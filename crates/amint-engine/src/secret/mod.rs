//! Secrets on their way to the builder. What carries them is kept by others (a cloud's history of commands, a log), so they
//! travel encrypted to a key that the builder made in its memory for this one delivery, and that goes with it.
//!
//! - `deliver`: when they are there: from the first step that can read one, after each reboot again, until the last step.
//! - `encrypt`: RSA-OAEP, by a library. `make-key.sh`, `receive.sh`: the builder's side, by its `openssl`.
//! - [`fetch`]: those that a cloud keeps.
//! - `error`: what can go wrong.
//!
//! Who could change what the builder prints could give a key of its own; that channel is the one that all commands go
//! through, and that whoever changed it could run anything by.

mod deliver;
mod encrypt;
mod error;
mod fetch;

use amint_cloud::SecretValue;

pub(crate) use deliver::Delivery;
pub use deliver::LARGEST;
pub use error::SecretError;
pub use fetch::fetch;

/// A secret and its value.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The variable's name.
    pub name: String,
    /// What nobody may read in what is written.
    pub value: SecretValue,
}
