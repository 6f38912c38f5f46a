//! Nothing runs beyond its time, whoever died.

use std::time::{Duration, Instant};

use amint_cloud::ResourceKind;
use jiff::Timestamp;

use crate::errand::Process;
use crate::support::{Place, release};

/// How long the limit from outside leaves to the guest's own.
const GRACE: Duration = Duration::from_secs(60);

/// How long a busy computer may take to end a process.
const SLACK: Duration = Duration::from_secs(20);

async fn quiet_by(place: &Place, expires: Timestamp, then: Duration) {
    let left = expires.duration_since(Timestamp::now());
    let left = Duration::try_from(left).unwrap_or_default();
    place.wait_quiet(Instant::now() + left + then).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_whose_guest_has_no_timer_ends() {
    let place = Place::new();
    let expires = Timestamp::now() + Duration::from_secs(10);
    Process::start(&place, "d1", expires, "").kill_when_done();
    assert!(!place.processes().is_empty());
    quiet_by(&place, expires, GRACE + SLACK).await;
    release(&place.cloud(), "d1", ResourceKind::Builder).await;
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guest_s_timer_outlives_a_reboot_and_comes_first() {
    let place = Place::new();
    let expires = Timestamp::now() + Duration::from_secs(75);
    let errand = Process::start(&place, "d2", expires, "online timer reboot restarted");
    errand.kill_when_done();
    assert!(!place.processes().is_empty());
    quiet_by(&place, expires, GRACE + SLACK).await;
    // QEMU removes its process id when the guest powers off, not when it is killed from outside.
    assert!(!place.options.runtime_dir.join("d2/qemu.pid").exists());
    release(&place.cloud(), "d2", ResourceKind::Builder).await;
    assert_eq!(place.left(), Vec::<String>::new());
}
