//! POSIX shell text to the commands that it holds, for lints.
//!
//! - [`word`]: one word, with what is expanded in it.
//! - [`command`]: one simple command: words, assignments, redirections, and the wrappers before the program.
//! - [`reader`]: text to commands; [`words`]: the words, quotes and expansions.
//!
//! It reads, and runs nothing: both branches of an `if` are commands, and so is the body of a function that nobody calls. Text
//! that is no shell gives fewer commands, never an error, in one pass over it.

pub(crate) mod command;
mod reader;
pub(crate) mod word;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use command::{Command, Script};
pub(crate) use reader::read;
pub(crate) use word::{Guard, Part, Word};
