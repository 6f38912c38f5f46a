//! What stands in the way of a build, all of it, before anything costs money.
//!
//! - `run`: the order. `findings`: what a check found, and what a look-up that failed means.
//! - One file a check: `access` (credentials that expire), `account` (settings), `regions`, `names` (the image's name
//!   and who gets it), `parameter`, `base` (the base image), `allowed` (whose images may be launched), `network` and
//!   `routes` (subnets and their ways out), `groups` (security groups), `profile` (the instance profile), `types`
//!   (instance types, and where the builder can be launched), `permissions` with `dry_run` and `simulate`.
//!
//! A look-up that is not allowed does not stop the others. Only what makes every answer worthless ends all of it: no
//! credentials, throttling, a lost answer that the rest depends on.

mod access;
mod account;
mod allowed;
mod base;
mod dry_run;
mod findings;
mod groups;
mod names;
mod network;
mod parameter;
mod permissions;
mod profile;
mod regions;
mod routes;
mod run;
mod simulate;
mod types;

pub(crate) use run::run;
