// How long the phases of one build take.

use std::time::Duration;

/// The seconds that a phase takes: at least, and at most.
const SECONDS: (f64, f64) = (5.0, 600.0);
/// The most that a seal may take: the engine gives it up after five minutes.
const SEAL: f64 = 290.0;
/// The most that a boot may take: the engine gives it up after ten minutes.
const BOOT: f64 = 590.0;

type Curve = fn(f64) -> u8;

/// Steady, and uneven in ways that differ.
const CURVES: [Curve; 9] = [
    |part| percent(part),
    uneven::<1>,
    uneven::<2>,
    uneven::<3>,
    uneven::<4>,
    uneven::<5>,
    uneven::<6>,
    slow_then_fast,
    fast_then_slow,
];

/// What a seed stands for.
pub(crate) struct Pattern {
    pub(crate) seed: u64,
    pub(crate) boot: Duration,
    pub(crate) command: Duration,
    pub(crate) stopping: Duration,
    pub(crate) capture: Duration,
    pub(crate) snapshot: Duration,
    pub(crate) progress: Option<Curve>,
}

impl Pattern {
    pub(crate) fn of(seed: u64) -> Self {
        let mut random = Random(seed);
        let mut phase = |most: f64| {
            let (least, most) = (SECONDS.0, most.min(SECONDS.1));
            // As many between 5 and 10 seconds as between 5 and 10 minutes.
            Duration::from_secs_f64(least * (most / least).powf(random.part()))
        };
        Self {
            seed,
            boot: phase(BOOT),
            command: phase(SECONDS.1),
            stopping: phase(SEAL),
            capture: phase(SECONDS.1),
            snapshot: phase(SECONDS.1),
            // Every third one tells no percentage.
            progress: (!seed.is_multiple_of(3)).then(|| CURVES[(seed / 3) as usize % CURVES.len()]),
        }
    }
}

fn percent(part: f64) -> u8 {
    (part.clamp(0.0, 1.0) * 100.0) as u8
}

/// Twenty stretches, each at half to one and a half times the usual speed.
fn uneven<const SEED: u64>(part: f64) -> u8 {
    let mut random = Random(SEED);
    let speeds: [f64; 20] = std::array::from_fn(|_| 0.5 + random.part());
    along(&speeds, part)
}

fn slow_then_fast(part: f64) -> u8 {
    along(&[0.5, 0.5, 1.5, 1.5], part)
}

fn fast_then_slow(part: f64) -> u8 {
    along(&[1.5, 1.5, 0.5, 0.5], part)
}

/// The percentage after a part of the time whose equal stretches have these speeds.
fn along(speeds: &[f64], part: f64) -> u8 {
    let stretches = part.clamp(0.0, 1.0) * speeds.len() as f64;
    let whole: f64 = speeds.iter().sum();
    let passed = |(index, speed): (usize, &f64)| (stretches - index as f64).clamp(0.0, 1.0) * speed;
    percent(speeds.iter().enumerate().map(passed).sum::<f64>() / whole)
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}
