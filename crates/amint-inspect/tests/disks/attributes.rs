//! Extended attributes and content in inodes, against the kernel.

use amint_inspect::Tree;
use amint_inspect::ext4::Ext4Tree;

use crate::fixture::whole;
use crate::furnished::{LAYOUTS, furnished};
use crate::kernel::compare;

#[test]
fn every_layout_is_what_the_kernel_sees() {
    for (name, options) in LAYOUTS {
        let Some(disk) = furnished(name, options) else {
            return;
        };
        let source = disk.open();
        let tree = Ext4Tree::open(&source, whole(&source)).unwrap();
        compare(&disk.path(), "ext4", &tree);
        let many = tree.attributes("/attributes/many").unwrap();
        assert!(many.len() >= 12, "{name}: {}", many.len());
        let acl = tree.attributes("/attributes").unwrap();
        assert_eq!(acl[0].name, "system.posix_acl_default", "{name}");
    }
}
