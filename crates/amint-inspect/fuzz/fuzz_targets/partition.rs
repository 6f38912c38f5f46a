//! Partition tables.

#![no_main]

use amint_inspect::partition;
use amint_inspect_fuzz::Disk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let disk = Disk::new(input);
    if let Ok(layout) = partition::read(&disk) {
        let end = disk.whole().range().end;
        assert!(layout.partitions.iter().all(|partition| partition.extent.range().end <= end));
        assert!(partition::unused(&layout).iter().all(|gap| gap.range().end <= end));
    }
});
