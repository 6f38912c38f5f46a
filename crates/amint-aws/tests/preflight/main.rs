//! What is found out before anything is made: against moto with the layer of `fixtures/aws`, and moto as it is.

mod bases;
mod credentials;
mod identity;
mod networks;
mod permissions;
mod recipes;
mod support;
#[path = "../support/world.rs"]
mod world;
