//! Files of Stories: B5.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palabre::engine::{
    Config, ContentId, Dialect, FileRecord, FileStore, Listener, MemoryStore, Server, StoreError,
};
use palabre::time::Duration;
use serde_json::{Value, json};

use crate::served::Served;
use crate::stories_client::{Client, server};

const NOT_FOUND: &str = "ERROR|Fichier introuvable";

fn send(seq: &Value, room: &str, name: &str, bytes: &[u8]) -> String {
    let meta = json!({ "filename": name, "size": bytes.len() });
    json!({ "type": "SEND_FILE", "seq": seq, "room": room, "meta": meta, "data": STANDARD.encode(bytes) })
        .to_string()
}

fn get(seq: &Value, name: &str) -> String {
    json!({ "type": "GET_FILE", "seq": seq, "filename": name }).to_string()
}

/// The only thing that was heard.
#[track_caller]
fn one(heard: &[String]) -> Value {
    assert!(matches!(heard, [_]), "{heard:?}");
    serde_json::from_str(&heard[0]).unwrap_or_else(|_| panic!("no JSON: {heard:?}"))
}

/// What was heard is this file.
#[track_caller]
fn is_file(heard: &[String], label: &str, bytes: &[u8]) {
    let found = one(heard);
    assert_eq!((&found["type"], &found["meta"]["filename"]), (&json!("SEND_FILE"), &json!(label)));
    assert_eq!(found["meta"]["size"], json!(bytes.len()));
    assert_eq!(STANDARD.decode(found["data"].as_str().unwrap()).unwrap(), bytes);
}

#[track_caller]
fn trio(served: &Served) -> (Client, Client, Client) {
    let people = (Client::bar(served, "alice"), Client::quoted(served, "bob"), Client::bar(served, "carol"));
    people.0.forgets();
    people.1.forgets();
    people
}

#[test]
fn b5_a_file_is_announced_to_the_others_and_given_to_whoever_asks() {
    let served = server();
    let (alice, bob, carol) = trio(&served);
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(alice.asks(&send(&json!(42), "public", "été.pdf", &bytes)), [""; 0]);
    let told = json!({
        "type": "FILE_AVAILABLE", "seq": 42, "room": "public", "uploader": "alice",
        "meta": { "filename": "été.pdf", "size": 256 },
    });
    assert_eq!(one(&bob.hears()), told);
    assert_eq!(one(&carol.hears()), told);
    for (seq, name) in [(json!(42), "été.pdf"), (json!(42), "42_été.pdf"), (json!("other"), "été.pdf")]
    {
        is_file(&carol.asks(&get(&seq, name)), "42_été.pdf", &bytes);
        let given = one(&bob.asks(&get(&seq, name)));
        assert_eq!((&given["seq"], &given["room"]), (&seq, &json!("public")));
    }
    is_file(&alice.asks(r#"{"type":"GET_FILE","filename":"été.pdf"}"#), "42_été.pdf", &bytes);
}

#[test]
fn b5_the_size_is_what_was_decoded_whatever_its_sender_says() {
    let served = server();
    let (alice, bob, _) = trio(&served);
    for size in [json!(0), json!(999_999_999_999_u64), Value::Null] {
        let meta = json!({ "filename": "f", "size": size });
        let file = json!({ "type": "SEND_FILE", "seq": 1, "room": "public", "meta": meta, "data": "YWJj" });
        assert_eq!(alice.asks(&file.to_string()), [""; 0]);
        assert_eq!(one(&bob.hears())["meta"], json!({ "filename": "f", "size": 3 }));
    }
    alice.sends(&send(&json!("empty"), "public", "empty", b""));
    bob.forgets();
    is_file(&bob.asks(&get(&json!("empty"), "empty")), "empty_empty", b"");
}

#[test]
fn b5_only_those_in_the_room_send_to_it_and_fetch_from_it() {
    let served = server();
    let (alice, bob, carol) = trio(&served);
    alice.sends("ROOM|room1");
    bob.sends(r#"JOIN_ROOM "room1""#);
    [&alice, &bob, &carol].iter().for_each(|client| client.forgets());
    alice.sends(&send(&json!(1), "room1", "secret", b"s"));
    assert_eq!(one(&bob.hears())["room"], "room1");
    carol.heard([]);
    assert_eq!(carol.asks(&get(&json!(1), "1_secret")), [NOT_FOUND]);
    assert!(carol.asks(&send(&json!(2), "room1", "f", b"x"))[0].starts_with("ERROR|"));
    let refused = one(&bob.asks(&send(&json!(2), "public", "f", b"x")));
    assert_eq!((&refused["code"], &refused["seq"]), (&json!("room"), &json!(2)));
    assert_eq!(one(&bob.asks(&get(&json!("a"), "nothing")))["code"], "not-found");
    is_file(&bob.asks(&get(&json!(1), "secret")), "1_secret", b"s");

    let stranger = Client::new(&served, crate::stories_client::Marks::Lengths);
    let heard = stranger.asks(&get(&json!(1), "secret"));
    assert!(heard.iter().all(|text| !text.contains("SEND_FILE")), "{heard:?}");
}

#[test]
fn b5_the_files_of_a_room_go_with_it() {
    let served = server();
    let (alice, bob, _) = trio(&served);
    alice.sends("ROOM|den");
    alice.sends(&send(&json!(1), "den", "f", b"first"));
    alice.sends("ROOM|public");
    [&alice, &bob].iter().for_each(|client| client.sends("ROOM|den"));
    [&alice, &bob].iter().for_each(|client| client.forgets());
    assert_eq!(alice.asks(&get(&json!(1), "f")), [NOT_FOUND]);
}

#[test]
fn b5_labels_are_only_words() {
    let served = server();
    let (alice, bob, _) = trio(&served);
    let longest = "n".repeat(255);
    for name in ["../../etc/passwd", "/etc/passwd", "C:\\x", "..", "a|b \"c\"", &longest] {
        assert_eq!(alice.asks(&send(&json!(1), "public", name, name.as_bytes())), [""; 0], "{name}");
        bob.forgets();
        is_file(&bob.asks(&get(&Value::Null, name)), &format!("1_{name}"), name.as_bytes());
    }
    for name in ["", "a\0b", "a\nb", "\u{7f}", &"n".repeat(300)] {
        let refused = alice.asks(&send(&json!(1), "public", name, b"x"));
        assert!(refused[0].starts_with("ERROR|nom de fichier invalide"), "{name:?}: {refused:?}");
        assert_eq!(one(&bob.asks(&send(&json!(7), "public", name, b"x")))["code"], "name");
    }
    assert_eq!(bob.hears(), [""; 0]);
}

#[test]
fn b5_bad_base64_is_refused_in_the_style_of_the_sender() {
    let served = server();
    let (alice, bob, carol) = trio(&served);
    for data in ["!!!!", "YWJ", "YWJj=", "YW Jj"] {
        let meta = json!({ "filename": "f", "size": 3 });
        let file = json!({ "type": "SEND_FILE", "seq": "s", "room": "public", "meta": meta, "data": data });
        assert!(alice.asks(&file.to_string())[0].starts_with("ERROR|"), "{data}");
        let refused = one(&bob.asks(&file.to_string()));
        assert_eq!((&refused["type"], &refused["seq"]), (&json!("ERROR"), &json!("s")));
    }
    carol.heard([]);
}

fn small() -> Config {
    let mut config = Config::new(vec![Listener::of(Dialect::Stories)]);
    (config.limits.max_file, config.limits.files, config.limits.file_bytes) = (10, 3, 25);
    config
}

#[test]
fn b5_the_oldest_go_first_and_a_large_one_is_refused() {
    let served = Served::new(small());
    let (alice, bob, _) = trio(&served);
    assert_eq!(alice.asks(&send(&json!(0), "public", "f", &[7; 11])), ["ERROR|fichier trop grand"]);
    let is_there =
        |number: u64| !alice.asks(&get(&json!(0), &format!("{number}_f"))).contains(&NOT_FOUND.to_owned());
    for number in 1..=4_u64 {
        alice.sends(&send(&json!(number), "public", "f", &[7; 5]));
    }
    assert_eq!([1, 2, 3, 4].map(is_there), [false, true, true, true], "three files");
    alice.sends(&send(&json!(5), "public", "f", &[7; 10]));
    alice.sends(&send(&json!(6), "public", "f", &[7; 10]));
    assert_eq!([3, 4, 5, 6].map(is_there), [false, true, true, true], "25 bytes");
    bob.forgets();
    is_file(&bob.asks(&get(&json!("x"), "f")), "6_f", &[7; 10]);
}

/// A disk that outlives a server, and decays when it is told to.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<(MemoryStore, bool)>>);

impl FileStore for Disk {
    fn records(&mut self) -> Result<Vec<FileRecord>, StoreError> {
        self.0.lock().unwrap().0.records()
    }

    fn store(&mut self, record: &FileRecord, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.0.lock().unwrap().0.store(record, bytes)
    }

    fn fetch(&mut self, record: &FileRecord) -> Result<Cow<'_, [u8]>, StoreError> {
        let mut disk = self.0.lock().unwrap();
        let decays = disk.1;
        let mut bytes = disk.0.fetch(record)?.into_owned();
        if decays {
            bytes[0] ^= 1;
        }
        Ok(Cow::Owned(bytes))
    }

    fn remove(&mut self, record: &FileRecord) -> Result<(), StoreError> {
        self.0.lock().unwrap().0.remove(record)
    }
}

fn start(disk: &Disk) -> Served {
    let config = Config::new(vec![Listener::of(Dialect::Stories)]);
    Served::of(config.clone(), Server::new(config, 7).with_store(Box::new(disk.clone())))
}

#[test]
fn b5_files_of_lasting_rooms_outlive_the_server_and_damage_is_noticed() {
    let disk = Disk::default();
    let (alice, _, _) = trio(&start(&disk));
    alice.sends(&send(&json!(1), "public", "f", b"public"));
    alice.sends("ROOM|room2");
    alice.sends(&send(&json!(2), "room2", "f", b"room2"));
    alice.sends("ROOM|den");
    alice.sends(&send(&json!(3), "den", "f", b"den"));
    let records = disk.clone().records().unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(records[1].content, ContentId::of(b"room2"));

    let (alice, bob, _) = trio(&start(&disk));
    assert_eq!(disk.clone().records().unwrap().len(), 2, "nobody can be in the den any more");
    is_file(&alice.asks(&get(&json!(1), "f")), "1_f", b"public");
    alice.sends("ROOM|room2");
    alice.forgets();
    is_file(&alice.asks(&get(&json!(2), "f")), "2_f", b"room2");
    disk.0.lock().unwrap().1 = true;
    bob.forgets();
    assert_eq!(one(&bob.asks(&get(&json!(1), "f")))["code"], "damaged");
    assert_eq!(one(&bob.asks(&get(&json!(1), "f")))["code"], "not-found");
    assert_eq!(disk.clone().records().unwrap().len(), 1);
}

#[test]
fn b5_a_slow_reader_gets_his_large_file_and_others_do_not_wait() {
    let served = server();
    let (alice, bob, carol) = trio(&served);
    let large = vec![0x5a; 6 << 20];
    alice.sends(&send(&json!(1), "public", "large", &large));
    [&bob, &carol].iter().for_each(|client| client.forgets());
    carol.line.reads(false);
    alice.sends("MSG|something small that waits");
    carol.sends(&get(&json!(1), "large"));
    carol.sends("MSG|later");
    assert!(!carol.line.is_closed() && !carol.line.is_read());
    assert_eq!(bob.hears(), [r#"MSG "public" "alice" "something small that waits""#]);
    served.passes(Duration::from_secs(5));
    carol.line.reads(true);
    let heard = carol.hears();
    assert_eq!(heard[0], "MSG|alice|something small that waits");
    is_file(&heard[1..2], "1_large", &large);
    assert_eq!(bob.hears(), [r#"MSG "public" "carol" "later""#]);
}
