//! See `goleash::fuzzing::outline`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| goleash::fuzzing::outline(data));
