//! The block map. Inputs worth starting from: small file systems made without `metadata_csum`.

#![no_main]

use amint_inspect::FreeMap;
use amint_inspect_fuzz::Disk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let disk = Disk::new(input);
    if let Ok(Some(map)) = FreeMap::read(&disk, disk.whole()) {
        let end = disk.whole().range().end;
        assert!(map.free.iter().chain(&map.journal).all(|extent| extent.range().end <= end));
    }
});
