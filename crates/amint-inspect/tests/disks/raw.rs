//! Raw files: holes, sizes and what is refused.

use std::fs;
use std::os::unix::fs::FileExt;

use amint_inspect::raw::RawFile;
use amint_inspect::window::Window;
use amint_inspect::{BlockSource, Extent, ReadError};
use tempfile::TempDir;

use crate::fixture::tool;

#[test]
fn holes_are_not_written_and_read_as_zeros() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("disk.raw");
    let file = fs::File::create(&path).unwrap();
    file.write_all_at(&[7; 65536], 1 << 20).unwrap();
    file.set_len(4 << 20).unwrap();
    let disk = RawFile::open(&path).unwrap();
    assert_eq!(disk.size(), 4 << 20);
    assert_eq!(
        disk.written().unwrap(),
        [Extent {
            offset: 1 << 20,
            length: 65536
        }]
    );
    let mut bytes = [1; 4];
    disk.read_at((1 << 20) - 2, &mut bytes).unwrap();
    assert_eq!(bytes, [0, 0, 7, 7]);
    let window = Window::new(
        &disk,
        Extent {
            offset: (1 << 20) + 4096,
            length: 1 << 20,
        },
    )
    .unwrap();
    assert_eq!(
        window.written().unwrap(),
        [Extent {
            offset: 0,
            length: 61440
        }]
    );
}

#[test]
fn reads_past_the_end_are_errors() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("disk.raw");
    fs::write(&path, [1; 1000]).unwrap();
    let disk = RawFile::open(&path).unwrap();
    for (offset, length) in [(999, 2), (1000, 1), (u64::MAX, 1), (u64::MAX - 1, 8)] {
        let error = disk.read_at(offset, &mut vec![0; length]).unwrap_err();
        assert!(
            matches!(error, ReadError::PastEnd { size: 1000, .. }),
            "{error}"
        );
    }
    disk.read_at(1000, &mut []).unwrap();
    assert!(
        Window::new(
            &disk,
            Extent {
                offset: 500,
                length: 501
            }
        )
        .is_err()
    );
    let window = Window::new(
        &disk,
        Extent {
            offset: 500,
            length: 100,
        },
    )
    .unwrap();
    let error = window.read_at(99, &mut [0; 2]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "read of 2 bytes at offset 99 goes past the end of the disk (100 bytes)"
    );
}

#[test]
fn an_empty_file_is_an_empty_disk() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("disk.raw");
    fs::write(&path, []).unwrap();
    let disk = RawFile::open(&path).unwrap();
    assert_eq!((disk.size(), disk.written().unwrap()), (0, Vec::new()));
}

#[test]
fn what_is_no_raw_disk_is_refused_with_a_way_out() {
    let folder = TempDir::new().unwrap();
    let error = RawFile::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.ends_with("is not a disk: it is neither a regular file nor a block device"),
        "{error}"
    );
    let error = RawFile::open(folder.path().join("missing")).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot open the disk "),
        "{error}"
    );
    let path = folder.path().join("disk.image");
    let mut vdi = vec![0; 600];
    vdi[64..68].copy_from_slice(&[0x7f, 0x10, 0xda, 0xbe]);
    let mut fixed = vec![0; 4096];
    fixed[3584..3592].copy_from_slice(b"conectix");
    let formats: [(&str, &[u8]); 8] = [
        ("vmdk", b"KDMV\x01"),
        ("vmdk", b"# Disk DescriptorFile\nversion=1\n"),
        ("vhdx", b"vhdxfile and so on"),
        ("vhd", b"conectix and so on"),
        ("vhd", &fixed),
        ("vdi", &vdi),
        ("qed", b"QED\0"),
        ("parallels", b"WithoutFreeSpace"),
    ];
    for (format, bytes) in formats {
        fs::write(&path, bytes).unwrap();
        for error in [RawFile::open(&path).err(), amint_inspect::open(&path).err()] {
            let error = error.unwrap().to_string();
            let hint =
                format!("is a {format} image, not a raw disk: convert it with `qemu-img convert");
            assert!(error.contains(&hint), "{error}");
        }
    }
    // What only reads raw disks refuses this one too.
    fs::write(&path, b"QFI\xfb\0\0\0\x03 and so on").unwrap();
    let error = RawFile::open(&path).unwrap_err().to_string();
    assert!(
        error.contains("is a qcow2 image, not a raw disk"),
        "{error}"
    );
}

/// A loop device, taken down at the end.
struct Loop(String);

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = tool("losetup").args(["-d", &self.0]).status();
    }
}

#[test]
fn a_block_device_counts_as_written_all_over() {
    if !rustix::process::getuid().is_root() {
        eprintln!("SKIPPED a_block_device_counts_as_written_all_over: a loop device needs root");
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("disk.raw");
    let file = fs::File::create(&path).unwrap();
    file.set_len(4 << 20).unwrap();
    file.write_all_at(b"content", 1 << 20).unwrap();
    file.sync_all().unwrap();
    let output = tool("losetup")
        .args(["-f", "--show"])
        .arg(&path)
        .output()
        .unwrap();
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        eprintln!("SKIPPED a_block_device_counts_as_written_all_over: no loop device: {reason}");
        return;
    }
    let device = Loop(String::from_utf8(output.stdout).unwrap().trim().to_owned());
    let disk = amint_inspect::open(&device.0).unwrap();
    assert_eq!(disk.size(), 4 << 20);
    let all = Extent {
        offset: 0,
        length: 4 << 20,
    };
    assert_eq!(disk.written().unwrap(), [all]);
    let mut bytes = [1; 8];
    disk.read_at((1 << 20) - 1, &mut bytes).unwrap();
    assert_eq!(&bytes, b"\0content");
    assert!(disk.read_at((4 << 20) - 1, &mut [0; 2]).is_err());
}
