//! Disks that are damaged, dirty, or hold what was deleted.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::support::{Image, expectations, found, inspect_disk, tool};
use amint_harden::inspection::{Expectations, InspectionError, inspect};
use amint_harden::tracer::Tracers;
use amint_harden::{Location, Verdict};
use amint_inspect::{BlockSource, Extent, ReadError};

fn overwrite(disk: &Path, offset: u64, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(disk).expect("a disk");
    file.write_all_at(bytes, offset).expect("a write");
}

fn debugfs(disk: &Path, request: &str) {
    tool(
        "debugfs",
        &["-w", "-R", request, disk.to_str().expect("UTF-8")],
    );
}

/// A disk whose MBR names one partition.
fn partitioned(content: &[u8], sectors: u32) -> Vec<u8> {
    const FIRST: u32 = 2048;
    let mut disk = vec![0; FIRST as usize * 512];
    disk[446 + 4] = 0x83;
    disk[446 + 8..446 + 12].copy_from_slice(&FIRST.to_le_bytes());
    disk[446 + 12..446 + 16].copy_from_slice(&sectors.to_le_bytes());
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    disk.extend_from_slice(content);
    disk
}

#[test]
fn a_disk_without_anything_known_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    let noise: Vec<u8> = (0_u32..1 << 20)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for content in [&[][..], &[0; 4096], &noise] {
        fs::write(&disk, content).unwrap();
        let inspection = inspect_disk(&disk, &expectations());
        assert_eq!(found(&inspection), ["AMINT-DISK-001 the disk"]);
        assert_eq!(inspection.verdict, Verdict::Violations);
    }
}

#[test]
fn a_partition_is_inspected_and_one_past_the_end_is_a_finding() {
    let image = Image::clean();
    let file_system = fs::read(image.disk()).unwrap();
    let sectors = u32::try_from(file_system.len() / 512).unwrap();
    let disk = image.path("/partitioned");
    fs::write(&disk, partitioned(&file_system, sectors)).unwrap();
    let inspection = inspect_disk(&disk, &expectations());
    assert!(inspection.findings.is_empty(), "{:#?}", inspection.findings);
    let partition = &inspection.scope.partitions[0];
    assert_eq!(
        (partition.offset, partition.file_system.as_deref()),
        (1 << 20, Some("ext4"))
    );

    fs::write(&disk, partitioned(&file_system, sectors + 1)).unwrap();
    let inspection = inspect_disk(&disk, &expectations());
    assert_eq!(found(&inspection), ["AMINT-DISK-001 the disk"]);
    assert!(
        inspection.findings[0].message.contains("past the end"),
        "{:#?}",
        inspection.findings
    );
}

#[test]
fn a_truncated_file_system_is_a_finding() {
    let image = Image::clean();
    let path = image.disk();
    OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(4 << 20)
        .unwrap();
    let inspection = inspect_disk(&path, &expectations());
    assert_eq!(found(&inspection), ["AMINT-DISK-002 offset 0"]);
}

#[test]
fn a_damaged_superblock_is_a_finding() {
    let image = Image::clean();
    let disk = image.disk();
    // The number of inodes: the checksum is wrong now.
    overwrite(&disk, 1024, &[0xff; 4]);
    assert_eq!(
        found(&inspect_disk(&disk, &expectations())),
        ["AMINT-DISK-002 offset 0"]
    );
}

#[test]
fn a_file_system_that_was_not_closed_is_a_finding() {
    for request in ["feature needs_recovery", "set_super_value state 0"] {
        let image = Image::clean();
        let disk = image.disk();
        debugfs(&disk, request);
        let inspection = inspect_disk(&disk, &expectations());
        assert_eq!(found(&inspection), ["AMINT-DISK-002 offset 0"], "{request}");
    }
}

#[test]
fn a_damaged_folder_is_a_finding_and_the_other_checks_go_on() {
    let image = Image::clean();
    image.write("/root/.lesshst", "x");
    let disk = image.disk();
    debugfs(&disk, "set_inode_field /var/log mode 0");
    let inspection = inspect_disk(&disk, &expectations());
    let rules: Vec<&str> = inspection
        .findings
        .iter()
        .map(|finding| finding.rule)
        .collect();
    assert!(
        rules.contains(&"MP-CLEAN-002"),
        "{:#?}",
        inspection.findings
    );
}

#[test]
fn a_file_system_that_nothing_starts_from_is_a_finding() {
    let image = Image::clean();
    image.remove("/etc/passwd");
    let inspection = image.inspect();
    assert_eq!(found(&inspection), ["AMINT-DISK-001 the disk"]);
    assert!(inspection.findings[0].message.contains("/etc/passwd"));
}

#[test]
fn what_was_deleted_is_found_with_the_region_that_holds_it() {
    let tracers = Tracers::derive(&[3; 32]);
    let patterns = tracers.patterns();
    let image = Image::clean();
    let text = |index: usize| String::from_utf8(patterns[index].clone()).unwrap();
    image.write("/root/deleted", &format!("{}\n", text(0)));
    image.write("/srv/svc/kept", &format!("{}\n", text(1)));
    let disk = image.disk();
    debugfs(&disk, "rm /root/deleted");
    for tracers in [patterns, Vec::new()] {
        let whole = !tracers.is_empty();
        let inspection = inspect_disk(
            &disk,
            &Expectations {
                tracers,
                ..expectations()
            },
        );
        let mut messages: Vec<&str> = inspection
            .findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        messages.sort_unstable();
        let (first, second) = match whole {
            true => ("a line of a log", "a line of root's shell history"),
            false => ("a tracer of some build", "a tracer of some build"),
        };
        let mut expected = [
            format!("still on the disk: {first} (a file)"),
            format!("still on the disk: {second} (free block)"),
        ];
        expected.sort();
        assert_eq!(messages, expected);
        for finding in &inspection.findings {
            assert_eq!(finding.rule, "MP-CLEAN-004");
            match &finding.location {
                Location::Path(path) => assert_eq!(path, "/srv/svc/kept"),
                Location::Offset(offset) => assert!(*offset > 0),
                Location::Disk => panic!("{finding:?}"),
            }
        }
    }
}

#[test]
fn many_tracers_in_one_file_are_one_finding() {
    let image = Image::clean();
    let token = String::from_utf8(Tracers::derive(&[3; 32]).patterns().remove(0)).unwrap();
    image.write("/opt/app/lib/app", &format!("{token}\n").repeat(25));
    let inspection = image.inspect();
    let [finding] = inspection.findings.as_slice() else {
        panic!("{:?}", inspection.findings);
    };
    assert_eq!(finding.location, Location::Path("/opt/app/lib/app".into()));
    assert!(finding.message.contains("and 24 times more"));
}

#[test]
fn the_digest_is_computed_when_asked_for() {
    let image = Image::clean();
    let disk = image.disk();
    let asked = Expectations {
        digest: true,
        ..expectations()
    };
    assert_eq!(
        inspect_disk(&disk, &asked)
            .digest
            .map(|digest| digest.len()),
        Some(64)
    );
    assert_eq!(inspect_disk(&disk, &expectations()).digest, None);
}

#[test]
fn the_marker_is_only_asked_for_when_the_build_is_known() {
    let image = Image::clean();
    image.remove("/var/lib/amint/sealed");
    let alone = Expectations {
        build_id: None,
        ..expectations()
    };
    assert!(inspect_disk(&image.disk(), &alone).findings.is_empty());
}

#[test]
fn findings_are_written_as_programs_read_them() {
    let image = Image::clean();
    image.write("/root/.viminfo", "x");
    let json = serde_json::to_value(image.inspect()).unwrap();
    assert_eq!(json["verdict"], "violations");
    let expected = serde_json::json!([{
        "rule": "MP-CLEAN-002",
        "severity": "error",
        "path": "/root/.viminfo",
        "message": "a history",
        "step": "clear-shell-history",
    }]);
    assert_eq!(json["findings"], expected);
}

/// A disk whose reads fail from some offset on.
struct Failing(u64);

impl BlockSource for Failing {
    fn size(&self) -> u64 {
        1 << 20
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        Ok(vec![Extent {
            offset: 0,
            length: self.size(),
        }])
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        if offset + buffer.len() as u64 > self.0 {
            let source = io::Error::from(io::ErrorKind::ConnectionReset);
            return Err(ReadError::Io { offset, source });
        }
        buffer.fill(0);
        Ok(())
    }
}

#[test]
fn a_source_that_fails_gives_no_verdict() {
    for readable in [0, 1 << 19] {
        let result = inspect(&Failing(readable), &expectations());
        assert!(
            matches!(result, Err(InspectionError::Read(ReadError::Io { .. }))),
            "{readable}"
        );
    }
}

#[test]
fn a_tracer_that_cannot_be_searched_for_is_an_error() {
    let odd = Expectations {
        tracers: vec![Vec::new()],
        ..expectations()
    };
    let result = inspect(&Failing(1 << 20), &odd);
    assert!(matches!(result, Err(InspectionError::Search(_))));
}
