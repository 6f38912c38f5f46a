//! Access control lists: ext4 keeps them shorter than the kernel shows them.

use crate::bytes::{u16_le, u32_le};

/// The version of ext4's own form, and that of the form that getxattr(2) shows.
const STORED: u32 = 1;
const SHOWN: u32 = 2;
/// Tags of entries that name a user or a group (`ACL_USER`, `ACL_GROUP`).
const NAMED: [u16; 2] = [0x2, 0x8];
/// The id of an entry that names nobody.
const NOBODY: u32 = u32::MAX;

/// The list as getxattr(2) shows it; `None` when it is not one.
pub(super) fn shown(stored: &[u8]) -> Option<Vec<u8>> {
    let (version, mut rest) = stored.split_first_chunk::<4>()?;
    if u32::from_le_bytes(*version) != STORED {
        return None;
    }
    let mut shown = SHOWN.to_le_bytes().to_vec();
    while !rest.is_empty() {
        let named = NAMED.contains(&u16_le(rest, 0));
        let (entry, next) = rest.split_at_checked(if named { 8 } else { 4 })?;
        let id = if named { u32_le(entry, 4) } else { NOBODY };
        shown.extend_from_slice(entry.get(..4)?);
        shown.extend_from_slice(&id.to_le_bytes());
        rest = next;
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn entries_get_their_ids_and_half_an_entry_is_none() {
        let stored = [1, 0, 0, 0, 1, 0, 6, 0, 2, 0, 4, 0, 232, 3, 0, 0];
        let expected = [
            &[2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255][..],
            &[2, 0, 4, 0, 232, 3, 0, 0],
        ];
        assert_eq!(shown(&stored), Some(expected.concat()));
        assert_eq!(shown(&stored[..4]), Some(vec![2, 0, 0, 0]));
        for length in [0, 3, 7, 13] {
            assert_eq!(shown(&stored[..length]), None, "{length}");
        }
        assert_eq!(shown(&[2, 0, 0, 0]), None);
    }
}
