//! Where a local cloud keeps things.

use std::path::PathBuf;

/// Where a local cloud keeps things and how it starts machines.
#[derive(Clone, Debug, Default)]
pub struct LocalOptions {
    /// Base images and saved machines, kept between builds; what is known of builders that are there. Safe to delete
    /// while there are none.
    pub cache_dir: PathBuf,
    /// Sockets and process ids of running machines. Short: a socket's path is limited to 107 bytes.
    pub runtime_dir: PathBuf,
    /// Where the image is published; the builder's disk grows here too, so that publishing is a rename. For a build
    /// that is there already, its record says where.
    pub output_dir: PathBuf,
    /// Boots the builder instead of continuing a saved machine.
    pub cold: bool,
    /// Replaces an image that is already in the output folder.
    pub overwrite: bool,
}
