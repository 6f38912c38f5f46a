//! Work on many things at once, with results in the order of the things.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::mpsc::sync_channel;
use std::thread;

/// How many results of one thread may wait to be taken: enough that threads seldom wait for each other, and few enough
/// that many things need no more memory than some.
const WAITING: usize = 16;

/// Does `work` on each item, on as many threads as there are processors, and hands each result to `take` on this thread,
/// in the order of the items. An error of `take` ends it; what is under way is then thrown away.
///
/// # Errors
/// The first that `take` returns.
pub(crate) fn in_order<T, R, E>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    T: Sync,
    R: Send,
{
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = processors.min(items.len());
    if threads <= 1 {
        return items.iter().try_for_each(|item| take(work(item)));
    }
    thread::scope(|scope| {
        // Each thread has every so-manieth item, and a queue of its own: taking turns among the queues is the order.
        let queues: Vec<_> = (0..threads)
            .map(|first| {
                let (sender, receiver) = sync_channel(WAITING);
                let work = &work;
                scope.spawn(move || {
                    for item in items.iter().skip(first).step_by(threads) {
                        // Nobody takes it any more after an error.
                        if sender.send(work(item)).is_err() {
                            break;
                        }
                    }
                });
                receiver
            })
            .collect();
        for queue in queues.iter().cycle().take(items.len()) {
            // A queue ends early only when its thread panicked, which the scope goes on with.
            let Ok(result) = queue.recv() else { break };
            take(result)?;
        }
        Ok(())
    })
}

/// What `work` makes of each item, in their order.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut results = Vec::with_capacity(items.len());
    let Ok(()) = in_order(items, work, |result| {
        results.push(result);
        Ok::<(), Infallible>(())
    });
    results
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::in_order;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, 2, 3, 500] {
            let items: Vec<u64> = (0..count).collect();
            let mut taken = Vec::new();
            let slow = |item: &u64| {
                if item.is_multiple_of(50) {
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
                item * 2
            };
            let done: Result<(), Infallible> = in_order(&items, slow, |result| {
                taken.push(result);
                Ok(())
            });
            assert_eq!(done, Ok(()));
            assert_eq!(taken, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_it() {
        let items: Vec<u64> = (0..10_000).collect();
        let mut taken = 0;
        let done = in_order(
            &items,
            |item| *item,
            |item| {
                taken += 1;
                if item == 100 { Err("enough") } else { Ok(()) }
            },
        );
        assert_eq!((done, taken), (Err("enough"), 101));
    }
}
