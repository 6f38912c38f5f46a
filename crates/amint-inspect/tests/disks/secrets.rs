//! Secrets by their shape: every kind, its near misses, every border, and input that is made to take long.

use std::num::NonZero;
use std::time::{Duration, Instant};

use amint_inspect::Extent;
use amint_inspect::search::{MAX_SECRETS, Options, Secret, SecretKind, scan};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::fixture::{Memory, noise};
use crate::secret_samples::{CRYPT, Sample, near_misses, random, samples};

const UNIT: usize = 512 * 1024;

fn find(source: &Memory, workers: Option<usize>) -> Vec<Secret> {
    let options = Options {
        secrets: true,
        workers: workers.and_then(NonZero::new),
        ..Options::default()
    };
    let found = scan(source, &[], &options).unwrap();
    assert!(!found.secrets_truncated);
    found.secrets
}

fn expected(sample: &Sample, at: usize) -> Secret {
    Secret {
        offset: (at + sample.before.len()) as u64,
        length: sample.secret.len() as u64,
        kind: sample.kind,
        digest: Sha256::digest(&sample.secret).into(),
    }
}

#[test]
fn every_kind_is_recognised_for_what_it_is() {
    let samples = samples();
    for kind in SecretKind::ALL {
        assert!(samples.iter().any(|sample| sample.kind == kind), "{kind}");
    }
    for sample in &samples {
        let text = sample.text();
        let found = find(&Memory::new(text.clone()), None);
        let readable = String::from_utf8_lossy(&text);
        assert_eq!(found, [expected(sample, 0)], "{readable}");
    }
}

#[test]
fn near_misses_are_nothing() {
    for text in near_misses() {
        let found = find(&Memory::new(text.clone().into_bytes()), None);
        assert_eq!(found, [], "{text}");
    }
}

/// A file begins with a block, and what is in the block before it says nothing about it.
#[test]
fn what_another_file_ends_with_hides_no_secret() {
    for sample in &samples() {
        let text = sample.text();
        for at in [512, 4096, 3 * UNIT] {
            let mut disk = vec![b'u'; at];
            disk.extend_from_slice(&text);
            let found = find(&Memory::new(disk), None);
            let readable = String::from_utf8_lossy(&text);
            assert!(found.contains(&expected(sample, at)), "{readable}");
        }
    }
}

#[test]
fn a_secret_key_near_its_id_needs_no_name() {
    let text = b"AKIAQ7RPZ3LNWB2VXKTD\n\nt9Vq3LwXb0RkZ7uGm1Yc5Hs8Jp2Nd4Fa6Te+Ko/W\n".to_vec();
    let kinds = |text: Vec<u8>| -> Vec<SecretKind> {
        let found = find(&Memory::new(text), None);
        found.into_iter().map(|secret| secret.kind).collect()
    };
    assert_eq!(
        kinds(text.clone()),
        [SecretKind::AwsAccessKeyId, SecretKind::AwsSecretKey]
    );
    let mut reversed: Vec<u8> = text[22..].to_vec();
    reversed.extend(b" AKIAQ7RPZ3LNWB2VXKTD");
    assert_eq!(
        kinds(reversed),
        [SecretKind::AwsSecretKey, SecretKind::AwsAccessKeyId]
    );
    // With its name as well, it is still one secret.
    let both = [
        b"aws_access_key_id=AKIAQ7RPZ3LNWB2VXKTD\naws_secret_access_key=",
        &text[22..],
    ]
    .concat();
    assert_eq!(
        kinds(both),
        [SecretKind::AwsAccessKeyId, SecretKind::AwsSecretKey]
    );
}

#[test]
fn random_bytes_hold_no_secret() {
    assert_eq!(find(&Memory::new(noise(48 << 20)), None), []);
    let text = random(8 << 20, CRYPT).into_bytes();
    assert_eq!(find(&Memory::new(text), None), []);
}

#[test]
fn what_is_made_to_take_long_does_not() {
    let hostile: &[&[u8]] = &[
        b"$6$",
        b"$6$a$",
        b"$argon2id$v=19$m=1$aaaaaaaaaaa$",
        b"-----BEGIN RSA PRIVATE KEY-----",
        b"-----BEGIN RSA PRIVATE KEY-----\n",
        b"-----BEGIN RSA PRIVATE KEY-----\na: b\n",
        b"PuTTY-User-Key-File-2: a\nEncryption: none\n",
        b"PRIVATE KEY",
        b"A",
        b"eyJ",
        b"eyJ ",
        b"eyJ.",
        b"ession_token",
        b"cret_access_key=\"",
        b"AKIAQ7RPZ3LNWB2VXKT ",
        b"://a:",
        b"://",
        b":::\n",
        b"a:",
        b"{SSHA}",
        b"glpat-",
        b"machine a.b login ",
        b"b3BlbnNzaC1rZXktdjEA\n",
    ];
    for unit in hostile {
        let bytes: Vec<u8> = unit.iter().copied().cycle().take(4 << 20).collect();
        let options = Options {
            secrets: true,
            ..Options::default()
        };
        let start = Instant::now();
        scan(&Memory::new(bytes), &[], &options).unwrap();
        let text = String::from_utf8_lossy(unit);
        assert!(start.elapsed() < Duration::from_secs(20), "{text}");
    }
}

#[test]
fn secrets_are_capped_and_that_is_said() {
    let bytes: Vec<u8> = b" AKIAQ7RPZ3LNWB2VXKTD"
        .iter()
        .copied()
        .cycle()
        .take(2 << 20)
        .collect();
    for workers in 1..4 {
        let options = Options {
            secrets: true,
            workers: NonZero::new(workers),
            ..Options::default()
        };
        let found = scan(&Memory::new(bytes.clone()), &[], &options).unwrap();
        assert!(found.secrets_truncated);
        let offsets = found.secrets.iter().map(|secret| secret.offset);
        assert!(offsets.eq((0..MAX_SECRETS as u64).map(|index| index * 21 + 1)));
    }
}

#[test]
fn secrets_are_looked_for_only_when_asked() {
    let text = b" AKIAQ7RPZ3LNWB2VXKTD ".to_vec();
    let found = scan(&Memory::new(text), &[], &Options::default()).unwrap();
    assert_eq!(found.secrets, []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Anywhere on a disk, most often across the border of two reads, whatever surrounds it and however many look.
    #[test]
    fn a_secret_is_found_wherever_it_lies(
        which in any::<prop::sample::Index>(),
        near in prop_oneof![Just(UNIT), Just(2 * UNIT), 5_000..(2 * UNIT)],
        back in 0_usize..4_700,
        holes in any::<bool>(),
        workers in 1_usize..4,
    ) {
        let samples = samples();
        let sample = which.get(&samples);
        let text = sample.text();
        let at = near - back;
        let mut bytes = match holes {
            true => vec![0; 3 * UNIT],
            // Bytes that no kind of secret knows.
            false => noise(3 * UNIT).into_iter().map(|byte| byte | 0x80).collect(),
        };
        bytes[at..at + text.len()].copy_from_slice(&text);
        let whole = Extent { offset: 0, length: bytes.len() as u64 };
        let only = Extent { offset: at as u64, length: text.len() as u64 };
        let source = Memory { bytes, written: vec![if holes { only } else { whole }] };
        prop_assert_eq!(find(&source, Some(workers)), [expected(sample, at)]);
    }
}
