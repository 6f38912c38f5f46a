//! YAML text to a located tree: bounded in depth and size, without recursion while reading.
//!
//! - [`node`]: the tree.
//! - [`scalar`]: what a plain word means (YAML 1.2 core schema).
//! - [`read`]: the parser's events to the tree, and what recipes refuse of YAML.

pub(crate) mod node;
pub(crate) mod read;
pub(crate) mod scalar;

#[cfg(test)]
mod tests;
