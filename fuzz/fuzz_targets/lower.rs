//! See `goleash::fuzzing::lower`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| goleash::fuzzing::lower(data));
