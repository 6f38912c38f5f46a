//! What is read back from a disk without a script that could mend it.

use crate::step::DiskCheck;

/// One requirement, or a few, that nobody can mend but whoever builds the image.
#[derive(Debug)]
pub struct Check {
    /// Its name in profiles.
    pub id: &'static str,
    /// What it looks at, in a few words.
    pub title: &'static str,
    /// Why it is looked at, and why no script mends it.
    pub why: &'static str,
    /// The ids of the rules that it serves.
    pub rules: &'static [&'static str],
    /// How it is read from the disk.
    pub disk_check: DiskCheck,
}
