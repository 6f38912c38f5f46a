//! Every wait on an account is noticed within 3 s or 2 % of its length, whatever it takes and however it moves.

#[path = "../examples/support/build.rs"]
mod build;
#[path = "../examples/support/disk.rs"]
mod disk;
#[path = "../examples/support/lateness.rs"]
mod lateness;
#[path = "../examples/support/pattern.rs"]
mod pattern;
#[path = "../examples/support/simulate.rs"]
mod simulate;

#[test]
fn no_wait_is_noticed_too_late() {
    let summary = simulate::patterns(150).expect("all builds succeed");
    assert_eq!(summary.violations(), 0, "{summary}");
}
