//! Files, sequences and meetings among people of several protocols: B5, B6, B7, U6, U7.

use palabre::ids::ListenerId;
use palabre::time::Duration;
use serde_json::{Value, json};

use crate::crossing_talk::sits;
use crate::engine_words::text;
use crate::stories_client::Client;
use crate::stumtp_client::{Talker, served};
use crate::{msp_client, shen_client};

const STORIES: ListenerId = ListenerId(3);

fn file(seq: u64, name: &str, data: &str) -> String {
    let meta = json!({ "filename": name, "size": 3 });
    json!({ "type": "SEND_FILE", "seq": seq, "room": "public", "meta": meta, "data": data }).to_string()
}

/// What a frame of STUMTP says, without its numbers.
fn said(heard: &[String]) -> Vec<Value> {
    let texts = heard.iter().filter_map(|frame| frame.split_once(' ').map(|(_, text)| text));
    texts.filter_map(|text| serde_json::from_str(text).ok()).collect()
}

#[test]
fn b5_people_of_other_protocols_read_that_there_is_a_file() {
    let served = served();
    let alice = msp_client::Table::at(&served, ListenerId(1)).joins("alice");
    let sheng = sits(&shen_client::Table::at(&served, ListenerId(2)), "Sheng");
    let bob = Client::bar_at(&served, STORIES, "bob");
    served.forgets_all();
    let name = format!("{}.pdf", "é".repeat(80));
    bob.sends(&file(1, &name, "YWJj"));
    let shown = "é".repeat(60);
    assert_eq!(alice.gets().body, text(&format!("bob has sent the file {shown}… (3 bytes)")));
    let words = format!("bob a envoyé le fichier {shown}… (3 octets)");
    sheng.is_told(&words);
}

#[test]
fn b5_b6_u6_stumtp_shares_files_and_sequences_and_gets_no_message_it_cannot_carry() {
    let served = served();
    let bob = Client::quoted_at(&served, STORIES, "bob");
    let mut dora = Talker::signed_in(&served, "dora");
    bob.forgets();
    bob.sends(&file(1, "small", "YWJj"));
    bob.sends(&file(2, "large", &"YWJj".repeat(20_000)));
    let heard = said(&dora.heard());
    assert_eq!([&heard[0]["meta"]["size"], &heard[1]["meta"]["size"]], [&json!(3), &json!(60_000)]);
    dora.says(1, r#"{"type":"GET_FILE","seq":"x","filename":"small"}"#);
    dora.says(2, r#"{"type":"GET_FILE","seq":"y","filename":"large"}"#);
    let heard = said(&dora.heard());
    assert_eq!((&heard[0]["data"], &heard[0]["seq"]), (&json!("YWJj"), &json!("x")));
    assert_eq!((&heard[1]["code"], &heard[1]["seq"]), (&json!("too-long"), &json!("y")));

    dora.says(3, r#"{"type":"BEGIN_SEQUENCE","seq":9,"action":"VOTE","room":"public","details":"?"}"#);
    assert_eq!(said(&dora.heard()), [json!({ "type": "ACK", "seq": 9 })]);
    bob.forgets();
    // A session without connection is still there: its answer comes with the next one.
    dora.line.dies();
    bob.sends(r#"{"type":"VOTE","seq":9,"vote":"no"}"#);
    let mut again = dora.resumes(&served, 0);
    let done = json!({ "type": "COMPLETE", "seq": 9, "result": { "yes": 0, "no": 1, "absent": 0 } });
    assert_eq!(said(&again.heard()).last(), Some(&done));
}

#[test]
fn b7_stumtp_meets_stories_and_nobody_else() {
    let served = served();
    msp_client::Table::at(&served, ListenerId(1)).joins("alice");
    let bob = Client::quoted_at(&served, STORIES, "bob");
    let mut dora = Talker::signed_in(&served, "dora");
    bob.forgets();
    dora.says(1, r#"{"type":"P2P_REQUEST","to":"alice","port":4}"#);
    assert_eq!(said(&dora.heard())[0]["code"], "user");
    dora.says(2, r#"{"type":"P2P_REQUEST","to":"bob","port":4}"#);
    bob.sends(r#"{"type":"P2P_ACCEPT","from":"dora","port":5}"#);
    let token = said(&dora.heard())[0]["token"].as_str().unwrap().to_owned();
    served.passes(Duration::from_secs(10));
    bob.forgets();
    let relay =
        |size: usize| json!({ "type": "P2P_RELAY", "token": token, "data": "x".repeat(size) }).to_string();
    assert_eq!(bob.asks(&relay(60_000)), [""; 0]);
    assert_eq!(said(&dora.heard()).last().unwrap()["data"].as_str().unwrap().len(), 60_000);
    assert!(bob.asks(&relay(65_500))[0].contains(r#""code":"too-long""#));
}
