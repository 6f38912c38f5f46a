//! What a root file system says about the others: `/etc/fstab` (fstab(5)).

use amint_inspect::identity::Identity;
use amint_inspect::partition::Partition;
use amint_inspect::{Tree, TreeError};

use crate::disk::read_text;

const FSTAB: &str = "/etc/fstab";
/// Far larger than any such file.
const MAX_SIZE: usize = 1 << 20;
/// More mounts than an image has.
const MAX_ENTRIES: usize = 1000;

/// Devices that the disk an instance starts from is known by, up to the number of its partition.
const FIRST_DISKS: [(&str, &str); 6] = [
    ("/dev/nvme0n1", "p"),
    ("/dev/mmcblk0", "p"),
    ("/dev/xvda", ""),
    ("/dev/vda", ""),
    ("/dev/sda", ""),
    ("/dev/hda", ""),
];
/// Folders of names that udev makes, and what fstab calls them.
const UDEV: [(&str, &str); 4] = [
    ("/dev/disk/by-uuid/", "UUID"),
    ("/dev/disk/by-label/", "LABEL"),
    ("/dev/disk/by-partuuid/", "PARTUUID"),
    ("/dev/disk/by-partlabel/", "PARTLABEL"),
];

/// A file system that is to be mounted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Entry {
    device: Device,
    /// The device as it is written.
    pub(super) written: String,
    /// Where; absolute.
    pub(super) place: String,
}

/// By what a device is named.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Device {
    Uuid(String),
    Label(String),
    PartitionId(String),
    PartitionName(String),
    /// Of the disk that an instance starts from; 0 is all of it.
    Number(u32),
    /// Another disk, a volume, or another machine.
    Elsewhere,
}

impl Entry {
    /// Whether it is this file system.
    pub(super) fn names(&self, partition: &Partition, identity: &Identity) -> bool {
        let is = |wanted: &str, own: &str| !own.is_empty() && wanted == own;
        match &self.device {
            Device::Uuid(uuid) => is(&uuid.to_lowercase(), &identity.uuid),
            Device::Label(label) => is(label, &identity.label),
            Device::PartitionId(id) => is(&id.to_lowercase(), &partition.id),
            Device::PartitionName(name) => is(name, &partition.name),
            Device::Number(number) => *number == partition.number,
            Device::Elsewhere => false,
        }
    }
}

/// What is to be mounted beside the root, in the order of the file. What is no device (`tmpfs`, bind mounts, swap
/// space) is left out: it shows nothing of the disk that cannot be seen without it.
///
/// # Errors
/// When the file system is damaged there, or the file is unreasonably large.
pub(super) fn mounts(root: &dyn Tree) -> Result<Vec<Entry>, TreeError> {
    let text = read_text(root, FSTAB, MAX_SIZE)?.unwrap_or_default();
    let entries: Vec<Entry> = text.lines().filter_map(entry).collect();
    match entries.len() {
        ..=MAX_ENTRIES => Ok(entries),
        many => Err(TreeError {
            path: FSTAB.to_owned(),
            reason: format!("{many} mounts are more than {MAX_ENTRIES}"),
        }),
    }
}

fn entry(line: &str) -> Option<Entry> {
    let mut fields = line.split_ascii_whitespace();
    let written = fields.next().filter(|first| !first.starts_with('#'))?;
    let place = unescape(fields.next()?);
    let kind = fields.next().unwrap_or("auto");
    if !place.starts_with('/') || place.trim_matches('/').is_empty() || kind == "swap" {
        return None;
    }
    let device = device(&unescape(written))?;
    Some(Entry {
        device,
        written: unescape(written),
        place,
    })
}

/// `None` when it is no device at all.
fn device(written: &str) -> Option<Device> {
    let udev = UDEV.iter().find_map(|(folder, tag)| {
        let name = written.strip_prefix(folder)?;
        Some(((*tag).to_owned(), unescape(name)))
    });
    let tagged = || {
        let (tag, value) = written.split_once('=')?;
        Some((tag.to_owned(), value.trim_matches('"').to_owned()))
    };
    if let Some((tag, value)) = udev.or_else(tagged) {
        return Some(match tag.as_str() {
            "UUID" => Device::Uuid(value),
            "LABEL" => Device::Label(value),
            "PARTUUID" => Device::PartitionId(value),
            "PARTLABEL" => Device::PartitionName(value),
            _ => Device::Elsewhere,
        });
    }
    if written.starts_with("/dev/") {
        let number = FIRST_DISKS.iter().find_map(|(disk, separator)| {
            let rest = written.strip_prefix(disk)?;
            match rest.strip_prefix(separator)? {
                "" if rest.is_empty() => Some(0),
                digits => digits.parse().ok().filter(|number| *number > 0),
            }
        });
        return Some(number.map_or(Device::Elsewhere, Device::Number));
    }
    // A network share names its host first; another path is a bind mount or an image in a file.
    let is_share =
        written.starts_with("//") || (written.contains(":/") && !written.starts_with('/'));
    is_share.then_some(Device::Elsewhere)
}

/// Takes back `\040` (fstab) and `\x20` (udev).
fn unescape(text: &str) -> String {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = |radix, digits: std::ops::Range<usize>| {
            let digits = std::str::from_utf8(after.get(digits)?).ok()?;
            u8::from_str_radix(digits, radix).ok()
        };
        let byte = match (first, after.first()) {
            (b'\\', Some(b'x')) => escape(16, 1..3),
            (b'\\', Some(b'0'..=b'3')) => escape(8, 0..3),
            _ => None,
        };
        plain.push(byte.unwrap_or(*first));
        rest = after
            .get(if byte.is_some() { 3 } else { 0 }..)
            .unwrap_or_default();
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Device, entry, unescape};

    #[test]
    fn devices_are_told_by_every_name_that_they_have() {
        let uuid = |text: &str| Device::Uuid(text.to_owned());
        for (line, device, place) in [
            ("UUID=AB-12 /boot vfat defaults 0 2", uuid("AB-12"), "/boot"),
            ("/dev/disk/by-uuid/ab-12 /boot", uuid("ab-12"), "/boot"),
            ("LABEL=\"a b\" /x", Device::Label("a".into()), ""),
            (
                "LABEL=a\\040b /my\\040data ext4",
                Device::Label("a b".into()),
                "/my data",
            ),
            (
                "/dev/disk/by-label/a\\x20b /x",
                Device::Label("a b".into()),
                "/x",
            ),
            (
                "PARTUUID=12-03 /x",
                Device::PartitionId("12-03".into()),
                "/x",
            ),
            (
                "PARTLABEL=var /var",
                Device::PartitionName("var".into()),
                "/var",
            ),
            ("/dev/nvme0n1p3 /x", Device::Number(3), "/x"),
            ("/dev/xvda /x", Device::Number(0), "/x"),
            ("/dev/sda15 /x", Device::Number(15), "/x"),
            ("/dev/sdb1 /x", Device::Elsewhere, "/x"),
            ("/dev/nvme0n13 /x", Device::Elsewhere, "/x"),
            ("/dev/mapper/vg-home /home", Device::Elsewhere, "/home"),
            ("nas:/export /mnt nfs", Device::Elsewhere, "/mnt"),
        ] {
            let entry = entry(line);
            if place.is_empty() {
                // fstab knows no quotes: the place would be `b"`.
                assert_eq!(entry, None, "{line}");
                continue;
            }
            let entry = entry.expect(line);
            assert_eq!(
                (entry.device, entry.place.as_str()),
                (device, place),
                "{line}"
            );
        }
        for line in [
            "",
            "# UUID=1 /x ext4",
            "UUID=1",
            "UUID=1 / ext4",
            "UUID=1 none swap sw 0 0",
            "UUID=1 /x swap",
            "tmpfs /tmp tmpfs",
            "/srv/data /var/data none bind",
        ] {
            assert_eq!(entry(line), None, "{line}");
        }
    }

    #[test]
    fn only_whole_escapes_are_taken_back() {
        assert_eq!(
            unescape("a\\040b\\011c\\\\\\04\\x2\\400"),
            "a b\tc\\\\\\04\\x2\\400"
        );
    }
}
