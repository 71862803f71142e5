//! See `goleash::fuzzing::core`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| goleash::fuzzing::core(data));
