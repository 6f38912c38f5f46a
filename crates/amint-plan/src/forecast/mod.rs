//! What a build will make, how long it will take and what it will cost, as far as a plan tells.
//!
//! - [`resources`](mod@resources): what is made, and what of it stays.
//! - [`minutes`](mod@minutes): the table of assumed durations, and their sum.
//! - [`prices`](mod@prices): the table of prices, with its date and its source.
//! - [`cost`](mod@cost): both together.
//!
//! An estimate says what it rests on. What no table knows is unknown, and never guessed.

pub mod cost;
pub mod minutes;
pub mod prices;
pub mod resources;

pub use cost::{Cost, CostItem, cost};
pub use minutes::{PhaseMinutes, minutes, total_minutes};
pub use resources::{Lifetime, Resource, resources};
