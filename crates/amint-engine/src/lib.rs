//! Runs a [`BuildPlan`](amint_plan::BuildPlan) on a [`Cloud`](amint_cloud::Cloud).
//!
//! - `run`: [`execute`], the phases in order; `phases/` has one file for each, and `timeline` the frame
//!   around them.
//! - `resume`: what a process checks that goes on with a build of another one.
//! - `current`: what is asked before there is a build. `locked`: the base image that a lock file names.
//! - `unwind`: what happens after a failure; `release` gives back, `acquire` takes, `look_up` finds what nobody knows.
//! - [`cleanup`]: what is left of builds whose process is no more.
//! - [`journal`]: intents before effects, ids before waits.
//! - `wait` and `call`: every wait ends, every call has a limit; retries are in `call` only. `settle`: calls for which
//!   it is too early. `jitter`: gaps that differ.
//! - `command`: one command on the builder; `step` is what the user sees of it, and
//!   `ready` the question whether the builder can be worked on.
//! - `upload`: files onto the builder, by commands where a cloud has no other way. [`request`]: the plan in the
//!   port's words.
//! - `mask`: secrets stay out of all that is written.
//! - [`secret`]: secrets on their way to the builder, encrypted.
//! - `durable`: a file that is there whole or not at all.
//! - `emit`: events on their way out. `cancel`: the way to stop. `error`: why it
//!   ended, and the exit class.
//!
//! Time, ids and randomness come from outside. Nothing here prints, and nothing knows which cloud it is.

mod acquire;
mod call;
mod cancel;
pub mod cleanup;
mod command;
mod context;
mod current;
mod digest;
mod disk;
mod durable;
mod emit;
mod error;
mod jitter;
pub mod journal;
mod locked;
mod look_up;
mod mask;
mod options;
mod phases;
mod ready;
mod release;
pub mod request;
mod resume;
mod run;
pub mod secret;
mod settle;
mod step;
mod text;
mod timeline;
mod unwind;
mod upload;
mod wait;

pub use call::CallError;
pub use cancel::{Cancel, CancelLevel};
pub use current::{AskError, Asking, identity};
pub use emit::{Sink, SinkError};
pub use error::{BuildError, Tail};
pub use journal::{Journal, JournalError};
pub use mask::{MASK, Masks, SHORTEST};
pub use options::{OnError, Options, Summary};
pub use run::execute;
