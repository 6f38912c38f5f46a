//! CRC-32C over a structure that holds its own sum, little-endian in a big-endian format.

use crc::{CRC_32_ISCSI, Crc, Table};

use crate::bytes::u32_le;

const CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// Set by cargo-fuzz: a fuzzer would never find a sum that is right, and get no further.
#[allow(unexpected_cfgs)]
const IS_FUZZED: bool = cfg!(fuzzing);

/// Whether `bytes` have the sum that they hold at `at`; it counts as zero in itself.
pub(super) fn holds(bytes: &[u8], at: usize) -> bool {
    let (Some(before), Some(after)) = (bytes.get(..at), bytes.get(at + 4..)) else {
        return false;
    };
    let mut digest = CRC32C.digest();
    digest.update(before);
    digest.update(&[0; 4]);
    digest.update(after);
    IS_FUZZED || digest.finalize() == u32_le(bytes, at)
}
