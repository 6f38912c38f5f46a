//! Attributes, owners and slack. Inputs worth starting from: small file systems made without `metadata_csum`, with
//! `inline_data` and `ea_inode`. The same is `tests/disks/hostile.rs`, with valid file systems that were damaged.

#![no_main]

use std::ops::ControlFlow;

use amint_inspect::ext4::Ext4Tree;
use amint_inspect::slack::survey as slack;
use amint_inspect::{FileSystem, Tree};
use amint_inspect_fuzz::Disk;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let disk = Disk::new(input);
    let whole = disk.whole();
    if let Ok(tree) = Ext4Tree::open(&disk, whole) {
        for name in tree.list("/").unwrap_or_default().iter().take(50) {
            let _ = tree.attributes(&format!("/{name}"));
        }
        let offsets: Vec<u64> = (0..whole.length).step_by(499).take(10_000).collect();
        assert!(tree.owners(&offsets).map_or(true, |owners| owners.len() == offsets.len()));
    }
    let _ = slack(&disk, whole, &mut |patch| {
        assert!(!patch.bytes.is_empty() && patch.bytes.len() <= 1 << 16);
        assert!(patch.offset + patch.bytes.len() as u64 <= whole.length);
        ControlFlow::Continue(())
    });
});
