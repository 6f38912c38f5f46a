//! One disk as the inspection wants it: bytes at any offset, on blocking threads.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use amint_inspect::{BlockSource, Extent, ReadError};
use tokio::runtime::Handle;

use super::ahead::Ahead;
use super::pool::Pool;
use super::snapshot::{BlockError, Snapshot};

/// Tells disks apart in the pool: two may read the same snapshot.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A disk whose blocks are fetched by tasks on `runtime`, some of them before they are asked for. To be read on threads
/// that may block: on one of the runtime's own workers it would wait for itself.
pub(super) struct EbsDisk {
    snapshot: Arc<Snapshot>,
    pool: Arc<Pool>,
    runtime: Handle,
    id: u64,
    ahead: Mutex<Ahead>,
}

impl EbsDisk {
    pub(super) fn new(snapshot: Snapshot, pool: Arc<Pool>, runtime: Handle) -> Self {
        Self {
            snapshot: Arc::new(snapshot),
            pool,
            runtime,
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            ahead: Mutex::default(),
        }
    }

    /// The `place`th written block; those that will be asked for next are on their way then.
    fn block(&self, place: usize) -> Result<Arc<Vec<u8>>, Arc<BlockError>> {
        let share = self.pool.share();
        let ahead = self.ahead.lock();
        let plan = ahead
            .unwrap_or_else(PoisonError::into_inner)
            .plan(place, share);
        let written = self.snapshot.written();
        let plan = written.get(plan.start..plan.end.min(written.len()));
        let mut blocks = plan.unwrap_or_default().iter().map(|index| {
            let (snapshot, index) = (Arc::clone(&self.snapshot), *index);
            self.pool
                .get((self.id, index), &self.runtime, || async move {
                    snapshot.read(index).await
                })
        });
        let Some(block) = blocks.next() else {
            return Err(Arc::new(BlockError::Stopped));
        };
        blocks.for_each(drop);
        let outcome = block.wait();
        if outcome.is_err() {
            self.pool.forget(&block);
        }
        outcome
    }
}

impl BlockSource for EbsDisk {
    fn size(&self) -> u64 {
        self.snapshot.size()
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        Ok(self.snapshot.extents())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        let (length, size) = (buffer.len() as u64, self.size());
        if offset.checked_add(length).is_none_or(|end| end > size) {
            return Err(ReadError::PastEnd {
                offset,
                length,
                size,
            });
        }
        let block = self.snapshot.block_size();
        let (mut offset, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            let start = (offset % block) as usize;
            let length = rest.len().min(block as usize - start);
            let (part, tail) = rest.split_at_mut(length);
            // A volume has at most 64 TiB: 2^27 blocks, or 2^37 of 512 bytes, which no snapshot lists.
            let index = u32::try_from(offset / block).ok();
            match index.and_then(|index| self.snapshot.written().binary_search(&index).ok()) {
                None => part.fill(0),
                Some(place) => {
                    let bytes = self.block(place).map_err(|error| ReadError::Io {
                        offset,
                        source: io::Error::other(error),
                    })?;
                    // A block that arrived has its full size.
                    if let Some(bytes) = bytes.get(start..start + length) {
                        part.copy_from_slice(bytes);
                    }
                }
            }
            offset += length as u64;
            rest = tail;
        }
        Ok(())
    }
}

impl Drop for EbsDisk {
    fn drop(&mut self) {
        self.pool.forget_disk(self.id);
    }
}
