//! See `goleash::fuzzing::sarif`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| goleash::fuzzing::sarif(data));
