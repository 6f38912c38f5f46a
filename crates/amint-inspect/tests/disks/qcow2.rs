//! qcow2 images as QEMU makes them, and those that are refused.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use amint_inspect::open;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::fixture::{noise, run};

const SIZE: u64 = 24 << 20;

/// A folder with a sparse raw disk in it.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(TempDir::new().unwrap());
        let raw = File::create(bench.path("raw")).unwrap();
        raw.set_len(SIZE).unwrap();
        raw.write_all_at(&noise(100_000), 1 << 20).unwrap();
        raw.write_all_at(&[b'a'; 200_000], 9_000_000).unwrap();
        raw.write_all_at(b"the end", SIZE - 7).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn qemu_img(&self, arguments: &[&str]) {
        run(Command::new("qemu-img")
            .args(arguments)
            .current_dir(self.0.path()));
    }

    /// The raw disk as an image.
    fn image(&self, options: &[&str]) -> PathBuf {
        let ends = ["raw", "image"];
        self.qemu_img(&[&["convert", "-f", "raw", "-O", "qcow2"], options, &ends].concat());
        self.path("image")
    }
}

fn error(path: &Path) -> String {
    let error = open(path).err().expect("a refusal");
    let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

#[test]
fn every_kind_of_cluster_reads_as_the_disk_that_it_was_made_from() {
    let bench = Bench::new();
    let raw = fs::read(bench.path("raw")).unwrap();
    for options in [
        &[][..],
        &["-o", "compat=0.10"],
        &["-c"],
        &["-c", "-o", "compression_type=zstd"],
        &["-o", "cluster_size=512"],
        &["-o", "cluster_size=2M"],
        &["-o", "extended_l2=on,cluster_size=128k"],
        &["-o", "preallocation=metadata"],
        &["-S", "0"],
    ] {
        let disk = open(bench.image(options)).unwrap();
        let mut bytes = vec![0; SIZE as usize];
        disk.read_at(0, &mut bytes).unwrap();
        assert!(bytes == raw, "{options:?}");
        // What is not written is zeros, and zeros are not written.
        let mut position = 0;
        let mut written = 0;
        for extent in disk.written().unwrap() {
            assert!(
                bytes[position..extent.offset as usize]
                    .iter()
                    .all(|byte| *byte == 0)
            );
            position = extent.range().end as usize;
            written += extent.length;
        }
        assert!(written < 2 << 20, "{options:?}: {written}");
        assert_eq!(disk.unread().len(), 1, "{options:?}");
    }
    // Nothing is left beside the image.
    let mut left: Vec<_> = fs::read_dir(bench.0.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["image", "raw"]);
}

#[test]
fn snapshots_are_named_as_unread() {
    let bench = Bench::new();
    let image = bench.image(&[]);
    bench.qemu_img(&["snapshot", "-c", "before", "image"]);
    let unread = open(&image).unwrap().unread();
    assert!(
        unread.contains(&"the data of 1 internal snapshot of the qcow2 file".to_owned()),
        "{unread:?}"
    );
    bench.qemu_img(&["snapshot", "-c", "later", "image"]);
    assert!(open(&image).unwrap().unread()[1].contains("2 internal snapshots"));
}

#[test]
fn what_names_other_files_is_refused() {
    let bench = Bench::new();
    let secret = bench.path("secret");
    fs::write(&secret, noise(1 << 20)).unwrap();
    bench.qemu_img(&[
        "create", "-q", "-f", "qcow2", "-F", "raw", "-b", "secret", "image",
    ]);
    assert!(error(&bench.path("image")).contains("it needs a backing file: make one whole image"));

    fs::remove_file(bench.path("image")).unwrap();
    bench.qemu_img(&[
        "create",
        "-q",
        "-f",
        "qcow2",
        "-o",
        "data_file=secret,data_file_raw=on",
        "image",
        "1M",
    ]);
    assert!(error(&bench.path("image")).contains("it needs a data file"));

    // The bit is gone, the name is not: there is no other file that this could mean.
    let image = OpenOptions::new()
        .write(true)
        .open(bench.path("image"))
        .unwrap();
    image.write_all_at(&[0; 8], 72).unwrap();
    let disk = open(bench.path("image"));
    if let Ok(disk) = disk {
        let mut bytes = vec![0; 1 << 20];
        disk.read_at(0, &mut bytes).unwrap();
        assert!(
            bytes.iter().all(|byte| *byte == 0),
            "the other file was read"
        );
    }
}

#[test]
fn encrypted_corrupt_and_unknown_images_are_refused() {
    let bench = Bench::new();
    let secret = "secret,id=s,data=abc";
    let options = "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10";
    bench.qemu_img(&[
        "create", "-q", "--object", secret, "-f", "qcow2", "-o", options, "image", "1M",
    ]);
    assert!(error(&bench.path("image")).ends_with("it is encrypted"));

    let image = bench.image(&[]);
    let patch = |offset: u64, bytes: &[u8]| {
        let file = OpenOptions::new().write(true).open(&image).unwrap();
        file.write_all_at(bytes, offset).unwrap();
    };
    patch(79, &[2]);
    assert!(error(&image).contains("marked as corrupt"));
    patch(79, &[0x80]);
    assert!(
        error(&image).contains("qemu-img cannot read it: "),
        "{}",
        error(&image)
    );
    patch(79, &[0]);
    assert!(open(&image).is_ok());
    patch(24, &[0x7f; 8]);
    assert!(
        error(&image).contains("cannot make a temporary file"),
        "{}",
        error(&image)
    );
    patch(4, &[0, 0, 0, 1]);
    assert!(error(&image).contains("version 1"));
    // A header that is cut off.
    fs::write(&image, b"QFI\xfb\0\0\0\x03").unwrap();
    assert!(error(&image).contains("version 3"), "{}", error(&image));
}

#[test]
fn the_name_of_an_image_means_nothing() {
    let bench = Bench::new();
    let image = bench.image(&[]);
    for name in ["json:{\"driver\":\"null-co\"}", "nbd:host,x=y", "-c"] {
        let path = bench.path(name);
        fs::rename(&image, &path).unwrap();
        assert_eq!(open(&path).unwrap().size(), SIZE, "{name}");
        fs::rename(&path, &image).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_images_are_read_or_refused(
        flips in prop::collection::vec((prop_oneof![0.0..0.001_f64, 0.0..1.0_f64], 0_u8..8), 1..20),
        length in 0.0..2.0_f64,
    ) {
        let bench = Bench::new();
        let image = bench.image(&["-c"]);
        let mut bytes = fs::read(&image).unwrap();
        for (place, bit) in flips {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] ^= 1 << bit;
        }
        bytes.truncate((bytes.len() as f64 * length) as usize);
        fs::write(&image, &bytes).unwrap();
        if let Ok(disk) = open(&image) {
            for extent in disk.written().unwrap() {
                prop_assert!(extent.range().end <= disk.size());
            }
        }
    }
}
