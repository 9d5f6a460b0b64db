//! What outlives the daemon: files and names in a directory.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use palabre::daemon::DirectoryStore;
use palabre::dialect::stories::json::Seq;
use palabre::engine::{ContentId, FileRecord, FileStore as _, StoreError};

use crate::program::Program;
use crate::talker::Talker;

/// A directory of this test's own, with nothing in it.
fn fresh(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("state-{test}"));
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => path,
    }
}

fn record(number: u64, bytes: &[u8]) -> FileRecord {
    FileRecord {
        number,
        seq: Seq::from(number),
        name: "../../été \"\n.txt".into(),
        room: Some("les amis".into()),
        uploader: "ana".into(),
        content: ContentId::of(bytes),
        size: bytes.len() as u64,
        crc32: crc32fast::hash(bytes),
    }
}

fn entries(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn b5_files_are_there_again_after_a_restart_under_the_hash_of_what_is_in_them() {
    let directory = fresh("restart");
    let (first, second, third) = (record(1, b"abc"), record(2, b"abc"), record(3, b"xyz"));
    let mut store = DirectoryStore::open(&directory).expect("a directory");
    assert_eq!(store.records(), Ok(vec![]));
    for (record, bytes) in [(&first, b"abc"), (&second, b"abc"), (&third, b"xyz")] {
        store.store(record, bytes.to_vec()).expect("there is room");
    }
    let mut names = vec!["1.json".into(), "2.json".into(), "3.json".into()];
    names.extend([first.content.to_string(), third.content.to_string()]);
    names.sort();
    assert_eq!(entries(&directory), names, "one content once, and no word of a stranger in a path");
    for name in names {
        let mode = fs::metadata(directory.join(name)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let mut store = DirectoryStore::open(&directory).expect("the same");
    assert_eq!(store.records(), Ok(vec![first.clone(), second.clone(), third.clone()]));
    assert_eq!(store.fetch(&second).expect("it is kept"), &b"abc"[..]);
    store.remove(&first).expect("it goes");
    assert_eq!(store.fetch(&second).expect("another file has the same"), &b"abc"[..]);
    assert_eq!(store.fetch(&first), Err(StoreError::Missing));
    store.remove(&second).expect("it goes");
    assert_eq!(entries(&directory), ["3.json".to_owned(), third.content.to_string()]);
}

#[test]
fn b5_what_is_torn_or_foreign_is_skipped_and_left_alone() {
    let directory = fresh("torn");
    let mut store = DirectoryStore::open(&directory).expect("a directory");
    let records: Vec<_> = (1..=5_u8).map(|number| record(number.into(), &[number; 9])).collect();
    for (record, number) in records.iter().zip(1..) {
        store.store(record, vec![number; 9]).expect("there is room");
    }
    let path = |name: &str| directory.join(name);
    fs::write(path("1.json"), b"{\"number\":1,").expect("a torn record");
    fs::write(path(&records[1].content.to_string()), b"short").expect("a torn content");
    fs::rename(path("3.json"), path("33.json")).expect("another name");
    fs::rename(path("4.json"), path("elsewhere")).expect("another name");
    symlink("elsewhere", path("4.json")).expect("a link");
    fs::write(path("7.json.tmp"), b"half").expect("an unfinished file");
    fs::create_dir(path("9.json")).expect("a directory");

    let mut store = DirectoryStore::open(&directory).expect("the same");
    assert_eq!(store.records(), Ok(vec![records[4].clone()]));
    assert_eq!(store.fetch(&records[0]), Err(StoreError::Missing));
    assert!(path("1.json").exists() && path("33.json").exists() && path("elsewhere").exists());
    assert!(!path("7.json.tmp").exists(), "that was ours");
}

#[test]
fn b5_a_content_is_never_read_nor_written_through_a_link() {
    let directory = fresh("links");
    let mut store = DirectoryStore::open(&directory).expect("a directory");
    let (record, outside) = (record(1, b"abc"), directory.with_extension("outside"));
    fs::write(&outside, b"abc").expect("a file outside");
    let content = directory.join(record.content.to_string());
    symlink(&outside, &content).expect("a link");
    symlink(&outside, content.with_added_extension("tmp")).expect("a link");
    store.store(&record, b"abc".to_vec()).expect("there is room");
    assert!(fs::symlink_metadata(&content).expect("it is there").is_file());
    assert_eq!(fs::read(&outside).expect("it is there"), b"abc");
    fs::remove_file(&content).expect("it is there");
    symlink(&outside, &content).expect("a link again");
    assert!(matches!(store.fetch(&record), Err(StoreError::Failed(_))));
}

#[test]
fn b5_what_cannot_be_written_is_an_error_and_nothing_of_it_is_kept() {
    let directory = fresh("full");
    let mut store = DirectoryStore::open(&directory).expect("a directory");
    // Where the record should go there is something that no file can replace.
    fs::create_dir(directory.join("1.json")).expect("a directory");
    let record = record(1, b"abc");
    assert!(matches!(store.store(&record, b"abc".to_vec()), Err(StoreError::Failed(_))));
    assert_eq!(
        (entries(&directory), store.fetch(&record)),
        (vec!["1.json".into()], Err(StoreError::Missing))
    );
}

/// A server of Shen's protocol with this directory, and where.
fn serve(directory: &str) -> (Program, std::net::SocketAddr) {
    let program = Program::start(&["serve", "--listen", "shen=127.0.0.1:0", "--state", directory]);
    let address = program.line().strip_prefix("listening shen ").and_then(|at| at.parse().ok());
    (program, address.expect("a ready line"))
}

#[test]
fn s7_names_belong_to_their_addresses_after_a_restart_too() {
    let directory = fresh("names");
    let state = directory.to_str().expect("a path in words");
    let (program, address) = serve(state);
    let lucy = Talker::with(address, "lucy", &["--protocol", "shen"]);
    lucy.ends_well();
    let other = Program::start(&["serve", "--listen", "shen=127.0.0.1:0", "--state", state]).end();
    assert!(other.code == Some(2) && other.err.concat().contains("another daemon uses"), "{other:?}");
    program.signal("TERM");
    assert_eq!(program.end().code, Some(0));
    let names = directory.join("names.jsonl");
    let saved = fs::read_to_string(&names).expect("it was saved");
    assert_eq!(saved, "{\"name\":\"lucy\",\"address\":\"127.0.0.1\"}\n");

    fs::write(&names, saved.replace("127.0.0.1", "192.0.2.1")).expect("it can be edited");
    let (_program, address) = serve(state);
    let shut_out =
        Program::start(&["chat", &address.to_string(), "--protocol", "shen", "--name", "lucy"]).end();
    assert!(shut_out.err.concat().contains("the name is taken"), "{shut_out:?}");
}

#[test]
fn s7_a_broken_file_of_names_is_told_with_its_line() {
    let directory = fresh("broken");
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join("names.jsonl"), "{\"name\":\"lucy\",\"address\":\"127.0.0.1\"}\nbob\n")
        .expect("a file");
    let state = directory.to_str().expect("a path in words");
    let ended = Program::start(&["serve", "--listen", "shen=127.0.0.1:0", "--state", state]).end();
    assert_eq!((ended.code, ended.err.len()), (Some(2), 1), "{ended:?}");
    assert!(ended.err.concat().contains("names.jsonl, line 2: it is no name"), "{ended:?}");
}
