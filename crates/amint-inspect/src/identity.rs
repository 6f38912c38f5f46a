//! By which names a file system can be asked for: its UUID and its label, as `/etc/fstab` has them.

use crate::bytes::{u16_le, u32_le};
use crate::name;
use crate::probe::{FileSystem, probe};
use crate::source::{BlockSource, Extent, ReadError};
use crate::window::Window;

/// What a file system calls itself. Nothing of it is checked, and several may bear the same.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Identity {
    /// Its UUID in lower case, of FAT the serial number (`1234-abcd`). Empty when it has none.
    pub uuid: String,
    /// Its label, empty when it has none.
    pub label: String,
    /// Files in it may be encrypted (ext4: the feature `encrypt`).
    pub encrypts: bool,
    /// Its journal is on another device (ext4).
    pub journal_elsewhere: bool,
}

/// Where a superblock keeps its UUID and its label, and how long the label can be.
const PLACES: [(FileSystem, u64, u64, usize); 5] = [
    (FileSystem::Ext, 1024 + 0x68, 1024 + 0x78, 16),
    (FileSystem::Xfs, 32, 108, 12),
    (FileSystem::Btrfs, 0x10020, 0x1012b, 256),
    (FileSystem::F2fs, 1024 + 108, 1024 + 108, 0),
    (FileSystem::Swap, 1024 + 12, 1024 + 28, 16),
];

const EXT_HAS_JOURNAL: u32 = 0x4;
const EXT_ENCRYPT: u32 = 0x10000;

/// Reads the names of the file system in `extent`.
///
/// # Errors
/// When the disk cannot be read there. A superblock that is cut off has no names.
pub fn identity(source: &dyn BlockSource, extent: Extent) -> Result<Identity, ReadError> {
    let kind = probe(source, extent)?;
    let window = Window::new(source, extent)?;
    if kind == FileSystem::Vfat {
        return fat(&window);
    }
    let Some((_, uuid_at, label_at, length)) = PLACES.iter().find(|place| place.0 == kind) else {
        return Ok(Identity::default());
    };
    let uuid = read(&window, *uuid_at, 16)?;
    let label = read(&window, *label_at, *length)?;
    let mut identity = Identity {
        uuid: hyphenated(&uuid),
        label: text(&label),
        ..Identity::default()
    };
    if kind == FileSystem::Ext {
        let superblock = read(&window, 1024, 1024)?;
        identity.encrypts = u32_le(&superblock, 0x60) & EXT_ENCRYPT != 0;
        let has_journal = u32_le(&superblock, 0x5c) & EXT_HAS_JOURNAL != 0;
        identity.journal_elsewhere = has_journal && u32_le(&superblock, 0xe0) == 0;
    }
    Ok(identity)
}

/// FAT: the serial number is a 32-bit number, and its place depends on the width of the table.
fn fat(window: &Window<'_>) -> Result<Identity, ReadError> {
    let boot = read(window, 0, 512)?;
    // Only FAT32 has no 16-bit count of its table's sectors.
    let at = if u16_le(&boot, 22) == 0 { 67 } else { 39 };
    let serial = u32_le(&boot, at);
    let label = boot.get(at + 4..at + 15).unwrap_or_default();
    let label = text(label);
    Ok(Identity {
        uuid: format!("{:04x}-{:04x}", serial >> 16, serial & 0xffff),
        label: if label == "NO NAME" {
            String::new()
        } else {
            label
        },
        ..Identity::default()
    })
}

fn read(window: &Window<'_>, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = vec![0; length];
    if offset + length as u64 <= window.size() {
        window.read_at(offset, &mut bytes)?;
    }
    Ok(bytes)
}

fn hyphenated(uuid: &[u8]) -> String {
    if uuid.iter().all(|byte| *byte == 0) {
        return String::new();
    }
    let mut text = String::with_capacity(36);
    for (index, byte) in uuid.iter().enumerate() {
        if [4, 6, 8, 10].contains(&index) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// A label, which ends with a zero or with spaces.
fn text(bytes: &[u8]) -> String {
    let label = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    name::text(label.trim_ascii_end())
}
