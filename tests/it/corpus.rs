//! The fuzz targets without a fuzzer: each runs over its committed corpus.
//!
//! In: the files of `fuzz/corpus`. Out: nothing, or the file that breaks a law. Must not know the laws: the bodies do.
//!
//! `cargo +nightly fuzz run <target>` looks for new ones; the bodies are the same functions.

use std::path::Path;

use proptest::prelude::*;

use crate::bodies::{
    capture_read, client_ops, engine_five, engine_ops, matou_decode, msp_decode, shen_decode,
};
use crate::bodies::{replay_tell, stories_decode, stumtp_decode};

#[test]
fn every_datagram_of_the_corpus_keeps_the_laws_of_the_codecs() {
    replay("matou_decode", matou_decode::run);
    replay("msp_decode", msp_decode::run);
    replay("shen_decode", shen_decode::run);
    replay("stories_decode", stories_decode::run);
    replay("stumtp_decode", stumtp_decode::run);
}

#[test]
fn every_file_of_the_corpus_keeps_the_laws_of_captures() {
    replay("capture_read", capture_read::run);
    replay("replay_tell", replay_tell::run);
}

#[test]
fn every_story_of_the_corpus_keeps_the_laws_of_the_server() {
    replay("engine_five", engine_five::run);
    replay("engine_ops", engine_ops::run);
}

#[test]
fn every_story_of_the_corpus_keeps_the_laws_of_the_client() {
    replay("client_ops", client_ops::run);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_story_breaks_a_law_of_the_client(story in proptest::collection::vec(any::<u8>(), 0..1_000)) {
        client_ops::run(&story);
    }

    #[test]
    fn no_story_breaks_a_law_of_the_server_of_five(story in proptest::collection::vec(any::<u8>(), 0..1_500)) {
        engine_five::run(&story);
    }

    #[test]
    fn no_bytes_break_a_law_of_the_codecs(datagram in proptest::collection::vec(any::<u8>(), 0..100)) {
        matou_decode::run(&datagram);
        msp_decode::run(&datagram);
        shen_decode::run(&datagram);
        stories_decode::run(&datagram);
        stumtp_decode::run(&datagram);
    }
}

/// Runs a body over the files of its corpus, and says which one it was at when it panics.
#[expect(clippy::print_stdout, reason = "shown when a body panics: it is the file to look at")]
fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 10, "{} has only {} files", folder.display(), files.len());
    for file in files {
        println!("{}", file.display());
        body(&std::fs::read(&file).unwrap());
    }
}
