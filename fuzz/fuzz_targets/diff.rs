//! See `goleash::fuzzing::diff`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| goleash::fuzzing::diff(data));
