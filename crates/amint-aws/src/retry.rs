//! Asking again, where the engine can't: work of thousands of calls must not begin anew because of one.

use std::time::Duration;

use amint_cloud::{CloudError, ErrorKind, Result};

/// How often one thing is asked for: about 12 s in all when every answer is quick.
pub(crate) const TRIES: u32 = 8;
/// The first pause, at most.
const FIRST: Duration = Duration::from_millis(100);
/// Any pause, at most.
const LONGEST: Duration = Duration::from_secs(5);

/// Asks until there is an answer that asking again would not change.
pub(crate) async fn patiently<T, F, Fut>(mut ask: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match ask().await {
            Err(error) if passes(&error) && tries < TRIES => pause(tries).await,
            answer => return answer,
        }
    }
}

/// Whether asking again may help.
pub(crate) fn passes(error: &CloudError) -> bool {
    matches!(error.kind, ErrorKind::Throttled | ErrorKind::AnswerLost)
}

/// Waits after the `tries`th try, longer each time; at random, so that many who failed together do not ask again together.
pub(crate) async fn pause(tries: u32) {
    tokio::time::sleep(longest(tries).mul_f64(0.5 + fastrand::f64() / 2.0)).await;
}

fn longest(tries: u32) -> Duration {
    let doublings = tries.saturating_sub(1).min(16);
    (FIRST * 2_u32.pow(doublings)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses: Vec<u128> = [1, 2, 3, 7, 40]
            .into_iter()
            .map(|tries| longest(tries).as_millis())
            .collect();
        assert_eq!(pauses, [100, 200, 400, 5000, 5000]);
    }

    #[tokio::test]
    async fn only_what_passes_is_asked_again() {
        let mut calls = 0;
        let answer = patiently(|| {
            calls += 1;
            let kind = match calls {
                1 => ErrorKind::Throttled,
                2 => ErrorKind::AnswerLost,
                _ => ErrorKind::Conflict,
            };
            async move { Err::<(), _>(CloudError::new(kind, "no")) }
        })
        .await;
        assert_eq!(answer.expect_err("a conflict").kind, ErrorKind::Conflict);
        assert_eq!(calls, 3);
    }
}
