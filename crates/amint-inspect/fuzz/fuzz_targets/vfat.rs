//! FAT: the file tree, who owns what, and the map. Inputs worth starting from: floppies made with `mkfs.vfat`.

#![no_main]

use amint_inspect::vfat::VfatTree;
use amint_inspect::{FileSystem, FreeMap, Tree};
use amint_inspect_fuzz::Disk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let disk = Disk::new(input);
    let whole = disk.whole();
    if let Ok(tree) = VfatTree::open(&disk, whole) {
        for name in tree.list("/").unwrap_or_default().iter().take(50) {
            let path = format!("/{name}");
            let _ = tree.metadata(&path);
            let _ = tree.list(&path);
            assert!(tree.read(&path, 4096).ok().flatten().is_none_or(|content| content.len() <= 4096));
        }
        let offsets: Vec<u64> = (0..whole.length).step_by(509).take(1000).collect();
        if let Ok(owners) = tree.owners(&offsets) {
            assert_eq!(owners.len(), offsets.len());
        }
    }
    if let Ok(Some(map)) = FreeMap::read(&disk, whole) {
        assert!(map.free.iter().all(|extent| extent.range().end <= whole.length));
    }
});
