//! Images and their disks.

use std::collections::BTreeMap;
use std::sync::Arc;

use amint_inspect::BlockSource;
use amint_inspect::scrub::Cleaning;
use serde::{Deserialize, Serialize};

use crate::{BuilderId, Owner};

/// The cloud's name for an image.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct ImageId(pub String);

/// The cloud's name for a copy of a disk that is no image yet.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct SnapshotId(pub String);

/// What an image is to be like.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ImageSpec {
    /// Its name; unique where the cloud asks for it.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// The user's own tags.
    pub tags: BTreeMap<String, String>,
    /// Whether its instances answer metadata requests of version 2 only.
    pub imds_v2: bool,
}

/// What to make an image from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CaptureRequest {
    /// Tags the image, and finds it again.
    pub owner: Owner,
    /// The stopped builder.
    pub builder: BuilderId,
    /// What it is to be like.
    pub image: ImageSpec,
}

/// A disk of an image that is to be cleaned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScrubRequest {
    /// Tags what is made, and finds it again.
    pub owner: Owner,
    /// The image.
    pub image: ImageId,
    /// Which of its disks.
    pub disk: String,
    /// What is to be done to it.
    pub cleaning: Cleaning,
}

/// An image to be made from another one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegisterRequest {
    /// Tags the image, and finds it again.
    pub owner: Owner,
    /// The image that it is like, disks included.
    pub image: ImageId,
    /// Disks that are replaced, by name, and by what.
    pub replaced: Vec<(String, SnapshotId)>,
    /// What it is to be like.
    pub spec: ImageSpec,
}

/// How the disks of an image are cleaned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scrubbing {
    /// [`Cloud::clean`](crate::Cloud::clean) changes the image's own disk.
    InPlace,
    /// [`Cloud::scrub`](crate::Cloud::scrub) makes clean copies of disks, from which another image is
    /// registered: what is captured first is never published.
    Successor,
}

/// Where an image, or a snapshot, is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum ImageState {
    /// Being made.
    Pending {
        /// 0 to 100, where the cloud can tell.
        percent: Option<u8>,
    },
    /// Ready.
    Available,
    /// Not to be had.
    Failed {
        /// Why.
        reason: String,
    },
}

/// One disk of an image.
#[derive(Clone)]
pub struct ImageDisk {
    /// Its name in the image (`root`, `/dev/xvda`).
    pub name: String,
    /// Whether it holds the operating system.
    pub root: bool,
    /// Its bytes.
    pub source: Arc<dyn BlockSource>,
}
