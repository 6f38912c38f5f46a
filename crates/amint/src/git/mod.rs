//! What a repository holds at a revision, read through the git program.
//!
//! - [`repository`]: where the repository is, what a revision and a merge base are.
//! - [`objects`]: any object by its id, from one process for all of them.
//! - [`tree`]: folders, and paths in them, symbolic links included.
//! - [`commit`]: the files of one revision.
//! - [`error`]: why one of these could not be had.
//!
//! Only plumbing is used, and only by object id: no attribute, filter, diff driver, hook or path of the repository has a
//! say in what is read.

mod commit;
mod error;
mod objects;
mod repository;
mod tree;

pub(crate) use commit::Commit;
pub(crate) use error::GitError;
pub(crate) use repository::Repository;
pub(crate) use tree::{Entry, Mode};
