//! A snapshot's blocks, each checked against its checksum.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use amint_cloud::{CloudError, ErrorKind, Result};
use amint_inspect::Extent;
use aws_sdk_ebs::Client;
use aws_sdk_ebs::operation::get_snapshot_block::GetSnapshotBlockError;
use aws_sdk_ebs::types::ValidationExceptionReason;
use sha2::{Digest, Sha256};

use super::limit::Limit;
use super::listing::Listing;
use crate::clients::Clients;
use crate::error::explain;
use crate::retry::{TRIES, passes, pause};

/// Bytes of a block (EBS direct).
pub(crate) const BLOCK: u64 = 512 * 1024;
/// How long one block may take; the SDK's own limit ends with the answer's head.
const LIMIT: Duration = Duration::from_secs(30);
/// How often a block may arrive damaged.
const DAMAGED: u32 = 3;
/// How often its token may be refused.
const REFUSED: u32 = 3;

/// A snapshot that is read, and perhaps written.
#[derive(Debug)]
pub(crate) struct Snapshot {
    client: Client,
    id: String,
    /// Written blocks, ascending.
    written: Vec<u32>,
    block: u64,
    size: u64,
    limit: Arc<Limit>,
    listing: RwLock<Arc<Listing>>,
    renewing: tokio::sync::Mutex<()>,
}

/// Why a block can't be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlockError {
    #[error("block {index} of {snapshot} does not match its checksum, asked {DAMAGED} times")]
    Damaged { index: u32, snapshot: String },
    #[error("block {index} of {snapshot} cannot be read")]
    Call {
        index: u32,
        snapshot: String,
        source: CloudError,
    },
    #[error("reading blocks was stopped")]
    Stopped,
}

/// Why one try failed.
enum Failure {
    /// The bytes are not those that AWS meant to send.
    Damaged,
    /// The token is not of the latest listing.
    Token(CloudError),
    Call(CloudError),
}

impl Snapshot {
    /// Lists its blocks. `gib` is its volume's size as EC2 knows it.
    pub(crate) async fn open(clients: &Clients, id: &str, gib: u64) -> Result<Self> {
        let listing = Listing::get(&clients.ebs, id).await?;
        let size = gib << 30;
        // The API's model says GiB; one of its examples has bytes.
        let volume = u64::try_from(listing.volume).unwrap_or_default();
        if volume != gib && volume != size {
            return Err(CloudError::other(format!(
                "{id} has {gib} GiB in EC2 and {volume} GiB in EBS direct"
            )));
        }
        let block = listing.block;
        let inside = |index: &u32| (u64::from(*index) + 1) * block <= size;
        Ok(Self {
            client: clients.ebs.clone(),
            id: id.to_owned(),
            written: listing.indexes().take_while(inside).collect(),
            block,
            size,
            limit: clients.blocks.limit(id),
            listing: RwLock::new(Arc::new(listing)),
            renewing: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Its volume's size in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Bytes a block.
    pub(crate) fn block_size(&self) -> u64 {
        self.block
    }

    /// The blocks that were ever written, ascending.
    pub(crate) fn written(&self) -> &[u32] {
        &self.written
    }

    /// The written bytes.
    pub(super) fn extents(&self) -> Vec<Extent> {
        let mut extents: Vec<Extent> = Vec::new();
        for index in &self.written {
            let offset = u64::from(*index) * self.block;
            match extents.last_mut() {
                Some(last) if last.range().end == offset => last.length += self.block,
                _ => extents.push(Extent {
                    offset,
                    length: self.block,
                }),
            }
        }
        extents
    }

    /// A written block's bytes. Waits its turn, and asks again for what may get better.
    pub(crate) async fn read(&self, index: u32) -> std::result::Result<Vec<u8>, BlockError> {
        let unread = |source| BlockError::Call {
            index,
            snapshot: self.id.clone(),
            source,
        };
        let (mut damaged, mut refused, mut failed) = (0, 0, 0);
        loop {
            let mut listing = self.listing();
            if listing.is_stale(SystemTime::now()) {
                self.renew(&listing).await.map_err(unread)?;
                listing = self.listing();
            }
            let tries = match self.try_read(&listing, index).await {
                Ok(bytes) => return Ok(bytes),
                Err(Failure::Damaged) => {
                    damaged += 1;
                    if damaged >= DAMAGED {
                        let snapshot = self.id.clone();
                        return Err(BlockError::Damaged { index, snapshot });
                    }
                    damaged
                }
                Err(Failure::Token(error)) => {
                    refused += 1;
                    if refused >= REFUSED {
                        return Err(unread(error));
                    }
                    self.renew(&listing).await.map_err(unread)?;
                    continue;
                }
                Err(Failure::Call(error)) => {
                    failed += 1;
                    if !passes(&error) || failed >= TRIES {
                        return Err(unread(error));
                    }
                    failed
                }
            };
            pause(tries).await;
        }
    }

    async fn try_read(
        &self,
        listing: &Listing,
        index: u32,
    ) -> std::result::Result<Vec<u8>, Failure> {
        let Some(token) = listing.token(index) else {
            let gone = format!("block {index} is no longer listed");
            return Err(Failure::Call(CloudError::other(gone)));
        };
        self.limit.turn().await;
        let answer = tokio::time::timeout(LIMIT, self.fetch(index, token)).await;
        answer.unwrap_or_else(|_| {
            let text = format!("ebs:GetSnapshotBlock: no answer in {} s", LIMIT.as_secs());
            Err(Failure::Call(CloudError::new(ErrorKind::AnswerLost, text)))
        })
    }

    async fn fetch(&self, index: u32, token: &str) -> std::result::Result<Vec<u8>, Failure> {
        let request = self.client.get_snapshot_block().snapshot_id(&self.id);
        let request = request
            .block_index(i32::try_from(index).unwrap_or(i32::MAX))
            .block_token(token);
        let answer = request.send().await.map_err(|error| {
            let refused = error.as_service_error().is_some_and(token_refused);
            let error = explain(error, "ebs:GetSnapshotBlock");
            match refused {
                true => Failure::Token(error),
                false => Failure::Call(error),
            }
        })?;
        let expected = answer.checksum.unwrap_or_default();
        let mut body = answer.block_data;
        let mut bytes = Vec::with_capacity(self.block as usize);
        let mut digest = Sha256::new();
        while let Some(part) = body.next().await {
            let part = part.map_err(|error| {
                let text = "ebs:GetSnapshotBlock: the connection was lost amid a block";
                Failure::Call(CloudError::new(ErrorKind::AnswerLost, text).caused_by(error))
            })?;
            if bytes.len() + part.len() > self.block as usize {
                return Err(Failure::Damaged);
            }
            digest.update(&part);
            bytes.extend_from_slice(&part);
        }
        // The signature of the call does not cover what comes back.
        let sound = bytes.len() as u64 == self.block
            && aws_smithy_types::base64::encode(digest.finalize()) == expected;
        match sound {
            true => Ok(bytes),
            false => {
                tracing::warn!(snapshot = self.id, index, "a block arrived damaged");
                Err(Failure::Damaged)
            }
        }
    }

    fn listing(&self) -> Arc<Listing> {
        let listing = self.listing.read();
        Arc::clone(&listing.unwrap_or_else(PoisonError::into_inner))
    }

    /// Lists the blocks again, unless somebody else did so since `old`.
    async fn renew(&self, old: &Arc<Listing>) -> Result<()> {
        let _one_at_a_time = self.renewing.lock().await;
        if !Arc::ptr_eq(old, &self.listing()) {
            return Ok(());
        }
        let listing = Arc::new(Listing::get(&self.client, &self.id).await?);
        *self.listing.write().unwrap_or_else(PoisonError::into_inner) = listing;
        Ok(())
    }
}

fn token_refused(error: &GetSnapshotBlockError) -> bool {
    let refused = ValidationExceptionReason::InvalidBlockToken;
    matches!(error, GetSnapshotBlockError::ValidationException(why) if why.reason() == Some(&refused))
}

/// SHA-256 as EBS direct has it.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    aws_smithy_types::base64::encode(Sha256::digest(bytes))
}

#[cfg(test)]
#[path = "../../tests/support/world.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod world;

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_sdk_ebs::primitives::ByteStream;

    use super::*;
    use crate::AwsOptions;

    fn clients(world: &world::World) -> Clients {
        let keys = Credentials::new("testing", "testing", None, None, "test");
        let config = aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .endpoint_url(&world.endpoint)
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .build();
        Clients::with_config(&AwsOptions::new("us-east-1"), config)
    }

    /// A snapshot of 1 GiB in which block 3 was written.
    async fn snapshot(clients: &Clients, block: &[u8]) -> String {
        let ebs = &clients.ebs;
        let started = ebs.start_snapshot().volume_size(1).send().await;
        let id = started.expect("started").snapshot_id.expect("its id");
        let put = ebs
            .put_snapshot_block()
            .snapshot_id(&id)
            .block_index(3)
            .data_length(block.len() as i32)
            .checksum(checksum(block))
            .checksum_algorithm("SHA256".into())
            .block_data(ByteStream::from(block.to_vec()));
        put.send().await.expect("written");
        let complete = ebs.complete_snapshot().snapshot_id(&id);
        let complete = complete.changed_blocks_count(1).send().await;
        complete.expect("completed");
        id
    }

    async fn opened(clients: &Clients, id: &str) -> Snapshot {
        for _ in 0..100 {
            match Snapshot::open(clients, id, 1).await {
                Ok(snapshot) => return snapshot,
                Err(error) if passes(&error) => panic!("{error}"),
                Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{id} cannot be opened");
    }

    #[tokio::test]
    async fn tokens_that_are_no_good_are_asked_for_again() {
        let world = world::World::start();
        let clients = clients(&world);
        let block = vec![b'x'; BLOCK as usize];
        let id = snapshot(&clients, &block).await;
        let snapshot = opened(&clients, &id).await;
        let put = |listing| *snapshot.listing.write().expect("sound") = Arc::new(listing);
        let listings = || {
            let calls = world.calls();
            calls
                .iter()
                .filter(|call| *call == "ListSnapshotBlocks")
                .count()
        };
        world.set("calls", &serde_json::json!({}));
        put(Listing::fake(3, "refused", None));
        assert_eq!(snapshot.read(3).await.expect("the block"), block);
        assert_eq!(listings(), 1);
        put(Listing::fake(3, "old", Some(SystemTime::now())));
        assert_eq!(snapshot.read(3).await.expect("the block"), block);
        assert_eq!(listings(), 2);
        assert!(matches!(
            snapshot.read(4).await,
            Err(BlockError::Call { .. })
        ));

        let wrong = Snapshot::open(&clients, &id, 2).await.expect_err("1 GiB");
        assert!(wrong.to_string().contains("2 GiB in EC2"), "{wrong}");
    }
}
