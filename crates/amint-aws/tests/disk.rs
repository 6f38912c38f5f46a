//! Disks of images over the EBS direct API: read, and scrubbed.

#[path = "support/account.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod account;
#[path = "support/world.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod world;

use std::sync::Arc;

use account::{Account, BLOCK, owner, quiet};
use amint_cloud::{Cloud, ImageDisk, ImageId, ScrubRequest, SnapshotId};
use amint_inspect::scrub::{Cleaning, Patch};
use amint_inspect::{BlockSource, Extent, ReadError};
use serde_json::json;

const LAST: u64 = (8 << 30) / BLOCK - 1;

fn extent(offset: u64, length: u64) -> Extent {
    Extent { offset, length }
}

async fn disk(account: &Account, image: &ImageId) -> ImageDisk {
    let mut disks = account.cloud.disks(image).await.expect("disks");
    assert_eq!(disks.len(), 1);
    disks.pop().expect("one")
}

/// On a thread that may block, as the engine does.
async fn read(
    source: &Arc<dyn BlockSource>,
    offset: u64,
    length: usize,
) -> Result<Vec<u8>, ReadError> {
    let source = Arc::clone(source);
    let reader = tokio::task::spawn_blocking(move || {
        let mut buffer = vec![b'?'; length];
        source.read_at(offset, &mut buffer).map(|()| buffer)
    });
    reader.await.expect("no panic")
}

/// What an error says, and everything below it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

fn count(account: &Account, action: &str) -> usize {
    let calls = account.world.calls();
    calls.iter().filter(|call| *call == action).count()
}

// The runtime's only thread must not wait for itself.
#[tokio::test]
async fn a_disk_is_read_as_it_was_written() {
    let account = Account::new();
    let blocks: [(u64, &[u8]); 4] = [(0, b"first"), (1, b"second"), (40, b"far"), (LAST, b"last")];
    let image = account.captured("read", &blocks).await;
    let disk = disk(&account, &image).await;
    assert_eq!((disk.name.as_str(), disk.root), ("/dev/xvda", true));
    let source = disk.source;
    assert_eq!(source.size(), 8 << 30);
    let written = source.written().expect("a listing");
    let expected = [
        extent(0, 2 * BLOCK),
        extent(40 * BLOCK, BLOCK),
        extent(LAST * BLOCK, BLOCK),
    ];
    assert_eq!(written, expected);

    // Holes cost no call.
    account.world.set("calls", &json!({}));
    assert_eq!(
        read(&source, 5 * BLOCK, 1000).await.expect("zeros"),
        vec![0; 1000]
    );
    assert_eq!(count(&account, "GetSnapshotBlock"), 0);
    let over = read(&source, BLOCK - 3, 9).await.expect("two blocks");
    assert_eq!(over, b"...second");
    let edge = read(&source, 2 * BLOCK - 2, 4)
        .await
        .expect("a block and a hole");
    assert_eq!(edge, b"..\0\0");
    let end = read(&source, LAST * BLOCK, 4)
        .await
        .expect("the last block");
    assert_eq!(end, b"last");
    // Those three, each once, and the one at 40 ahead of time.
    assert_eq!(count(&account, "GetSnapshotBlock"), 4);
    let past = read(&source, (8 << 30) - 1, 2)
        .await
        .expect_err("nothing is there");
    assert!(matches!(past, ReadError::PastEnd { .. }));

    let missing = ImageId("ami-0123456789abcdef0".to_owned());
    let error = account
        .cloud
        .disks(&missing)
        .await
        .err()
        .expect("no such image");
    assert_eq!(error.kind, amint_cloud::ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_blocks_are_asked_for_again_and_then_refused() {
    let account = Account::new();
    let image = account.captured("damaged", &[(3, b"text")]).await;
    let source = disk(&account, &image).await.source;
    account
        .world
        .set("ebs-flip", &json!({"block": 3, "times": 2}));
    assert_eq!(
        read(&source, 3 * BLOCK, 4).await.expect("the third try"),
        b"text"
    );

    let source = disk(&account, &image).await.source;
    account
        .world
        .set("ebs-flip", &json!({"block": 3, "times": "always"}));
    let error = read(&source, 3 * BLOCK, 4).await.expect_err("never sound");
    let text = chain(&error);
    assert!(text.contains("block 3 of snap-"), "{text}");
    assert!(text.contains("does not match its checksum"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_outlive_faults_of_the_wire() {
    let account = Account::new();
    let blocks: Vec<(u64, &[u8])> = (0..20).map(|index| (index, &b"text"[..])).collect();
    let image = account.captured("faults", &blocks).await;
    let get = |kind: &str, occurrence: u64| json!({"action": "GetSnapshotBlock", "kind": kind, "occurrence": occurrence, "times": 1});
    account.world.set(
        "faults",
        &json!([
            {"action": "ListSnapshotBlocks", "kind": "throttle", "occurrence": 1, "times": 1},
            get("throttle", 1), get("error500", 2), get("drop-before", 4), get("drop-after", 6),
            {"action": "GetSnapshotBlock", "kind": "error", "occurrence": 8, "times": 1,
             "code": "RequestThrottledException", "message": "slower", "status": 400},
        ]),
    );
    let source = disk(&account, &image).await.source;
    let bytes = read(&source, 0, 20 * BLOCK as usize)
        .await
        .expect("all of it");
    for index in 0..20 {
        assert_eq!(&bytes[index * BLOCK as usize..][..5], b"text.");
    }
    // A call that asking again does not change ends at once.
    account
        .world
        .set("deny", &json!({"actions": ["ebs:GetSnapshotBlock"]}));
    let source = disk(&account, &image).await.source;
    let error = read(&source, 0, 4).await.expect_err("denied");
    assert!(
        chain(&error).contains("ebs:GetSnapshotBlock"),
        "{}",
        chain(&error)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_made_in_which_free_space_is_zeros() {
    let account = Account::new();
    let blocks: [(u64, &[u8]); 4] = [(0, b"keep"), (1, b"secret"), (7, b"secret"), (9, b"keep")];
    let image = account.legacy("scrub", &blocks).await;
    let request = ScrubRequest {
        owner: owner("build-1"),
        image: image.clone(),
        disk: "/dev/xvda".to_owned(),
        // A part of block 1, all of 7, and what was never written.
        cleaning: Cleaning {
            free: vec![
                extent(BLOCK, 6),
                extent(7 * BLOCK, 2 * BLOCK),
                extent(100 * BLOCK, 5),
            ],
            // Of block 9, what follows its text.
            patches: vec![Patch {
                offset: 9 * BLOCK + 4,
                bytes: b"!".to_vec(),
            }],
        },
    };
    account.world.set(
        "faults",
        &json!([
            {"action": "StartSnapshot", "kind": "drop-after", "occurrence": 1, "times": 1},
            {"action": "PutSnapshotBlock", "kind": "throttle", "occurrence": 1, "times": 1},
            {"action": "PutSnapshotBlock", "kind": "drop-after", "occurrence": 3, "times": 1},
            {"action": "CompleteSnapshot", "kind": "drop-after", "occurrence": 1, "times": 1},
        ]),
    );
    let lost = account
        .cloud
        .scrub(&request, &quiet)
        .await
        .expect_err("the answer was lost");
    assert_eq!(lost.kind, amint_cloud::ErrorKind::AnswerLost);
    let child = account.cloud.scrub(&request, &quiet).await.expect("a copy");
    account.completed(&child.0).await;
    assert_eq!(
        account
            .cloud
            .scrub(&request, &quiet)
            .await
            .expect("the same"),
        child
    );

    let own = account
        .ec2
        .describe_snapshots()
        .owner_ids("self")
        .send()
        .await
        .expect("a list");
    assert_eq!(own.snapshots().len(), 2, "{own:?}");
    let registered = account
        .cloud
        .register(&amint_cloud::RegisterRequest {
            owner: owner("build-1"),
            image,
            replaced: vec![("/dev/xvda".to_owned(), SnapshotId(child.0.clone()))],
            spec: account::spec("scrubbed"),
        })
        .await
        .expect("an image");
    account.available(&account.ec2, &registered.0).await;
    let source = disk(&account, &registered).await.source;
    let text = read(&source, BLOCK, 8).await.expect("bytes");
    assert_eq!(text, b"\0\0\0\0\0\0..");
    assert_eq!(read(&source, 7 * BLOCK, 8).await.expect("zeros"), [0; 8]);
    for (index, text) in [(0, b"keep."), (9, b"keep!")] {
        assert_eq!(read(&source, index * BLOCK, 5).await.expect("bytes"), text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_reads_every_block_once_in_bounded_memory() {
    let account = Account::new();
    let blocks: Vec<(u64, &[u8])> = (0..400).map(|index| (index, &b"needle"[..])).collect();
    let image = account.captured("search", &blocks).await;
    let source = disk(&account, &image).await.source;
    account.world.set("calls", &json!({}));
    let start = std::time::Instant::now();
    let found = tokio::task::spawn_blocking(move || {
        use amint_inspect::search::{Options, Pattern, scan};
        let patterns = [Pattern {
            id: "n".to_owned(),
            bytes: b"needle".to_vec(),
        }];
        let options = Options {
            digest: true,
            ..Options::default()
        };
        scan(source.as_ref(), &patterns, &options).expect("readable")
    });
    let found = found.await.expect("no panic");
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(found.hits.len(), 400);
    assert_eq!(count(&account, "GetSnapshotBlock"), 400);
    // Never faster than AWS allows a snapshot's readers.
    assert!(400.0 / seconds < 1000.0, "{seconds} s");
}
