//! Which blocks of a snapshot were ever written.

use std::time::{Duration, SystemTime};

use amint_cloud::{CloudError, Result};
use aws_sdk_ebs::Client;

use super::snapshot::BLOCK;
use crate::error::Explain;
use crate::retry::patiently;

/// The most that one page may have (ListSnapshotBlocks).
const PAGE: i32 = 10_000;
/// The most blocks that a snapshot can have: those of 64 TiB (io2 Block Express).
const MOST: usize = 64 << 21;
/// Tokens are used up to this long before they expire.
const MARGIN: Duration = Duration::from_secs(300);

/// One listing. Its tokens are good for seven days, and together: those of two listings do not mix.
#[derive(Debug)]
pub(super) struct Listing {
    /// Index and token of each written block, ascending.
    blocks: Vec<(u32, Box<str>)>,
    /// Bytes a block.
    pub(super) block: u64,
    /// As EBS direct has it.
    pub(super) volume: i64,
    expires: Option<SystemTime>,
}

impl Listing {
    /// Lists them all. A page may be short, or empty, and yet not be the last.
    pub(super) async fn get(client: &Client, snapshot: &str) -> Result<Self> {
        let mut listing = Self {
            blocks: Vec::new(),
            block: BLOCK,
            volume: 0,
            expires: None,
        };
        let mut token = None;
        loop {
            let page = patiently(|| async {
                let request = client.list_snapshot_blocks().snapshot_id(snapshot);
                let page = request.max_results(PAGE).set_next_token(token.clone());
                page.send().await.explain("ebs:ListSnapshotBlocks")
            })
            .await?;
            listing.add(snapshot, &page)?;
            match page.next_token {
                Some(next) if token.as_ref() != Some(&next) => token = Some(next),
                Some(_) => return Err(odd(snapshot, "repeats a page for ever")),
                None => break,
            }
        }
        listing.blocks.sort_unstable();
        listing.blocks.dedup_by_key(|(index, _)| *index);
        Ok(listing)
    }

    /// One block with this token.
    #[cfg(test)]
    pub(super) fn fake(index: u32, token: &str, expires: Option<SystemTime>) -> Self {
        Self {
            blocks: vec![(index, token.into())],
            block: BLOCK,
            volume: 1,
            expires,
        }
    }

    fn add(
        &mut self,
        snapshot: &str,
        page: &aws_sdk_ebs::operation::list_snapshot_blocks::ListSnapshotBlocksOutput,
    ) -> Result<()> {
        if let Some(size) = page.block_size {
            // Memory is counted in blocks.
            self.block = u64::try_from(size)
                .ok()
                .filter(|size| size.is_power_of_two() && (512..=BLOCK).contains(size))
                .ok_or_else(|| odd(snapshot, &format!("has blocks of {size} bytes")))?;
        }
        self.volume = page.volume_size.unwrap_or(self.volume);
        if let Some(expiry) = page.expiry_time {
            let expiry = SystemTime::try_from(expiry).ok();
            self.expires = match (self.expires, expiry) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        for block in page.blocks() {
            let index = block.block_index.and_then(|index| index.try_into().ok());
            let token = block.block_token();
            let (Some(index), Some(token)) = (index, token) else {
                return Err(odd(snapshot, "has a block without an index or a token"));
            };
            self.blocks.push((index, token.into()));
        }
        match self.blocks.len() <= MOST {
            true => Ok(()),
            false => Err(odd(snapshot, "has more blocks than a volume can have")),
        }
    }

    /// The written blocks, ascending.
    pub(super) fn indexes(&self) -> impl Iterator<Item = u32> {
        self.blocks.iter().map(|(index, _)| *index)
    }

    /// What the block is read with.
    pub(super) fn token(&self, index: u32) -> Option<&str> {
        let place = self
            .blocks
            .binary_search_by_key(&index, |(index, _)| *index);
        let (_, token) = self.blocks.get(place.ok()?)?;
        Some(token)
    }

    /// Whether its tokens are about to expire.
    pub(super) fn is_stale(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| now + MARGIN >= expires)
    }
}

fn odd(snapshot: &str, what: &str) -> CloudError {
    CloudError::other(format!("the listing of {snapshot} {what}"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ebs::operation::list_snapshot_blocks::ListSnapshotBlocksOutput;
    use aws_sdk_ebs::types::Block;

    use super::*;

    fn listing() -> Listing {
        Listing {
            blocks: Vec::new(),
            block: BLOCK,
            volume: 0,
            expires: None,
        }
    }

    #[test]
    fn pages_add_up() {
        let mut listing = listing();
        for indexes in [&[1, 2][..], &[], &[7]] {
            let blocks = indexes.iter().map(|index| {
                let token = format!("token {index}");
                Block::builder()
                    .block_index(*index)
                    .block_token(token)
                    .build()
            });
            let page = ListSnapshotBlocksOutput::builder()
                .set_blocks(Some(blocks.collect()))
                .volume_size(8)
                .block_size(524_288)
                .build();
            listing.add("snap-1", &page).expect("a sound page");
        }
        assert_eq!(listing.indexes().collect::<Vec<_>>(), [1, 2, 7]);
        assert_eq!(listing.token(7), Some("token 7"));
        assert_eq!((listing.token(3), listing.volume), (None, 8));
        assert!(!listing.is_stale(SystemTime::now()));
    }

    #[test]
    fn what_no_snapshot_has_is_refused() {
        for size in [0, -1, 511, 1000, 1 << 20] {
            let page = ListSnapshotBlocksOutput::builder().block_size(size).build();
            assert!(listing().add("snap-1", &page).is_err(), "{size}");
        }
        let block = Block::builder().block_index(-1).block_token("x").build();
        let page = ListSnapshotBlocksOutput::builder().blocks(block).build();
        let error = listing().add("snap-1", &page).expect_err("no such index");
        let text = "the listing of snap-1 has a block without an index or a token";
        assert_eq!(error.to_string(), text);
    }
}
