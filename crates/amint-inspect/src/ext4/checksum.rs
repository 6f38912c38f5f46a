//! The two checksums of ext4 metadata, in the kernel's form: seeded, without a final inversion.

use crc::{Algorithm, CRC_16_MODBUS, CRC_32_ISCSI, Crc};

/// CRC-32C without the final inversion, so that one sum is the seed of the next.
const CRC32C: Crc<u32> = Crc::<u32>::new(&Algorithm {
    xorout: 0,
    ..CRC_32_ISCSI
});
const CRC16: Crc<u16> = Crc::<u16>::new(&CRC_16_MODBUS);

/// What every chain of sums begins with.
pub(super) const START: u32 = !0;

/// CRC-32C of `bytes`, continuing from `seed` (`metadata_csum`).
pub(super) fn crc32c(seed: u32, bytes: &[u8]) -> u32 {
    // The library wants the register's value before reflection.
    let mut digest = CRC32C.digest_with_initial(seed.reverse_bits());
    digest.update(bytes);
    digest.finalize()
}

/// CRC-16 of the concatenated `parts` (`uninit_bg`).
pub(super) fn crc16(parts: &[&[u8]]) -> u16 {
    let mut digest = CRC16.digest();
    for part in parts {
        digest.update(part);
    }
    digest.finalize()
}
