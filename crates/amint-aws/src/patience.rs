//! What was made a moment ago may not be to be seen everywhere: look-ups trail a create by some seconds.

use std::time::Duration;

use amint_cloud::{ErrorKind, Result};

/// Tries up to `looks` times, `gap` apart, while the answer is that something is not there; nothing when that
/// stays so. Any other answer is the answer.
pub(crate) async fn patiently<T, F>(
    looks: u32,
    gap: Duration,
    attempt: impl Fn() -> F,
) -> Result<Option<T>>
where
    F: Future<Output = Result<T>>,
{
    for look in 1..=looks {
        match attempt().await {
            Ok(value) => return Ok(Some(value)),
            Err(error) if is_gone(&error.kind) => {}
            Err(error) => return Err(error),
        }
        if look < looks {
            tokio::time::sleep(gap).await;
        }
    }
    Ok(None)
}

/// Whether there is nothing (any more) to do something to.
pub(crate) fn is_gone(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::Gone)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use amint_cloud::CloudError;

    use super::*;

    async fn seen_at(look: u32) -> (Option<u32>, u32) {
        let looks = AtomicU32::new(0);
        let seen = patiently(3, Duration::ZERO, || async {
            let number = looks.fetch_add(1, Ordering::SeqCst) + 1;
            if number < look {
                return Err(CloudError::new(ErrorKind::NotFound, "not there"));
            }
            Ok(number)
        });
        let seen = seen.await.expect("no other error");
        (seen, looks.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn what_appears_late_is_found_and_what_never_does_is_not() {
        assert_eq!(seen_at(1).await, (Some(1), 1));
        assert_eq!(seen_at(3).await, (Some(3), 3));
        assert_eq!(seen_at(9).await, (None, 3));
    }

    #[tokio::test]
    async fn other_trouble_is_not_waited_for() {
        let looks = AtomicU32::new(0);
        let busy = patiently(3, Duration::ZERO, || async {
            looks.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(CloudError::new(ErrorKind::Busy, "in use"))
        });
        assert_eq!(busy.await.expect_err("busy").kind, ErrorKind::Busy);
        assert_eq!(looks.load(Ordering::SeqCst), 1);
    }
}
