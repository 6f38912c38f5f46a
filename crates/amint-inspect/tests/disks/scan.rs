//! The search against a plain one, its limits, and the digest against its definition.

use std::num::NonZero;

use amint_inspect::partition;
use amint_inspect::region::{Region, attribute};
use amint_inspect::search::{BLOCK_SIZE, Hit, MAX_HITS, Options, Pattern, Scan, ScanError, scan};
use amint_inspect::{BlockSource, Extent, ReadError};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::fixture::{DEBIAN, Disk, Memory, free_map, noise, whole};
use crate::partition::gpt;

fn patterns(bytes: &[&[u8]]) -> Vec<Pattern> {
    bytes
        .iter()
        .map(|bytes| Pattern {
            id: format!("{bytes:02x?}"),
            bytes: bytes.to_vec(),
        })
        .collect()
}

fn with_digest() -> Options {
    Options {
        digest: true,
        ..Options::default()
    }
}

fn search(source: &dyn BlockSource, wanted: &[&[u8]]) -> Scan {
    scan(source, &patterns(wanted), &Options::default()).unwrap()
}

/// Every occurrence, found the slow way.
fn plain(bytes: &[u8], wanted: &[Vec<u8>]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (pattern, bytes_wanted) in wanted.iter().enumerate() {
        let windows = bytes
            .windows(bytes_wanted.len())
            .enumerate()
            .filter(|(_, window)| *window == bytes_wanted);
        hits.extend(windows.map(|(offset, _)| Hit {
            offset: offset as u64,
            pattern,
        }));
    }
    hits.sort();
    hits
}

/// The digest as its documentation defines it.
fn defined_digest(bytes: &[u8]) -> String {
    let mut sum = Sha256::new();
    sum.update(b"amint-sparse-sha256-v1\n");
    sum.update((bytes.len() as u64).to_le_bytes());
    for (index, block) in bytes.chunks(BLOCK_SIZE as usize).enumerate() {
        let mut padded = block.to_vec();
        padded.resize(BLOCK_SIZE as usize, 0);
        if padded.iter().any(|byte| *byte != 0) {
            sum.update((index as u64).to_le_bytes());
            sum.update(Sha256::digest(&padded));
        }
    }
    sum.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn matches_across_every_border_are_found() {
    let unit = 1 << 20;
    let needle = b"a-tracer-of-thirty-two-bytes-ab!";
    let mut bytes = vec![0; 4 * unit];
    let places = [
        0,
        unit - 1,
        unit - 16,
        2 * unit - 31,
        3 * unit,
        4 * unit - 32,
    ];
    for place in places {
        bytes[place..place + 32].copy_from_slice(needle);
    }
    // Adjacent extents whose border falls into a match, as a copy-on-write file system reports them.
    let border = (2 * unit - 15) as u64;
    let size = bytes.len() as u64;
    let written = vec![
        Extent {
            offset: 0,
            length: border,
        },
        Extent {
            offset: border,
            length: size - border,
        },
    ];
    let found = search(&Memory { bytes, written }, &[needle]);
    let expected = [0, unit - 1, 2 * unit - 31, 3 * unit, 4 * unit - 32];
    let offsets: Vec<usize> = found.hits.iter().map(|hit| hit.offset as usize).collect();
    // The second place overwrote the third.
    assert_eq!(
        offsets,
        expected[..1]
            .iter()
            .chain([unit - 16].iter())
            .chain(&expected[2..])
            .copied()
            .collect::<Vec<_>>()
    );
}

#[test]
fn zeros_of_a_hole_belong_to_a_match_that_touches_a_written_byte() {
    let mut bytes = vec![0; 1 << 20];
    bytes[524_288..524_300].copy_from_slice(b"written-here");
    let written = vec![Extent {
        offset: 524_288,
        length: 12,
    }];
    let found = search(&Memory { bytes, written }, &[b"\0\0\0written", b"here\0\0"]);
    assert_eq!(
        found.hits,
        [
            Hit {
                offset: 524_285,
                pattern: 0
            },
            Hit {
                offset: 524_296,
                pattern: 1
            }
        ]
    );
    assert_eq!((found.written, found.size), (12, 1 << 20));
}

#[test]
fn overlapping_patterns_are_all_found() {
    let source = Memory::new(b"xx-abcabcd-xx".to_vec());
    let found = search(&source, &[b"abcd", b"bc", b"abc", b"abcabc", b"abc"]);
    let wanted = ["abcd", "bc", "abc", "abcabc", "abc"].map(|text| text.as_bytes().to_vec());
    assert_eq!(found.hits, plain(&source.bytes, &wanted));
    assert_eq!(found.hits.len(), 8);
}

#[test]
fn hits_are_capped_and_that_is_said() {
    let exactly = Memory::new(vec![b'a'; MAX_HITS]);
    let found = search(&exactly, &[b"a"]);
    assert_eq!((found.hits.len(), found.truncated), (MAX_HITS, false));
    let more = Memory::new(vec![b'a'; 3 << 20]);
    for workers in 1..5 {
        let options = Options {
            digest: true,
            workers: NonZero::new(workers),
            ..Options::default()
        };
        let found = scan(&more, &patterns(&[b"a"]), &options).unwrap();
        assert!(found.truncated);
        assert!(
            found
                .hits
                .iter()
                .map(|hit| hit.offset)
                .eq(0..MAX_HITS as u64)
        );
        assert_eq!(found.digest.unwrap(), defined_digest(&more.bytes));
    }
}

#[test]
fn many_patterns_are_searched_at_once() {
    let bytes = noise(20_000);
    let wanted: Vec<Vec<u8>> = (0..500)
        .map(|index| bytes[index * 39..index * 39 + 40].to_vec())
        .collect();
    let slices: Vec<&[u8]> = wanted.iter().map(Vec::as_slice).collect();
    let found = search(&Memory::new(bytes.clone()), &slices);
    assert_eq!(found.hits, plain(&bytes, &wanted));
}

#[test]
fn patterns_that_cannot_be_searched_are_refused() {
    let source = Memory::new(vec![0; 100]);
    for bytes in [vec![], vec![0; 5], vec![1; 65_537]] {
        let pattern = Pattern {
            id: "tracer 1".into(),
            bytes,
        };
        let error = scan(&source, &[pattern], &Options::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "pattern tracer 1 must have 1 to 65536 bytes, not all of them zero"
        );
    }
}

#[test]
fn the_digest_does_not_see_holes() {
    let mut bytes = vec![0; 3 * BLOCK_SIZE as usize + 1000];
    bytes[700_000..700_005].copy_from_slice(b"bytes");
    let end = bytes.len() - 1;
    bytes[end] = 9;
    let full = Memory::new(bytes.clone());
    let length = bytes.len() as u64;
    let sparse = Memory {
        bytes: bytes.clone(),
        written: vec![
            Extent {
                offset: 700_000,
                length: 5,
            },
            Extent {
                offset: length - 1,
                length: 1,
            },
        ],
    };
    let digest = |source: &Memory| scan(source, &[], &with_digest()).unwrap().digest.unwrap();
    assert_eq!(digest(&full), defined_digest(&bytes));
    assert_eq!(digest(&full), digest(&sparse));
    let mut longer = bytes.clone();
    longer.push(0);
    assert_ne!(digest(&Memory::new(longer)), digest(&full));
    assert_eq!(scan(&full, &[], &Options::default()).unwrap().digest, None);
    assert_eq!(digest(&Memory::new(Vec::new())), defined_digest(&[]));
}

/// A disk that fails where a real one would: in the middle.
struct Failing;

impl BlockSource for Failing {
    fn size(&self) -> u64 {
        64 << 20
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        Ok(vec![whole(self)])
    }

    fn read_at(&self, offset: u64, _: &mut [u8]) -> Result<(), ReadError> {
        match offset {
            0x0100_0000.. => Err(ReadError::Io {
                offset,
                source: std::io::ErrorKind::Other.into(),
            }),
            _ => Ok(()),
        }
    }
}

#[test]
fn a_disk_that_cannot_be_read_to_the_end_has_no_result() {
    let error = scan(&Failing, &patterns(&[b"x"]), &with_digest()).unwrap_err();
    assert!(matches!(error, ScanError::Read(ReadError::Io { .. })));
    assert_eq!(error.to_string(), "cannot read the whole disk");
}

#[test]
fn a_hit_is_attributed() {
    let disk = Disk::ext4(DEBIAN, "48M");
    let needle = &noise(70_000)[69_000..69_100];
    for file in ["var/log/victim", "var/log/large", "var/log/deep/er/victim"] {
        disk.debugfs(&format!("rm /{file}"));
    }
    let source = disk.open();
    let layout = partition::read(&source).unwrap();
    let maps = [free_map(&source, layout.partitions[0].extent).unwrap()];
    disk.write(maps[0].journal[0].offset + 512, needle);
    let found = search(&source, &[needle, b"root:*:1::::::"]);
    let offsets: Vec<u64> = found.hits.iter().map(|hit| hit.offset).collect();
    let regions = attribute(&source, &layout, &offsets).unwrap();
    let attributed: Vec<(usize, Region)> = found
        .hits
        .iter()
        .map(|hit| hit.pattern)
        .zip(regions)
        .collect();
    let shadow = Region::File("/etc/shadow".into());
    for expected in [(0, Region::FreeBlock), (0, Region::Journal), (1, shadow)] {
        assert!(attributed.contains(&expected), "{attributed:?}");
    }
    assert_eq!(Region::Journal.to_string(), "file-system journal");
}

#[test]
fn what_no_file_system_holds_is_told_apart() {
    let disk = Disk::ext4(DEBIAN, "32M");
    let mut bytes = gpt(
        (40 << 20) / 512,
        &[
            (2048, 2048 + 65535, "root"),
            (67584, 69631, "swap"),
            (69632, 71679, "other"),
        ],
    );
    bytes.resize(40 << 20, 0);
    bytes[1 << 20..33 << 20].copy_from_slice(&disk.bytes());
    let swap = 67584 * 512;
    bytes[swap + 4086..swap + 4096].copy_from_slice(b"SWAPSPACE2");
    let source = Memory::new(bytes);
    let layout = partition::read(&source).unwrap();
    let offsets = [
        69700 * 512,
        0,
        1 << 20,
        swap as u64 + 5000,
        source.size(),
        33 << 20,
    ];
    let expected = [
        Region::Unmapped,
        Region::OutsidePartitions,
        Region::Metadata,
        Region::Swap,
        Region::OutsidePartitions,
        Region::Swap,
    ];
    assert_eq!(attribute(&source, &layout, &offsets).unwrap(), expected);
    assert_eq!(attribute(&source, &layout, &[]).unwrap(), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random layouts of data and holes over few byte values, so that matches abound.
    #[test]
    fn equals_a_plain_search_in_any_layout(
        size in 1_usize..1_300_000,
        runs in prop::collection::vec((0.0..1.0_f64, 1_usize..200_000, any::<u64>()), 0..6),
        wanted in prop_oneof![
            prop::collection::vec(prop::collection::vec(0_u8..3, 7..20), 1..5),
            prop::collection::vec(prop::collection::vec(0_u8..2, 16..90), 1..5),
        ],
        planted in prop::collection::vec((0.0..1.0_f64, any::<prop::sample::Index>()), 0..20),
        workers in 1_usize..5,
    ) {
        let mut bytes = vec![0; size];
        let mut is_written = vec![false; size];
        for (place, length, seed) in runs {
            let start = (place * size as f64) as usize;
            let end = (start + length).min(size);
            bytes[start..end].iter_mut().zip(noise((end - start) + seed as usize % 8).iter()).for_each(|(byte, random)| *byte = random | 4);
            is_written[start..end].fill(true);
        }
        for (place, which) in planted {
            let needle = which.get(&wanted);
            let start = (place * size as f64) as usize;
            if let Some(run) = bytes.get_mut(start..start + needle.len()) {
                run.copy_from_slice(needle);
                is_written[start..start + needle.len()].fill(true);
            }
        }
        let written = extents(&is_written);
        let length: u64 = written.iter().map(|extent| extent.length).sum();
        let source = Memory { bytes, written };
        let wanted: Vec<Vec<u8>> = wanted.into_iter().filter(|needle| needle.iter().any(|byte| *byte != 0)).collect();
        let slices: Vec<&[u8]> = wanted.iter().map(Vec::as_slice).collect();
        let options = Options { digest: true, workers: NonZero::new(workers), ..Options::default() };
        let found = scan(&source, &patterns(&slices), &options).unwrap();
        prop_assert_eq!(&found.hits, &plain(&source.bytes, &wanted));
        prop_assert_eq!(found.digest.unwrap(), defined_digest(&source.bytes));
        prop_assert_eq!(found.written, length);
        let undigested = search(&source, &slices);
        prop_assert_eq!(&found.hits, &undigested.hits);
    }
}

fn extents(is_written: &[bool]) -> Vec<Extent> {
    let mut extents: Vec<Extent> = Vec::new();
    for (offset, _) in is_written
        .iter()
        .enumerate()
        .filter(|(_, written)| **written)
    {
        match extents.last_mut() {
            Some(last) if last.range().end == offset as u64 => last.length += 1,
            _ => extents.push(Extent {
                offset: offset as u64,
                length: 1,
            }),
        }
    }
    extents
}
