//! sshd's configuration. Inputs worth starting from: the files that distributions ship, with zero bytes between them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| amint_harden_fuzz::sshd_config(input));
