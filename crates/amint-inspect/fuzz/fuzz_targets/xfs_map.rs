//! The free map of XFS. Inputs worth starting from: small file systems made with `-m crc=0`.

#![no_main]

use amint_inspect::FreeMap;
use amint_inspect_fuzz::Disk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let disk = Disk::new(input);
    if let Ok(Some(map)) = FreeMap::read(&disk, disk.whole()) {
        let end = disk.whole().range().end;
        assert!(map.free.iter().chain(&map.journal).all(|extent| extent.range().end <= end));
        assert!(map.free.windows(2).all(|pair| pair[0].range().end < pair[1].offset));
    }
});
