//! Whole builds on the simulated cloud, in virtual time.
#![allow(missing_docs)]

mod connect;
mod delivery;
mod faults;
mod inspection;
mod journal;
mod keep;
mod lock;
mod manifest;
mod publish;
mod release;
mod secrets;
mod staged;
mod steps;
mod stop;
mod support;
mod waivers;
