//! Extended attributes and content in inodes, against the kernel.

use amint_inspect::Tree;
use amint_inspect::ext4::Ext4Tree;

use crate::fixture::{Disk, whole};
use crate::kernel::compare;

/// Every path of a furnished disk, against the kernel.
pub fn are_what_the_kernel_sees(name: &str, disk: &Disk) {
    let source = disk.open();
    let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
    compare(&disk.path(), "ext4", &tree);
    let many = tree.attributes("/attributes/many").unwrap();
    assert!(many.len() >= 12, "{name}: {}", many.len());
    let acl = tree.attributes("/attributes").unwrap();
    assert_eq!(acl[0].name, "system.posix_acl_default", "{name}");
}
