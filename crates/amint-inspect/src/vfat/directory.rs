//! Directories: entries of 32 bytes, and names that are longer than eight and three characters in entries before them.

use super::boot::ENTRY;
use super::volume::Volume;
use crate::bytes::{u16_le, u32_le};
use crate::file_system::FileSystemError;
use crate::source::BlockSource;

/// A directory has at most 65536 entries.
const MAX_DIRECTORY: u64 = ENTRY << 16;
/// What a removed entry begins with.
pub(super) const REMOVED: u8 = 0xe5;
const READ_ONLY: u8 = 0x01;
const LABEL: u8 = 0x08;
const DIRECTORY: u8 = 0x10;
const LONG: u8 = 0x0f;
/// Bits that tell an entry of a long name.
const LONG_MASK: u8 = 0x3f;
/// A long name is in at most so many entries, of 13 units each.
const MAX_LONG: usize = 20;

/// One file or directory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Node {
    /// The root directory, which has no entry.
    root: bool,
    pub(super) directory: bool,
    pub(super) read_only: bool,
    /// Its first cluster; 0 when it has none.
    pub(super) first: u32,
    /// In bytes; 0 for directories.
    pub(super) size: u64,
}

/// A named one.
pub(super) struct Named {
    /// Its long name if it has one.
    pub(super) name: Vec<u8>,
    /// The short one, by which it can be found as well.
    pub(super) short: Vec<u8>,
    pub(super) node: Node,
}

impl Volume<'_> {
    /// The root directory.
    pub(super) fn root(&self) -> Node {
        Node {
            root: true,
            directory: true,
            read_only: false,
            first: self.boot.root_cluster,
            size: 0,
        }
    }

    /// What is in a directory, in the order of the disk.
    pub(super) fn directory(&self, directory: &Node) -> Result<Vec<Named>, FileSystemError> {
        let bytes = self.directory_bytes(directory)?;
        let mut found = Vec::new();
        let mut long = Long::default();
        // Linux does not stop at an entry that was never used, whatever the specification says.
        for entry in bytes.chunks_exact(ENTRY as usize) {
            let attributes = entry.get(11).copied().unwrap_or_default();
            match entry.first() {
                None | Some(0 | &REMOVED) => long = Long::default(),
                Some(_) if attributes & LONG_MASK == LONG => long.add(entry),
                Some(_) => {
                    let long = std::mem::take(&mut long).of(entry);
                    let short = short_name(entry);
                    if attributes & LABEL == 0 && short != b"." && short != b".." {
                        found.push(Named {
                            name: long.unwrap_or_else(|| short.clone()),
                            short,
                            node: self.node(entry, attributes),
                        });
                    }
                }
            }
        }
        Ok(found)
    }

    fn node(&self, entry: &[u8], attributes: u8) -> Node {
        let high = match self.boot.root {
            Some(_) => 0,
            None => u32::from(u16_le(entry, 20)) << 16,
        };
        let directory = attributes & DIRECTORY != 0;
        Node {
            root: false,
            directory,
            read_only: attributes & READ_ONLY != 0,
            first: high | u32::from(u16_le(entry, 26)),
            size: if directory {
                0
            } else {
                u32_le(entry, 28).into()
            },
        }
    }

    fn directory_bytes(&self, directory: &Node) -> Result<Vec<u8>, FileSystemError> {
        match self.boot.root {
            Some((offset, length)) if directory.root => {
                let mut bytes = vec![0; length as usize];
                self.window.read_at(offset, &mut bytes)?;
                return Ok(bytes);
            }
            _ if !directory.root && directory.first == 0 => return Ok(Vec::new()),
            _ => {}
        }
        let runs = self.chain(directory.first)?;
        let length =
            runs.iter().map(|(_, count)| u64::from(*count)).sum::<u64>() * self.boot.cluster;
        if length > MAX_DIRECTORY {
            return Err(FileSystemError::TooLarge {
                what: "a directory".into(),
                limit: MAX_DIRECTORY,
            });
        }
        let mut bytes = vec![0; length as usize];
        self.fill(&runs, 0, &mut bytes)?;
        Ok(bytes)
    }
}

/// The parts of a long name, the last one first as they are on the disk.
#[derive(Default)]
struct Long {
    parts: Vec<[u16; 13]>,
    /// The number of the part that came last; 1 is the name's beginning.
    number: u8,
    checksum: u8,
}

impl Long {
    fn add(&mut self, entry: &[u8]) {
        let (number, checksum) = (entry[0], entry[13]);
        let last = number & 0x40 != 0;
        let number = number & 0x3f;
        if last {
            *self = Long {
                parts: Vec::new(),
                number: number + 1,
                checksum,
            };
        }
        // Whatever does not follow on is no part of any name.
        if self.number != number + 1 || self.checksum != checksum || self.parts.len() >= MAX_LONG {
            *self = Long::default();
            return;
        }
        self.number = number;
        let places = (1..11)
            .step_by(2)
            .chain((14..26).step_by(2))
            .chain([28, 30]);
        let mut part = [0; 13];
        for (unit, at) in part.iter_mut().zip(places) {
            *unit = u16_le(entry, at);
        }
        self.parts.push(part);
    }

    /// The name, if it is that of this short entry.
    fn of(self, entry: &[u8]) -> Option<Vec<u8>> {
        let short = entry.get(..11)?;
        let sum = short
            .iter()
            .fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
        if self.parts.is_empty() || self.number != 1 || self.checksum != sum {
            return None;
        }
        let units = self.parts.iter().rev().flatten().copied();
        let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
        Some(String::from_utf16_lossy(&units).into_bytes()).filter(|name| !name.is_empty())
    }
}

/// The short name as Linux shows it.
fn short_name(entry: &[u8]) -> Vec<u8> {
    /// Set when a part is to be shown in lower case.
    const LOWER_BASE: u8 = 0x08;
    const LOWER_EXTENSION: u8 = 0x10;
    let flags = entry.get(12).copied().unwrap_or_default();
    let part = |from: usize, to: usize, lower: u8| {
        let part = entry.get(from..to).unwrap_or_default().trim_ascii_end();
        match flags & lower {
            0 => part.to_vec(),
            _ => part.to_ascii_lowercase(),
        }
    };
    let mut name = part(0, 8, LOWER_BASE);
    // A name whose first byte would read as that of a removed one.
    if let Some(first @ 0x05) = name.first_mut() {
        *first = REMOVED;
    }
    let extension = part(8, 11, LOWER_EXTENSION);
    if !extension.is_empty() {
        name.push(b'.');
        name.extend(extension);
    }
    name
}
