//! Feeds what libFuzzer invents to the body that `cargo test` runs over the corpus.
#![no_main]

#[path = "../../tests/it/bodies/replay_tell.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
