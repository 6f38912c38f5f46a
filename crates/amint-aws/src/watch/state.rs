//! What AWS's states mean.

use amint_cloud::{BuilderState, ImageState};
use aws_sdk_ec2::types::{Image, InstanceStateName, Snapshot, SnapshotState};

/// A builder that is stopping may still write: it is not off yet.
pub(super) fn builder(state: Option<&InstanceStateName>) -> BuilderState {
    match state {
        Some(InstanceStateName::Running | InstanceStateName::Stopping) => BuilderState::Running,
        Some(InstanceStateName::Stopped) => BuilderState::Stopped,
        Some(InstanceStateName::ShuttingDown | InstanceStateName::Terminated) => {
            BuilderState::Terminated
        }
        _ => BuilderState::Pending,
    }
}

/// Pending without a percentage: an image does not tell how far it is, its snapshots do.
pub(super) fn image(image: &Image) -> ImageState {
    use aws_sdk_ec2::types::ImageState as State;
    let state = image.state();
    match state {
        Some(State::Available) => ImageState::Available,
        Some(
            State::Failed | State::Invalid | State::Error | State::Deregistered | State::Disabled,
        ) => {
            let reason = image.state_reason().and_then(|reason| reason.message());
            let word = state.map_or("failed", State::as_str);
            ImageState::Failed {
                reason: reason.unwrap_or(word).to_owned(),
            }
        }
        _ => ImageState::Pending { percent: None },
    }
}

/// A snapshot that is in the recycle bin is not to be had.
pub(super) fn snapshot(snapshot: &Snapshot) -> ImageState {
    match snapshot.state() {
        Some(SnapshotState::Completed) => ImageState::Available,
        Some(
            state @ (SnapshotState::Error | SnapshotState::Recoverable | SnapshotState::Recovering),
        ) => ImageState::Failed {
            reason: snapshot
                .state_message()
                .filter(|message| !message.is_empty())
                .unwrap_or(state.as_str())
                .to_owned(),
        },
        _ => ImageState::Pending {
            percent: percent(snapshot.progress()),
        },
    }
}

fn percent(progress: Option<&str>) -> Option<u8> {
    let percent: u8 = progress?.trim().trim_end_matches('%').parse().ok()?;
    (percent <= 100).then_some(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopping_is_not_off_and_shutting_down_is_gone() {
        let of = |name| builder(Some(&name));
        assert_eq!(of(InstanceStateName::Pending), BuilderState::Pending);
        assert_eq!(of(InstanceStateName::Stopping), BuilderState::Running);
        assert_eq!(of(InstanceStateName::Stopped), BuilderState::Stopped);
        assert_eq!(
            of(InstanceStateName::ShuttingDown),
            BuilderState::Terminated
        );
        assert_eq!(builder(None), BuilderState::Pending);
    }

    #[test]
    fn a_snapshot_tells_how_far_it_is_and_why_it_failed() {
        let with = |state, progress: &str, message: &str| {
            let snapshot = Snapshot::builder().state(state);
            snapshot.progress(progress).state_message(message).build()
        };
        let pending = |percent| ImageState::Pending { percent };
        let of = |progress| snapshot(&with(SnapshotState::Pending, progress, ""));
        assert_eq!(of("37%"), pending(Some(37)));
        assert_eq!(of(""), pending(None));
        assert_eq!(of("300%"), pending(None));
        let failed = snapshot(&with(SnapshotState::Error, "9%", "no key"));
        let reason = "no key".to_owned();
        assert_eq!(failed, ImageState::Failed { reason });
    }
}
