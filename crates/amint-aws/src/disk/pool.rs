//! Blocks in memory: few, whoever reads, and each fetched once for all who want it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use super::ahead::MOST;
use super::limit::{Limit, Limits};
use super::snapshot::BlockError;

/// Blocks that are kept or on their way: 16 MiB.
const KEPT: usize = 32;

type Outcome = Result<Arc<Vec<u8>>, Arc<BlockError>>;

/// Blocks of all snapshots that a process reads.
#[derive(Debug)]
pub(crate) struct Pool {
    limits: Limits,
    /// The one used last is at the end.
    blocks: Mutex<VecDeque<Entry>>,
    /// One for each block on its way.
    fetching: Arc<Semaphore>,
}

#[derive(Debug)]
struct Entry {
    disk: u64,
    index: u32,
    block: Arc<Block>,
    task: AbortHandle,
}

/// A block that somebody fetches.
#[derive(Debug, Default)]
pub(super) struct Block {
    outcome: Mutex<Option<Outcome>>,
    done: Condvar,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            blocks: Mutex::default(),
            fetching: Arc::new(Semaphore::new(MOST)),
        }
    }
}

impl Pool {
    /// The limit of calls that all who read or write the snapshot share.
    pub(crate) fn limit(&self, snapshot: &str) -> Arc<Limit> {
        self.limits.of(snapshot)
    }

    /// How many blocks a disk may fetch at once, now that so many disks are read.
    pub(super) fn share(&self) -> usize {
        let disks: BTreeSet<u64> = self.lock().iter().map(|entry| entry.disk).collect();
        MOST / disks.len().max(1)
    }

    /// The block, from memory or by a task on `runtime` that awaits `fetch`.
    pub(super) fn get<F>(
        &self,
        (disk, index): (u64, u32),
        runtime: &Handle,
        fetch: impl FnOnce() -> F,
    ) -> Arc<Block>
    where
        F: Future<Output = Result<Vec<u8>, BlockError>> + Send + 'static,
    {
        let mut blocks = self.lock();
        let known = |entry: &Entry| entry.disk == disk && entry.index == index;
        if let Some(entry) = blocks
            .iter()
            .position(known)
            .and_then(|at| blocks.remove(at))
        {
            let block = Arc::clone(&entry.block);
            blocks.push_back(entry);
            return block;
        }
        while blocks.len() >= KEPT {
            // What is on its way is wanted; there is never more of it than readers want.
            let Some(oldest) = blocks.iter().position(|entry| entry.block.is_done()) else {
                break;
            };
            blocks.remove(oldest);
        }
        let block = Arc::new(Block::default());
        let promise = Promise(Arc::clone(&block));
        let (fetching, fetch) = (Arc::clone(&self.fetching), fetch());
        let task = runtime.spawn(async move {
            // Never closed.
            let _permit = fetching.acquire().await;
            let outcome = fetch.await;
            promise.0.finish(outcome.map(Arc::new).map_err(Arc::new));
        });
        blocks.push_back(Entry {
            disk,
            index,
            block: Arc::clone(&block),
            task: task.abort_handle(),
        });
        block
    }

    /// Forgets a block that could not be read, so that the next one who wants it asks again.
    pub(super) fn forget(&self, block: &Arc<Block>) {
        self.lock()
            .retain(|entry| !Arc::ptr_eq(&entry.block, block));
    }

    /// Forgets a disk, and ends what is on its way for it.
    pub(super) fn forget_disk(&self, disk: u64) {
        self.lock().retain(|entry| {
            if entry.disk == disk {
                entry.task.abort();
            }
            entry.disk != disk
        });
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Block {
    /// Waits for it; blocks the thread.
    pub(super) fn wait(&self) -> Outcome {
        let mut outcome = self.lock();
        loop {
            if let Some(outcome) = &*outcome {
                return outcome.clone();
            }
            let woken = self.done.wait(outcome);
            outcome = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn is_done(&self) -> bool {
        self.lock().is_some()
    }

    fn finish(&self, outcome: Outcome) {
        self.lock().get_or_insert(outcome);
        self.done.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Outcome>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells those who wait, even when the task never gets to its end: a runtime that shuts down drops its tasks, and then
/// waits for the threads that wait for them.
struct Promise(Arc<Block>);

impl Drop for Promise {
    fn drop(&mut self) {
        self.0.finish(Err(Arc::new(BlockError::Stopped)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().expect("a runtime")
    }

    #[test]
    fn a_block_is_fetched_once_and_the_oldest_goes_first() {
        let runtime = runtime();
        let (pool, calls) = (Arc::new(Pool::default()), Arc::new(AtomicUsize::new(0)));
        let read = |index: u32| {
            let (pool, calls) = (Arc::clone(&pool), Arc::clone(&calls));
            let handle = runtime.handle().clone();
            let reader = runtime.handle().spawn_blocking(move || {
                let block = pool.get((1, index), &handle, || async move {
                    calls.fetch_add(1, Ordering::Relaxed);
                    Ok(vec![index as u8])
                });
                block.wait().map(|bytes| bytes[0])
            });
            // The runtime's only thread fetches while the reader waits.
            runtime
                .block_on(reader)
                .expect("no panic")
                .expect("a block")
        };
        for index in [7, 7, 8] {
            assert_eq!(u32::from(read(index)), index);
        }
        assert_eq!(calls.load(Ordering::Relaxed), 2);
        for index in 100..100 + KEPT as u32 {
            read(index);
        }
        assert_eq!(pool.lock().len(), KEPT);
        read(7);
        assert_eq!(calls.load(Ordering::Relaxed), 2 + KEPT + 1);
    }

    #[test]
    fn readers_are_told_when_the_runtime_ends() {
        let runtime = runtime();
        let pool = Pool::default();
        let never = || std::future::pending::<Result<Vec<u8>, BlockError>>();
        let pending = pool.get((1, 1), runtime.handle(), never);
        let handle = runtime.handle().clone();
        drop(runtime);
        assert!(pending.wait().is_err());
        assert!(pool.get((1, 2), &handle, never).wait().is_err());
    }

    #[test]
    fn a_disk_that_is_closed_ends_what_was_on_its_way() {
        let runtime = runtime();
        let pool = Pool::default();
        let never = || std::future::pending::<Result<Vec<u8>, BlockError>>();
        let pending = pool.get((1, 1), runtime.handle(), never);
        let _other = pool.get((2, 1), runtime.handle(), never);
        assert_eq!(pool.share(), MOST / 2);
        pool.forget_disk(1);
        runtime.block_on(tokio::task::yield_now());
        assert!(matches!(pending.wait(), Err(error) if matches!(*error, BlockError::Stopped)));
        assert_eq!(pool.share(), MOST);
    }

    #[test]
    fn a_block_that_failed_is_asked_for_again() {
        let runtime = runtime();
        let pool = Pool::default();
        let fails = || async { Err(BlockError::Stopped) };
        let block = pool.get((1, 1), runtime.handle(), fails);
        runtime.block_on(tokio::task::yield_now());
        assert!(block.wait().is_err());
        pool.forget(&block);
        let block = pool.get((1, 1), runtime.handle(), || async { Ok(vec![1]) });
        runtime.block_on(tokio::task::yield_now());
        assert!(block.wait().is_ok());
    }
}
