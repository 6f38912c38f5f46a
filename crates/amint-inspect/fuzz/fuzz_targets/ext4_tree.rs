//! The file tree. Inputs worth starting from: small file systems made without `metadata_csum`.

#![no_main]

use amint_inspect::Tree;
use amint_inspect::ext4::Ext4Tree;
use amint_inspect_fuzz::Disk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let disk = Disk::new(input);
    if let Ok(tree) = Ext4Tree::open(&disk, disk.whole()) {
        for name in tree.list("/").unwrap_or_default().iter().take(50) {
            let path = format!("/{name}");
            let _ = tree.metadata(&path);
            let _ = tree.list(&path);
            assert!(tree.read(&path, 4096).ok().flatten().is_none_or(|content| content.len() <= 4096));
        }
    }
});
