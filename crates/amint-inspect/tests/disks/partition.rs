//! Partition tables, whole and damaged.

use amint_inspect::partition::{Note, PartitionError, Purpose, Table, read, unused};
use amint_inspect::{BlockSource, Extent};
use proptest::prelude::*;

use crate::fixture::{DEBIAN, Disk, Memory, run, tool, whole};

const SECTOR: usize = 512;
const SECTORS: u64 = 8192;

/// A GPT as the UEFI specification describes it, of `sectors` sectors.
pub fn gpt(sectors: u64, partitions: &[(u64, u64, &str)]) -> Vec<u8> {
    let mut disk = vec![0; sectors as usize * SECTOR];
    disk[450] = 0xee;
    disk[454..458].copy_from_slice(&1_u32.to_le_bytes());
    disk[458..462].copy_from_slice(&u32::MAX.to_le_bytes());
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    let mut entries = vec![0; 128 * 128];
    for (entry, (first, last, name)) in entries.chunks_exact_mut(128).zip(partitions) {
        entry[..16].fill(0x11);
        entry[16..32].fill(0x22);
        entry[32..40].copy_from_slice(&first.to_le_bytes());
        entry[40..48].copy_from_slice(&last.to_le_bytes());
        for (unit, bytes) in name.encode_utf16().zip(entry[56..].chunks_exact_mut(2)) {
            bytes.copy_from_slice(&unit.to_le_bytes());
        }
    }
    let last = sectors - 1;
    for (header_at, alternate, entries_at) in [(1, last, 2), (last, 1, last - 32)] {
        let header = header(header_at, alternate, entries_at, sectors, &entries);
        disk[header_at as usize * SECTOR..][..92].copy_from_slice(&header);
        disk[entries_at as usize * SECTOR..][..entries.len()].copy_from_slice(&entries);
    }
    disk
}

fn header(own: u64, alternate: u64, entries_at: u64, sectors: u64, entries: &[u8]) -> [u8; 92] {
    let mut header = [0; 92];
    header[..8].copy_from_slice(b"EFI PART");
    header[8..12].copy_from_slice(&0x1_0000_u32.to_le_bytes());
    header[12..16].copy_from_slice(&92_u32.to_le_bytes());
    for (offset, value) in [
        (24, own),
        (32, alternate),
        (40, 34),
        (48, sectors - 34),
        (72, entries_at),
    ] {
        header[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
    }
    header[80..84].copy_from_slice(&128_u32.to_le_bytes());
    header[84..88].copy_from_slice(&128_u32.to_le_bytes());
    header[88..92].copy_from_slice(&crc32fast::hash(entries).to_le_bytes());
    let sum = crc32fast::hash(&header);
    header[16..20].copy_from_slice(&sum.to_le_bytes());
    header
}

fn sectors(first: u64, last: u64) -> Extent {
    Extent {
        offset: first * 512,
        length: (last + 1 - first) * 512,
    }
}

const TWO: &[(u64, u64, &str)] = &[(4096, 6143, "root"), (2048, 4095, "efi")];

#[test]
fn a_gpt_lists_its_partitions_by_offset() {
    let layout = read(&Memory::new(gpt(SECTORS, TWO))).unwrap();
    assert_eq!(layout.table, Table::Gpt);
    assert!(layout.notes.is_empty());
    let found: Vec<_> = layout
        .partitions
        .iter()
        .map(|part| (part.number, part.extent, part.name.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (2, sectors(2048, 4095), "efi"),
            (1, sectors(4096, 6143), "root")
        ]
    );
    assert_eq!(
        unused(&layout),
        [sectors(34, 2047), sectors(6144, SECTORS - 34)]
    );
}

#[test]
fn the_backup_stands_in_for_a_damaged_primary_and_that_is_noted() {
    for damage in [512, 512 + 16, 1024 + 32] {
        let mut disk = gpt(SECTORS, TWO);
        disk[damage] ^= 1;
        let layout = read(&Memory::new(disk)).unwrap();
        assert_eq!(layout.partitions.len(), 2);
        assert!(
            matches!(layout.notes[..], [Note::PrimaryDamaged(_)]),
            "{:?}",
            layout.notes
        );
        assert_eq!(
            unused(&layout),
            [sectors(34, 2047), sectors(6144, SECTORS - 34)]
        );
    }
}

#[test]
fn a_damaged_backup_is_noted_and_its_place_kept() {
    let mut disk = gpt(SECTORS, TWO);
    let length = disk.len();
    disk[length - 500] ^= 1;
    let layout = read(&Memory::new(disk)).unwrap();
    assert!(
        matches!(layout.notes[..], [Note::BackupDamaged(_)]),
        "{:?}",
        layout.notes
    );
    assert_eq!(
        unused(&layout),
        [sectors(34, 2047), sectors(6144, SECTORS - 34)]
    );
}

#[test]
fn two_damaged_copies_are_an_error_that_names_both() {
    let mut disk = gpt(SECTORS, TWO);
    let length = disk.len();
    disk[length - 500] ^= 1;
    disk[1024] ^= 1;
    let error = read(&Memory::new(disk)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "both copies of the GPT are damaged: primary: checksum of the entries is wrong; backup: header checksum is wrong"
    );
}

#[test]
fn impossible_partitions_are_errors() {
    let error =
        |partitions: &[(u64, u64, &str)]| read(&Memory::new(gpt(SECTORS, partitions))).unwrap_err();
    assert_eq!(
        error(&[(2048, 9000, "")]).to_string(),
        "partition 1 ends at byte 4608512, past the end of the disk (4194304 bytes): the disk is truncated"
    );
    assert!(matches!(
        error(&[(2048, u64::MAX, "")]),
        PartitionError::PastEnd { number: 1, .. }
    ));
    assert!(matches!(
        error(&[(u64::MAX - 5, u64::MAX, "")]),
        PartitionError::PastEnd { .. }
    ));
    assert!(matches!(
        error(&[(4000, 3000, "")]),
        PartitionError::Backwards { number: 1 }
    ));
    assert!(matches!(
        error(&[(2048, 3000, ""), (3000, 4000, "")]),
        PartitionError::Overlap {
            first: 1,
            second: 2
        }
    ));
    assert!(matches!(
        error(&[(33, 3000, "")]),
        PartitionError::OverlapsTable { number: 1 }
    ));
}

#[test]
fn a_truncated_disk_has_a_partition_past_its_end() {
    let mut disk = gpt(SECTORS, TWO);
    disk.truncate(3_000_000);
    assert!(matches!(
        read(&Memory::new(disk)),
        Err(PartitionError::PastEnd { number: 1, .. })
    ));
}

#[test]
fn a_table_of_absurd_shape_is_damage() {
    let mut disk = gpt(SECTORS, TWO);
    disk.truncate(disk.len() - 512);
    disk[512 + 80..512 + 84].copy_from_slice(&u32::MAX.to_le_bytes());
    disk[512 + 16..512 + 20].fill(0);
    let sum = crc32fast::hash(&disk[512..512 + 92]);
    disk[512 + 16..512 + 20].copy_from_slice(&sum.to_le_bytes());
    let error = read(&Memory::new(disk)).unwrap_err().to_string();
    assert!(
        error.contains("4294967295 entries of 128 bytes are out of range"),
        "{error}"
    );
}

/// Writes an entry of the table in sector `at`: its place from 0, type, first sector and number of sectors.
fn entry(disk: &mut [u8], at: usize, place: usize, kind: u8, first: u32, count: u32) {
    let table = &mut disk[at * SECTOR..][..SECTOR];
    table[510..].copy_from_slice(&[0x55, 0xaa]);
    let entry = &mut table[446 + 16 * place..][..16];
    entry[4] = kind;
    entry[8..12].copy_from_slice(&first.to_le_bytes());
    entry[12..].copy_from_slice(&count.to_le_bytes());
}

/// An MBR with an extended partition of 4096 sectors from 2048 on, number 2.
fn extended() -> Vec<u8> {
    let mut disk = vec![0; 4 << 20];
    entry(&mut disk, 0, 0, 0x83, 1024, 1024);
    entry(&mut disk, 0, 1, 0x05, 2048, 4096);
    disk
}

fn found(disk: Vec<u8>) -> Vec<(u32, Extent)> {
    let layout = read(&Memory::new(disk)).unwrap();
    layout
        .partitions
        .iter()
        .map(|one| (one.number, one.extent))
        .collect()
}

#[test]
fn an_mbr_lists_primary_partitions() {
    let mut disk = vec![0; 4 << 20];
    entry(&mut disk, 0, 0, 0x83, 2048, 2048);
    entry(&mut disk, 0, 2, 0xef, 4096, 1024);
    disk[440..444].copy_from_slice(&[0x78, 0x56, 0x34, 0x12]);
    let layout = read(&Memory::new(disk.clone())).unwrap();
    assert_eq!(layout.table, Table::Mbr);
    assert_eq!(layout.partitions[0].extent, sectors(2048, 4095));
    assert_eq!(layout.partitions[1].id, "12345678-03");
    assert_eq!(layout.partitions[1].purpose, Purpose::EfiSystem);
    assert!(layout.notes.is_empty());
    // The gap before the first partition may hold a boot loader.
    assert_eq!(unused(&layout), [sectors(5120, 8191)]);
    disk.truncate(3 << 19);
    assert!(matches!(
        read(&Memory::new(disk)),
        Err(PartitionError::PastEnd { number: 1, .. })
    ));
}

#[test]
fn logical_partitions_are_listed_one_by_one() {
    let mut disk = extended();
    // An extended partition without any is one that was just made.
    assert_eq!(found(disk.clone()), [(1, sectors(1024, 2047))]);
    entry(&mut disk, 2048, 0, 0x83, 100, 400);
    entry(&mut disk, 2048, 1, 0x05, 1000, 1500);
    entry(&mut disk, 3048, 0, 0x83, 10, 90);
    let layout = read(&Memory::new(disk.clone())).unwrap();
    assert_eq!(
        found(disk),
        [
            (1, sectors(1024, 2047)),
            (5, sectors(2148, 2547)),
            (6, sectors(3058, 3147))
        ]
    );
    // A scrub must leave the chain as it is.
    let (first, second) = (sectors(2048, 2048), sectors(3048, 3048));
    for gap in unused(&layout) {
        for link in [first, second] {
            assert!(
                gap.range().end <= link.offset || link.range().end <= gap.offset,
                "{gap:?}"
            );
        }
    }
    assert!(unused(&layout).contains(&sectors(2049, 2147)));
}

#[test]
fn a_chain_of_logical_partitions_that_lies_is_refused() {
    let mut looped = extended();
    entry(&mut looped, 2048, 1, 0x05, 1000, 10);
    entry(&mut looped, 3048, 1, 0x05, 0, 10);
    let error = read(&Memory::new(looped)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the chain of logical partitions does not end"
    );

    for (kind, first) in [
        (0x83, 4000),
        (0x05, 4096),
        (0x05, u32::MAX),
        (0x83, u32::MAX),
    ] {
        let mut outside = extended();
        entry(&mut outside, 2048, 0, kind, first, 200);
        assert!(
            matches!(
                read(&Memory::new(outside)),
                Err(PartitionError::OutsideExtended { number: 5 })
            ),
            "{kind} {first}"
        );
    }
    let mut over = extended();
    entry(&mut over, 0, 3, 0x83, 3000, 100);
    assert!(matches!(
        read(&Memory::new(over)),
        Err(PartitionError::Overlap {
            first: 2,
            second: 4
        })
    ));
    // A logical partition on the link that it hangs on.
    let mut on_link = extended();
    entry(&mut on_link, 2048, 0, 0x83, 0, 200);
    assert!(matches!(
        read(&Memory::new(on_link)),
        Err(PartitionError::OverlapsTable { number: 5 })
    ));
    let mut broken = extended();
    broken[2048 * SECTOR + 7] = 1;
    assert!(matches!(
        read(&Memory::new(broken)),
        Err(PartitionError::BrokenChain)
    ));
}

#[test]
fn sfdisk_s_partitions_are_those_that_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disk");
    let scripts = [
        "label: dos\nsize=1M\nsize=8M,type=5\nsize=1M,type=82\nstart=,size=1M,type=ef\nsize=1M\nsize=2M\nsize=3000\n",
        "label: gpt\nsize=1M,name=one,type=21686148-6449-6E6F-744E-656564454649\nsize=2M,name=\"the two\",type=U\n",
    ];
    for script in scripts {
        std::fs::write(&path, []).unwrap();
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(20 << 20)
            .unwrap();
        let input = folder.path().join("script");
        std::fs::write(&input, script).unwrap();
        let mut sfdisk = tool("sfdisk");
        run(sfdisk
            .arg("-q")
            .arg(&path)
            .stdin(std::fs::File::open(&input).unwrap()));
        let dump = run(tool("sfdisk").arg("-d").arg(&path));
        let dump = String::from_utf8(dump.stdout).unwrap();
        let field = |line: &str, name: &str| -> String {
            let rest = line.split_once(name).unwrap().1;
            rest.split(',').next().unwrap().trim().to_owned()
        };
        let mut expected: Vec<(u64, u64, u32)> = dump
            .lines()
            .filter_map(|line| Some((line.split_once(" : ")?.0, line)))
            .filter(|(_, line)| field(line, "type=") != "5")
            .map(|(device, line)| {
                let number = device
                    .trim_start_matches(path.to_str().unwrap())
                    .parse()
                    .unwrap();
                (
                    field(line, "start=").parse().unwrap(),
                    field(line, "size=").parse().unwrap(),
                    number,
                )
            })
            .collect();
        expected.sort_unstable();
        let file = amint_inspect::open(&path).unwrap();
        let layout = read(file.as_ref()).unwrap();
        let read: Vec<(u64, u64, u32)> = layout
            .partitions
            .iter()
            .map(|one| (one.extent.offset / 512, one.extent.length / 512, one.number))
            .collect();
        assert_eq!(read, expected, "{dump}");
        assert!(layout.notes.is_empty());
        if layout.table == Table::Gpt {
            assert_eq!(layout.partitions[1].name, "the two");
            let purposes: Vec<_> = layout.partitions.iter().map(|one| one.purpose).collect();
            assert_eq!(purposes, [Purpose::BiosBoot, Purpose::EfiSystem]);
            let id = dump
                .lines()
                .find_map(|line| Some(line.split_once("uuid=")?.1))
                .unwrap();
            assert_eq!(
                layout.partitions[0].id,
                id.split(',').next().unwrap().to_lowercase()
            );
        } else {
            assert!(read.len() >= 5, "{dump}");
        }
    }
}

#[test]
fn of_two_tables_that_disagree_neither_is_believed() {
    let mut disk = gpt(SECTORS, TWO);
    entry(&mut disk, 0, 1, 0x83, 2048, 2048);
    let layout = read(&Memory::new(disk.clone())).unwrap();
    assert_eq!(
        (layout.table, layout.notes),
        (Table::Gpt, vec![Note::HybridMbr])
    );
    let refused = |disk: Vec<u8>| {
        matches!(
            read(&Memory::new(disk)),
            Err(PartitionError::TwoTables | PartitionError::PastEnd { .. })
        )
    };
    // Linux would go by this MBR.
    let mut alone = disk.clone();
    alone[450] = 0;
    assert!(refused(alone));
    for (kind, first, count) in [
        (0x83, 2048, 100),
        (0x83, 6200, 100),
        (0x05, 2048, 2048),
        (0x83, 9000, 9),
    ] {
        entry(&mut disk, 0, 1, kind, first, count);
        assert!(refused(disk.clone()), "{kind} {first} {count}");
    }
}

#[test]
fn a_disk_without_a_table_is_its_file_system_or_nothing() {
    let ext4 = Disk::ext4(DEBIAN, "16M");
    let layout = read(&ext4.open()).unwrap();
    assert_eq!(
        (layout.table, layout.partitions[0].number),
        (Table::None, 0)
    );
    assert_eq!(layout.partitions[0].extent, whole(&ext4.open()));
    assert!(unused(&layout).is_empty());
    // A protective MBR whose GPT is gone says nothing about what is on the disk.
    let mut bytes = ext4.bytes();
    bytes[450] = 0xee;
    bytes[458] = 1;
    bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
    assert_eq!(read(&Memory::new(bytes)).unwrap().partitions[0].number, 0);

    for size in [0, 1, 511, 512, 1024, 1 << 20] {
        let source = Memory::new(vec![0; size]);
        let layout = read(&source).unwrap();
        assert!(
            layout.partitions.is_empty() && unused(&layout).is_empty(),
            "{}",
            source.size()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_chains(
        links in prop::collection::vec(
            (0_usize..6, 0_usize..4, prop::sample::select(vec![0x05_u8, 0x0f, 0x83, 0xee]), 0_u32..9000, 0_u32..9000),
            0..20,
        ),
        flips in prop::collection::vec((0_usize..4 << 20, 0_u8..8), 0..10),
        length in 0_usize..4 << 20,
        cut in any::<bool>(),
    ) {
        let mut disk = extended();
        for (sector, place, kind, first, count) in links {
            entry(&mut disk, [0, 2048, 2100, 3000, 4096, 6000][sector], place, kind, first, count);
        }
        for (at, bit) in flips {
            // Where tables are, every other time.
            let at = if bit % 2 == 0 { 2048 * SECTOR + 446 + at % 66 } else { at };
            disk[at] ^= 1 << bit;
        }
        if cut {
            disk.truncate(length);
        }
        let source = Memory::new(disk);
        if let Ok(layout) = read(&source) {
            for pair in layout.partitions.windows(2) {
                prop_assert!(pair[0].extent.range().end <= pair[1].extent.offset);
            }
            prop_assert!(layout.partitions.iter().all(|one| one.extent.range().end <= source.size()));
            for gap in unused(&layout) {
                prop_assert!(gap.range().end <= source.size());
            }
        }
    }
}
