//! See `goleash::fuzzing::suppressions`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| goleash::fuzzing::suppressions(data));
