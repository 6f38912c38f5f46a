//! Many askers, one question.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use amint_cloud::{CloudError, Result};
use tokio::sync::watch;
use tokio::time::Instant;

/// What is known about those that there are: who is missing in it is not there.
pub(super) type Found<T> = HashMap<String, T>;
/// A question about many at once, on its way.
pub(super) type Asking<T> = Pin<Box<dyn Future<Output = Result<Found<T>>> + Send>>;

/// How long answers and interest last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// How old an answer may be that somebody else asked for.
    pub(super) fresh: Duration,
    /// How long after the last question something is asked about along with the others.
    pub(super) forget: Duration,
}

/// Shares one question among all who ask at about the same time.
pub(super) struct Batch<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    timing: Timing,
    fetch: Box<dyn Fn(Vec<String>) -> Asking<T> + Send + Sync>,
    board: Mutex<Board<T>>,
    /// The number of the last round that ended.
    ended: watch::Sender<u64>,
}

/// What everybody sees.
struct Board<T> {
    interests: HashMap<String, Interest>,
    last: Option<Round<T>>,
    running: Option<Running>,
    rounds: u64,
}

struct Interest {
    asked: Instant,
    /// The round that answered it last: nobody is told the same twice.
    served: u64,
}

struct Running {
    number: u64,
    about: HashSet<String>,
}

struct Round<T> {
    number: u64,
    started: Instant,
    about: HashSet<String>,
    found: std::result::Result<Found<T>, CloudError>,
}

impl<T: Clone + Send + 'static> Batch<T> {
    /// `fetch` answers about any number of ids.
    pub(super) fn new(
        timing: Timing,
        fetch: impl Fn(Vec<String>) -> Asking<T> + Send + Sync + 'static,
    ) -> Self {
        let board = Board {
            interests: HashMap::new(),
            last: None,
            running: None,
            rounds: 0,
        };
        Self {
            shared: Arc::new(Shared {
                timing,
                fetch: Box::new(fetch),
                board: Mutex::new(board),
                ended: watch::Sender::new(0),
            }),
        }
    }

    /// What is known about `id` now; nothing when it is not there.
    pub(super) async fn ask(&self, id: &str) -> Result<Option<T>> {
        let mut ended = self.shared.ended.subscribe();
        let mut awaited = None;
        loop {
            if let Some(answer) = self.look(id, &mut awaited) {
                return answer;
            }
            // The sender lives as long as `self`.
            let _ = ended.changed().await;
        }
    }

    /// The answer, if it is there. Otherwise a round is running, and `awaited` is the one that will answer.
    fn look(&self, id: &str, awaited: &mut Option<u64>) -> Option<Result<Option<T>>> {
        let now = Instant::now();
        let mut board = self.shared.board();
        let served = board.touch(id, now);
        if let Some(round) = &board.last
            && round.about.contains(id)
        {
            let mine = awaited.is_some_and(|number| round.number >= number);
            let fresh = now.duration_since(round.started) < self.shared.timing.fresh;
            if mine || (round.found.is_ok() && fresh && served != round.number) {
                let number = round.number;
                let answer = match &round.found {
                    Ok(found) => Ok(found.get(id).cloned()),
                    Err(error) => Err(again(error)),
                };
                board.served(id, number);
                return Some(answer);
            }
        }
        if board.running.is_none() {
            let (running, ids) = board.begin(now, self.shared.timing.forget);
            // A task of its own: who asked first may be gone before the answer is there.
            tokio::spawn(finish(self.shared.clone(), now, running, ids));
        }
        if let Some(running) = &board.running
            && running.about.contains(id)
        {
            awaited.get_or_insert(running.number);
        }
        None
    }
}

/// Asks, and tells everybody.
async fn finish<T>(shared: Arc<Shared<T>>, started: Instant, number: u64, ids: Vec<String>) {
    // If the question panics, the next asker asks again.
    let guard = Guard {
        shared: &shared,
        number,
    };
    let about: HashSet<String> = ids.iter().cloned().collect();
    let found = (shared.fetch)(ids).await;
    shared.board().last = Some(Round {
        number,
        started,
        about,
        found,
    });
    drop(guard);
}

struct Guard<'a, T> {
    shared: &'a Shared<T>,
    number: u64,
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.shared.board().running = None;
        self.shared.ended.send_replace(self.number);
    }
}

impl<T> Shared<T> {
    fn board(&self) -> MutexGuard<'_, Board<T>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Board<T> {
    /// Notes the interest and returns the round that served it last.
    fn touch(&mut self, id: &str, now: Instant) -> u64 {
        let interest = self.interests.entry(id.to_owned()).or_insert(Interest {
            asked: now,
            served: 0,
        });
        interest.asked = now;
        interest.served
    }

    fn served(&mut self, id: &str, round: u64) {
        if let Some(interest) = self.interests.get_mut(id) {
            interest.served = round;
        }
    }

    /// Begins a round about everything that is of interest.
    fn begin(&mut self, now: Instant, forget: Duration) -> (u64, Vec<String>) {
        self.interests
            .retain(|_, interest| now.duration_since(interest.asked) <= forget);
        let ids: Vec<String> = self.interests.keys().cloned().collect();
        self.rounds += 1;
        self.running = Some(Running {
            number: self.rounds,
            about: ids.iter().cloned().collect(),
        });
        (self.rounds, ids)
    }
}

/// The same error for one more asker; the cause stays in its text.
fn again(error: &CloudError) -> CloudError {
    let mut again = CloudError::new(error.kind.clone(), error.message.clone());
    again.hint.clone_from(&error.hint);
    again
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use amint_cloud::ErrorKind;

    use super::*;

    /// A fiftieth of what AWS gets.
    const TIMING: Timing = Timing {
        fresh: Duration::from_millis(24),
        forget: Duration::from_millis(1200),
    };

    /// A batch whose answer to each id is how many ids were asked about, after `takes`.
    fn counting(takes: Duration) -> (Batch<usize>, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let batch = Batch::new(TIMING, move |ids: Vec<String>| {
            let calls = counter.clone();
            Box::pin(async move {
                calls.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(takes).await;
                let many = ids.len();
                let there = ids.into_iter().filter(|id| !id.starts_with("no-"));
                Ok(there.map(|id| (id, many)).collect())
            })
        });
        (batch, calls)
    }

    /// The calls that `builds` askers cause in what stands for a minute, each with gaps that stand for 1.2 s
    /// growing to 3 s.
    async fn calls_of(builds: u64) -> usize {
        let (batch, calls) = counting(Duration::from_millis(2));
        let batch = Arc::new(batch);
        let mut askers = tokio::task::JoinSet::new();
        for build in 0..builds {
            let batch = batch.clone();
            askers.spawn(async move {
                tokio::time::sleep(Duration::from_millis(build * 7 % 60)).await;
                let start = Instant::now();
                while start.elapsed() < Duration::from_millis(1200) {
                    let state = batch.ask(&format!("i-{build}")).await;
                    assert!(state.expect("no error").is_some());
                    let gap = start.elapsed().mul_f64(0.05);
                    let (least, most) = (Duration::from_millis(24), Duration::from_millis(60));
                    tokio::time::sleep(gap.clamp(least, most)).await;
                }
            });
        }
        askers.join_all().await;
        calls.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn calls_grow_less_than_a_quarter_of_the_builds() {
        let one = calls_of(1).await;
        let fifty = calls_of(50).await;
        assert!(one > 8, "{one}");
        assert!(fifty * 4 < one * 50, "{one} calls of 1, {fifty} of 50");
        // Not only less than a quarter: no more than one in each interval, however many ask.
        assert!(fifty <= 1400 / 24, "{fifty}");
    }

    #[tokio::test]
    async fn one_asker_gets_a_new_answer_each_time() {
        let (batch, calls) = counting(Duration::ZERO);
        for _ in 0..3 {
            assert_eq!(batch.ask("i-1").await.expect("no error"), Some(1));
        }
        assert_eq!(calls.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn who_is_missing_is_missing_alone() {
        let (batch, calls) = counting(Duration::from_millis(50));
        let (there, gone) = tokio::join!(batch.ask("i-1"), batch.ask("no-2"));
        assert!(there.expect("no error").is_some());
        assert_eq!(gone.expect("no error"), None);
        // The second came when the first question was on its way.
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn who_goes_away_leaves_the_answer_to_others() {
        let (batch, calls) = counting(Duration::from_millis(200));
        let batch = Arc::new(batch);
        let first = tokio::spawn({
            let batch = batch.clone();
            async move { batch.ask("i-1").await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        first.abort();
        assert_eq!(batch.ask("i-1").await.expect("no error"), Some(1));
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_nobody_asks_about_is_forgotten() {
        let (batch, _) = counting(Duration::ZERO);
        batch.ask("i-1").await.expect("no error");
        assert_eq!(batch.ask("i-2").await.expect("no error"), Some(2));
        tokio::time::sleep(Duration::from_millis(1300)).await;
        assert_eq!(batch.ask("i-2").await.expect("no error"), Some(1));
    }

    #[tokio::test]
    async fn an_error_goes_to_all_who_wait_and_is_not_kept() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let batch: Batch<()> = Batch::new(TIMING, move |_| {
            let call = counter.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                match call {
                    0 => Err(CloudError::new(ErrorKind::Throttled, "too many").hint("later")),
                    _ => Ok(HashMap::new()),
                }
            })
        });
        let (one, two) = tokio::join!(batch.ask("i-1"), batch.ask("i-1"));
        for error in [one, two].map(|answer| answer.expect_err("throttled")) {
            assert_eq!(error.kind, ErrorKind::Throttled);
            assert_eq!(error.hint.as_deref(), Some("later"));
        }
        assert!(batch.ask("i-1").await.is_ok());
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_question_that_panics_does_not_hang_the_next_one() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let batch: Batch<()> = Batch::new(TIMING, move |_| {
            let call = counter.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                assert!(call > 0, "the first one panics on purpose");
                Ok(HashMap::new())
            })
        });
        assert_eq!(batch.ask("i-1").await.expect("no error"), None);
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }
}
