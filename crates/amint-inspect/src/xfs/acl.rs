//! Access control lists: XFS keeps them in a form of its own, and the kernel shows them in that of xattr(7) as well.

use crate::bytes::{u16_be, u32_be};
use crate::tree::Attribute;

/// Tag, identity, permissions and padding of an entry on the disk.
const ENTRY: usize = 12;
/// `ACL_USER` and `ACL_GROUP`: only they name somebody.
const NAMED: [u32; 2] = [0x2, 0x8];
/// `ACL_UNDEFINED_ID`.
const NOBODY: u32 = u32::MAX;
/// `POSIX_ACL_XATTR_VERSION`.
const VERSION: u32 = 2;

/// The list that the trusted attribute `name` holds, as the kernel shows it.
pub(super) fn attribute(name: &[u8], value: &[u8]) -> Option<Attribute> {
    let name = match name {
        b"SGI_ACL_FILE" => "system.posix_acl_access",
        b"SGI_ACL_DEFAULT" => "system.posix_acl_default",
        _ => return None,
    };
    let entries = value.get(4..)?;
    let mut shown = VERSION.to_le_bytes().to_vec();
    for entry in entries.chunks_exact(ENTRY).take(u32_be(value, 0) as usize) {
        let tag = u32_be(entry, 0);
        let identity = match NAMED.contains(&tag) {
            true => u32_be(entry, 4),
            false => NOBODY,
        };
        shown.extend((tag as u16).to_le_bytes());
        shown.extend(u16_be(entry, 8).to_le_bytes());
        shown.extend(identity.to_le_bytes());
    }
    Some(Attribute {
        name: name.to_owned(),
        value: shown,
    })
}
