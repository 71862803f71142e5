//! See `goleash::fuzzing::configuration`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| goleash::fuzzing::configuration(data));
