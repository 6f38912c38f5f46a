//! A clean copy of a disk: a child snapshot in which free space reads as zeros, and what was removed is replaced.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use amint_cloud::{CloudError, ErrorKind, Progress, Result, ScrubRequest, SnapshotId};
use amint_inspect::scrub::{Cleaning, Patch};
use aws_sdk_ebs::primitives::ByteStream;
use aws_sdk_ebs::types::{ChecksumAlgorithm, Tag};
use aws_sdk_ec2::types::SnapshotState;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use crate::clients::Clients;
use crate::describe::{self, tagged};
use crate::disk::{self, Snapshot, checksum};
use crate::error::Explain;
use crate::retry::patiently;
use crate::tags;

/// Blocks that are written at once: each is in memory meanwhile.
const AT_ONCE: usize = 16;
/// How long AWS waits for the next block before it gives the snapshot up, in minutes.
const TIMEOUT: i32 = 60;
/// Blocks between two messages.
const TELL: usize = 256;

/// What is to become of a block.
#[derive(Debug, Default)]
struct Change {
    /// What is to be zeros, counted from its start.
    holes: Vec<Range<usize>>,
    /// What is to be replaced, by where: counted from its start.
    patches: Vec<(usize, Vec<u8>)>,
}

pub(crate) async fn scrub(
    clients: &Clients,
    request: &ScrubRequest,
    progress: Progress<'_>,
) -> Result<SnapshotId> {
    let (started, useless) = match earlier(clients, request).await? {
        Earlier::Complete(id) => return Ok(id),
        Earlier::Written(id, changed) => return complete(clients, id, changed, true).await,
        Earlier::Started(id) => (Some(id), 0),
        Earlier::None { useless } => (None, useless),
    };
    let image = describe::image(&clients.ec2, &request.image.0).await?;
    let (parent, gib) = disk::mapping(clients, &image, &request.disk).await?;
    let parent = Arc::new(Snapshot::open(clients, &parent, gib).await?);
    let changes = changes(&request.cleaning, parent.block_size(), parent.written());
    // All blocks are written again: which ones are there nobody knows, and the same ones change.
    let child = match started {
        Some(child) => child,
        None => start(clients, request, parent.id(), gib, useless).await?,
    };
    let changed = write(clients, &parent, &child, changes, progress).await?;
    // Whoever asks again knows by this that every block is there.
    let written = aws_sdk_ec2::types::Tag::builder()
        .key(tags::BLOCKS)
        .value(changed.to_string());
    let answer = clients.ec2.create_tags().resources(&child);
    let answer = answer.tags(written.build()).send().await;
    answer.explain("ec2:CreateTags")?;
    complete(clients, child, changed, false).await
}

/// What an earlier request for the same copy came to.
enum Earlier {
    Complete(SnapshotId),
    /// All blocks are written, so many changed; perhaps it is being completed.
    Written(String, i32),
    /// Not all blocks are written.
    Started(String),
    /// How many there are that AWS gave up, or that are of another image's disk.
    None {
        useless: usize,
    },
}

async fn earlier(clients: &Clients, request: &ScrubRequest) -> Result<Earlier> {
    let answer = clients
        .ec2
        .describe_snapshots()
        .owner_ids("self")
        .filters(tagged(tags::BUILD, &request.owner.build))
        .filters(tagged(tags::DISK, &request.disk))
        .send()
        .await;
    let (mut useless, mut started) = (0, None);
    for snapshot in answer.explain("ec2:DescribeSnapshots")?.snapshots() {
        let id = snapshot.snapshot_id().unwrap_or_default().to_owned();
        let written = tags::value(snapshot.tags(), tags::BLOCKS);
        if snapshot.description() != Some(&described(request)) {
            useless += 1;
            continue;
        }
        match (
            snapshot.state(),
            written.and_then(|count| count.parse().ok()),
        ) {
            (Some(SnapshotState::Completed), _) => return Ok(Earlier::Complete(SnapshotId(id))),
            (Some(SnapshotState::Error), _) => useless += 1,
            (_, Some(changed)) => return Ok(Earlier::Written(id, changed)),
            _ => started = Some(id),
        }
    }
    Ok(started.map_or(Earlier::None { useless }, Earlier::Started))
}

fn described(request: &ScrubRequest) -> String {
    format!(
        "{} of {}, free space scrubbed, by amint build {}",
        request.disk, request.image.0, request.owner.build
    )
}

/// `again`: perhaps it was asked for before.
async fn complete(
    clients: &Clients,
    child: String,
    changed: i32,
    again: bool,
) -> Result<SnapshotId> {
    let mut asked = u32::from(again);
    let completed = patiently(|| {
        asked += 1;
        let request = clients.ebs.complete_snapshot().snapshot_id(&child);
        let request = request.changed_blocks_count(changed);
        async {
            let answer = request.send().await.explain("ebs:CompleteSnapshot");
            answer.map_err(not_yet)
        }
    })
    .await;
    match completed {
        // AWS refuses what it does already: the answer to an earlier request was lost.
        Err(error) if asked > 1 && matches!(error.kind, ErrorKind::Conflict | ErrorKind::Other) => {
            Ok(SnapshotId(child))
        }
        Err(error) => Err(error),
        Ok(_) => Ok(SnapshotId(child)),
    }
}

/// Same build, disk and number of `useless` copies: same snapshot, for as long as it is not complete.
async fn start(
    clients: &Clients,
    request: &ScrubRequest,
    parent: &str,
    gib: u64,
    useless: usize,
) -> Result<String> {
    let mut tags = tags::of(&request.owner, tags::CAPTURED, &BTreeMap::new());
    tags.insert(tags::DISK.to_owned(), request.disk.clone());
    let tags: Vec<Tag> = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect();
    let answer = clients
        .ebs
        .start_snapshot()
        .volume_size(i64::try_from(gib).unwrap_or(i64::MAX))
        .parent_snapshot_id(parent)
        .client_token(token(&request.owner.build, &request.disk, useless))
        .description(described(request))
        .set_tags(Some(tags))
        .timeout(TIMEOUT)
        .send()
        .await
        .explain("ebs:StartSnapshot")
        .map_err(not_listed)?;
    let id = answer.snapshot_id;
    id.ok_or_else(|| CloudError::other("ebs:StartSnapshot: the snapshot has no id"))
}

/// Device names have characters that a token may not.
fn token(build: &str, disk: &str, useless: usize) -> String {
    let digest = Sha256::digest(format!("{build}\n{disk}\n{useless}"));
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("amint-{}", &hex[..40])
}

/// Writes the blocks that change; returns how many they are.
async fn write(
    clients: &Clients,
    parent: &Arc<Snapshot>,
    child: &str,
    changes: BTreeMap<u32, Change>,
    progress: Progress<'_>,
) -> Result<i32> {
    let total = changes.len();
    let limit = clients.blocks.limit(child);
    let (mut writes, mut done, mut changed) = (JoinSet::new(), 0, 0);
    let mut changes = changes.into_iter();
    loop {
        // Dropping the set ends what is still on its way.
        while writes.len() < AT_ONCE
            && let Some((index, change)) = changes.next()
        {
            let (clients, parent) = (clients.clone(), Arc::clone(parent));
            let (child, limit) = (child.to_owned(), Arc::clone(&limit));
            writes.spawn(async move {
                let Some(bytes) = scrubbed(&parent, index, &change).await? else {
                    return Ok(false);
                };
                let checksum = checksum(&bytes);
                patiently(|| async {
                    limit.turn().await;
                    put(&clients, &child, index, &bytes, &checksum).await
                })
                .await?;
                Ok(true)
            });
        }
        let Some(written) = writes.join_next().await else {
            return Ok(changed);
        };
        let written: Result<bool> = written.map_err(|error| {
            CloudError::other("writing a block came to a sudden end").caused_by(error)
        })?;
        changed += i32::from(written?);
        done += 1;
        if done % TELL == 0 || done == total {
            progress(&format!("{done} of {total} blocks scrubbed"));
        }
    }
}

/// The block as it is to be; nothing when it is so already.
async fn scrubbed(parent: &Snapshot, index: u32, change: &Change) -> Result<Option<Vec<u8>>> {
    let size = parent.block_size() as usize;
    if change.holes.first() == Some(&(0..size)) {
        return Ok(Some(vec![0; size]));
    }
    let mut bytes = parent.read(index).await.map_err(|error| {
        let text = "a block that is to be scrubbed can't be read";
        CloudError::other(text).caused_by(error)
    })?;
    let mut changes = false;
    for hole in &change.holes {
        let part = bytes.get_mut(hole.clone()).unwrap_or_default();
        changes |= part.iter().any(|byte| *byte != 0);
        part.fill(0);
    }
    for (start, patch) in &change.patches {
        let end = start.saturating_add(patch.len());
        if let Some(part) = bytes.get_mut(*start..end) {
            changes |= part != patch;
            part.copy_from_slice(patch);
        }
    }
    Ok(changes.then_some(bytes))
}

async fn put(
    clients: &Clients,
    child: &str,
    index: u32,
    bytes: &[u8],
    checksum: &str,
) -> Result<()> {
    let answer = clients
        .ebs
        .put_snapshot_block()
        .snapshot_id(child)
        .block_index(i32::try_from(index).unwrap_or(i32::MAX))
        .data_length(i32::try_from(bytes.len()).unwrap_or(i32::MAX))
        .checksum(checksum)
        .checksum_algorithm(ChecksumAlgorithm::ChecksumAlgorithmSha256)
        .block_data(ByteStream::from(bytes.to_vec()))
        .send()
        .await;
    answer.explain("ebs:PutSnapshotBlock").map_err(not_yet)?;
    Ok(())
}

/// An earlier process started it a moment ago, with other tags: whoever asks again finds it.
fn not_listed(error: CloudError) -> CloudError {
    match error.kind {
        ErrorKind::Conflict => CloudError {
            kind: ErrorKind::AnswerLost,
            ..error
        },
        _ => error,
    }
}

/// The snapshot was started a moment ago: it may not be known everywhere.
fn not_yet(error: CloudError) -> CloudError {
    match error.kind {
        ErrorKind::NotFound => CloudError {
            kind: ErrorKind::AnswerLost,
            ..error
        },
        _ => error,
    }
}

/// What changes in which written blocks. What was never written is zeros already, and holds nothing to replace.
fn changes(cleaning: &Cleaning, block: u64, written: &[u32]) -> BTreeMap<u32, Change> {
    let mut sorted = cleaning.free.clone();
    sorted.sort_unstable();
    let mut changes: BTreeMap<u32, Change> = BTreeMap::new();
    for extent in &sorted {
        for (index, hole) in parts(extent.range(), block, written) {
            let holes = &mut changes.entry(index).or_default().holes;
            match holes.last_mut() {
                Some(last) if hole.start <= last.end => last.end = last.end.max(hole.end),
                _ => holes.push(hole),
            }
        }
    }
    for Patch { offset, bytes } in &cleaning.patches {
        let range = *offset..offset.saturating_add(bytes.len() as u64);
        for (index, part) in parts(range, block, written) {
            let first = u64::from(index) * block + part.start as u64 - offset;
            let piece = bytes.get(first as usize..first as usize + part.len());
            let patches = &mut changes.entry(index).or_default().patches;
            patches.push((part.start, piece.unwrap_or_default().to_vec()));
        }
    }
    changes
}

/// The parts of written blocks that `range` covers, each counted from its block's start.
fn parts(
    range: Range<u64>,
    block: u64,
    written: &[u32],
) -> impl Iterator<Item = (u32, Range<usize>)> {
    let first = written.partition_point(|index| (u64::from(*index) + 1) * block <= range.start);
    let blocks = written.iter().skip(first).copied();
    blocks
        .map(move |index| (index, u64::from(index) * block))
        .take_while({
            let end = range.end;
            move |(_, start)| *start < end
        })
        .map(move |(index, start)| {
            let from = range.start.saturating_sub(start) as usize;
            (index, from..(range.end - start).min(block) as usize)
        })
}

#[cfg(test)]
mod tests {
    use amint_inspect::Extent;

    use super::*;

    #[test]
    fn only_written_blocks_have_holes_and_neighbours_join() {
        let extents = [(100, 50), (0, 100), (250, 500), (990, 20)]
            .map(|(offset, length)| Extent { offset, length });
        let cleaning = Cleaning {
            free: extents.to_vec(),
            patches: Vec::new(),
        };
        let found = changes(&cleaning, 100, &[0, 1, 2, 4, 9, 30]);
        let of = |(index, change): (&u32, &Change)| {
            let holes = change.holes.iter();
            let holes = holes.map(|hole| (*index, hole.start, hole.end));
            holes.collect::<Vec<_>>()
        };
        let found: Vec<(u32, usize, usize)> = found.iter().flat_map(of).collect();
        let expected = [
            (0, 0, 100),
            (1, 0, 50),
            (2, 50, 100),
            (4, 0, 100),
            (9, 90, 100),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_patch_is_split_at_the_border_of_blocks() {
        let cleaning = Cleaning {
            free: Vec::new(),
            patches: vec![Patch {
                offset: 98,
                bytes: vec![1, 2, 3, 4],
            }],
        };
        let found = changes(&cleaning, 100, &[0, 1]);
        assert_eq!(found[&0].patches, [(98, vec![1, 2])]);
        assert_eq!(found[&1].patches, [(0, vec![3, 4])]);
        assert!(changes(&cleaning, 100, &[7]).is_empty());
    }

    #[test]
    fn a_token_stands_for_one_copy() {
        let token_of = |disk, failed| token("01JBUILD", disk, failed);
        assert_eq!(token_of("/dev/xvda", 0), token_of("/dev/xvda", 0));
        assert_ne!(token_of("/dev/xvda", 0), token_of("/dev/xvdb", 0));
        assert_ne!(token_of("/dev/xvda", 0), token_of("/dev/xvda", 1));
        assert!(token_of("/dev/xvda", 0).len() <= 64);
    }
}
