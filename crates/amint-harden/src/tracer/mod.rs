//! Tracers: random bytes planted before the seal, in the places that it must clear. Afterwards no written
//! block of the disk may hold one.
//!
//! Each is read back from the device before the seal, as a control: a tracer that never reached the disk
//! proves nothing by its absence.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::hex;
use crate::shell::quote;

/// What every tracer begins with.
pub const MAGIC: &str = "amint-tracer-";

/// Where a tracer is planted: the name that `plant.sh` knows it by, and what it stands for.
struct Place {
    name: &'static str,
    title: &'static str,
}

const PLACES: [Place; 7] = [
    Place {
        name: "history",
        title: "a line of root's shell history",
    },
    Place {
        name: "log",
        title: "a line of a log",
    },
    Place {
        name: "journal",
        title: "a message in the journal",
    },
    Place {
        name: "application_log",
        title: "a line of the first application log",
    },
    Place {
        name: "temporary_file",
        title: "a temporary file that was deleted before the seal",
    },
    Place {
        name: "file",
        title: "a file of root's that was deleted before the seal",
    },
    Place {
        name: "name",
        title: "a file's name in a folder that was deleted before the seal",
    },
];

/// The tracers of one build.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tracers {
    tokens: [String; PLACES.len()],
}

impl Tracers {
    /// Derives the tracers from a seed: 16 bytes each, by SHA-256 over the seed and the place. Equal seeds
    /// give equal tracers, so a build that is resumed looks for what it planted.
    pub fn derive(seed: &[u8; 32]) -> Self {
        let token = |place: &Place| {
            let mut hasher = Sha256::new();
            hasher.update(seed);
            hasher.update(place.name);
            let digest = hasher.finalize();
            format!("{MAGIC}{}", hex::encode(&digest[..16]))
        };
        Self {
            tokens: PLACES.each_ref().map(token),
        }
    }

    /// What each tracer stands for, in the order of [`Tracers::patterns`].
    pub fn places() -> impl Iterator<Item = &'static str> {
        PLACES.iter().map(|place| place.title)
    }

    /// The bytes that no written block may hold after the seal.
    pub fn patterns(&self) -> Vec<Vec<u8>> {
        self.tokens
            .iter()
            .map(|token| token.clone().into_bytes())
            .collect()
    }

    /// What the tracers stand for that, by the output of [`Tracers::plant_script`], were not seen on the
    /// device: their absence after the seal shows nothing.
    pub fn unproven(output: &str) -> Vec<&'static str> {
        let planted = |place: &&Place| {
            let control = |line: &str| line.strip_prefix("planted ") == Some(place.name);
            output.lines().any(control)
        };
        let missing = PLACES.iter().filter(|place| !planted(place));
        missing.map(|place| place.title).collect()
    }

    /// A script that plants the tracers, reads each back from the device, and removes those that stand for
    /// what is deleted before the seal. It prints one line a tracer, and fails naming the first one that did
    /// not reach the disk. It needs filefrag (e2fsprogs), and must itself never be written to the disk.
    pub fn plant_script(&self, application_logs: &[String]) -> String {
        let mut script = String::from("#!/bin/sh\n");
        for (place, token) in PLACES.iter().zip(&self.tokens) {
            // Writing to a string cannot fail.
            let _ = writeln!(script, "{}={token}", place.name);
        }
        let log = application_logs
            .first()
            .map(String::as_str)
            .unwrap_or_default();
        let _ = writeln!(script, "application_log_path={}", quote(log));
        script.push_str(include_str!("plant.sh"));
        script
    }
}

#[cfg(test)]
mod tests {
    use super::{MAGIC, Tracers};

    #[test]
    fn tracers_differ_by_seed_and_place() {
        let (one, other) = (Tracers::derive(&[1; 32]), Tracers::derive(&[2; 32]));
        let mut patterns = [one.patterns(), other.patterns()].concat();
        patterns.sort();
        patterns.dedup();
        assert_eq!(patterns.len(), 14);
        assert!(
            patterns
                .iter()
                .all(|pattern| pattern.len() == MAGIC.len() + 32)
        );
        assert_eq!(one, Tracers::derive(&[1; 32]));
    }

    #[test]
    fn only_what_was_read_back_is_proven() {
        let output = "planted history\nplanted log\nplanted temporary_file\nplanted file\n\
                      planted name, not read back: this file system does not tell where a folder is\n\
                      planted application_log\n\
                      no tracer in the journal: it is not kept on the disk\n";
        assert_eq!(
            Tracers::unproven(output),
            [
                "a message in the journal",
                "a file's name in a folder that was deleted before the seal"
            ]
        );
        assert_eq!(Tracers::unproven("").len(), Tracers::places().count());
    }

    #[test]
    fn the_script_plants_every_tracer() {
        let tracers = Tracers::derive(&[7; 32]);
        let script = tracers.plant_script(&["/opt/it's/logs".to_owned()]);
        for pattern in tracers.patterns() {
            let token = String::from_utf8(pattern).unwrap();
            let (name, _) = script.split_once(&format!("={token}\n")).unwrap();
            let name = name.rsplit('\n').next().unwrap();
            assert!(script.contains(&format!("\"${name}\"")), "{name}");
        }
        assert!(script.contains("\napplication_log_path='/opt/it'\\''s/logs'\n"));
    }
}
