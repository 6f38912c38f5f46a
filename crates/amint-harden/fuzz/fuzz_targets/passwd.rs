//! The accounts.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| amint_harden_fuzz::passwd(input));
