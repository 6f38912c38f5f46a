//! Secrets by their shape. Inputs worth starting from: one of each kind, as in `tests/disks/secrets.rs`.

#![no_main]

use amint_inspect::search::{Options, Secret, scan};
use amint_inspect::{BlockSource, Extent, ReadError};
use libfuzzer_sys::fuzz_target;

/// The fuzzer's bytes after some bytes that mean nothing.
struct Shifted<'a> {
    before: u64,
    bytes: &'a [u8],
}

impl BlockSource for Shifted<'_> {
    fn size(&self) -> u64 {
        self.before + self.bytes.len() as u64
    }

    fn written(&self) -> Result<Vec<Extent>, ReadError> {
        Ok(vec![Extent { offset: 0, length: self.size() }])
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        for (byte, position) in buffer.iter_mut().zip(offset..) {
            let index = position.checked_sub(self.before).map(|index| index as usize);
            *byte = index.and_then(|index| self.bytes.get(index).copied()).unwrap_or(0);
        }
        Ok(())
    }
}

fuzz_target!(|input: &[u8]| {
    let found = |before: u64| -> Vec<Secret> {
        let source = Shifted { before, bytes: input };
        let options = Options { secrets: true, ..Options::default() };
        let secrets = scan(&source, &[], &options).expect("readable").secrets;
        let relative = secrets.into_iter().map(|secret| Secret { offset: secret.offset - before, ..secret });
        relative.collect()
    };
    // What is found lies on the disk, and does not depend on where reads begin and end.
    let at_start = found(4096);
    let length = input.len() as u64;
    assert!(at_start.iter().all(|secret| secret.length > 0 && secret.offset + secret.length <= length));
    assert_eq!(at_start, found(512 * 1024 - length / 2));
});
