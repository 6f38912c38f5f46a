//! The file tree of XFS, and what belongs to it. Inputs worth starting from: small file systems made with `-m crc=0`.

#![no_main]

use amint_inspect::xfs::XfsTree;
use amint_inspect::{FileSystem, Tree};
use amint_inspect_fuzz::Disk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let disk = Disk::new(input);
    if let Ok(tree) = XfsTree::open(&disk, disk.whole()) {
        for name in tree.list("/").unwrap_or_default().iter().take(50) {
            let path = format!("/{name}");
            let _ = tree.metadata(&path);
            let _ = tree.list(&path);
            let _ = tree.attributes(&path);
            assert!(tree.read(&path, 4096).ok().flatten().is_none_or(|content| content.len() <= 4096));
        }
        let offsets: Vec<u64> = (0..64).map(|part| disk.whole().length / 64 * part).collect();
        assert!(tree.owners(&offsets).ok().is_none_or(|regions| regions.len() == offsets.len()));
    }
});
