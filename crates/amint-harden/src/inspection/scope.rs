//! What a verdict is about.

use serde::Serialize;

/// What was read, and what such an inspection cannot see.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Scope {
    /// The root disk's size in bytes.
    pub size: u64,
    /// How many of them were ever written: all of these were read.
    pub written: u64,
    /// Where its file systems are.
    pub partitions: Vec<Partition>,
    /// The image's further disks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub data_disks: Vec<DataDisk>,
    /// What was looked for in everything that was written.
    pub searched_for: Vec<String>,
    /// What this inspection says nothing about.
    pub not_seen: Vec<String>,
}

impl Scope {
    /// Takes back what the search for these tracers claims, because they are not known to have reached the
    /// disk (see [`Tracers::unproven`](crate::tracer::Tracers::unproven)).
    pub fn take_back(&mut self, places: &[&str]) {
        for place in places {
            let claim = tracer(place);
            self.searched_for.retain(|one| *one != claim);
            self.not_seen
                .push(format!("{place}: no tracer was there before the seal"));
        }
    }
}

/// What a search for a tracer is called.
pub(super) fn tracer(place: &str) -> String {
    format!("tracer: {place}")
}

/// A further disk, from which no instance starts. Its files were not checked.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DataDisk {
    /// What people know it by, such as `/dev/sdf`.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// How many of them were ever written: all of these were read.
    pub written: u64,
    /// Where its file systems are.
    pub partitions: Vec<Partition>,
    /// Its digest (hex), made as the root disk's, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// One partition; the whole disk when there is no partition table.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Partition {
    /// First byte, from the start of the disk.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
    /// The file system whose files were checked; absent when none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_system: Option<String>,
}

/// What no inspection of this form can see.
pub(super) fn never_seen() -> Vec<String> {
    [
        "copies that are compressed, encrypted or encoded (UTF-16, for one), or that a file's layout splits",
        "secrets that have no shape of their own, other than those of the build",
        "options given to an sshd that other units than its own start",
        "accounts that a directory service provides",
        "whether the image boots and what its services do",
    ]
    .map(str::to_owned)
    .to_vec()
}
