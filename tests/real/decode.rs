//! `palabre decode`: what it prints, and its exit code.

use serde_json::{Value, json};

use crate::program::{Ended, Program};

const TEXTE: &str = "78080018003b137b73537bab90";

#[track_caller]
fn decode(arguments: &[&str]) -> Ended {
    decode_lines(arguments, b"")
}

#[track_caller]
fn decode_lines(arguments: &[&str], input: &[u8]) -> Ended {
    decode_as("msp", arguments, input)
}

#[track_caller]
fn decode_as(protocol: &str, arguments: &[&str], input: &[u8]) -> Ended {
    Program::start_with(&[&["decode", "--protocol", protocol], arguments].concat(), input).end()
}

#[test]
fn a_datagram_is_shown_field_by_field() {
    let ended = decode(&["08 00 00 0b 0b 63 4b 1b 29 18"]);
    let table = "\
CONNEXION, 10 bytes
    bit   bits  field      value  meaning
      0      5  TYPE       1      CONNEXION
      5      8  ID_USER    0
     13     16  NUM_SEQ    1
     29     48  USER_NAME  \"alice\"
     77      3  padding    0";
    assert_eq!((ended.code, ended.out.join("\n")), (Some(0), table.into()));
}

#[test]
fn m3_what_is_malformed_is_shown_as_far_as_it_goes() {
    let ended = decode(&["7808001800ff", TEXTE]);
    assert_eq!(ended.code, Some(1), "one of two");
    let fault = "malformed: at bit 45, CHAT: 248 bits are wanted, 3 are left";
    assert_eq!((ended.out[5].trim_start(), &*ended.out[6]), ("29     16  CHAT_LONGUEUR  31", fault));
    assert_eq!(
        (&*ended.out[7], &*ended.out[8]),
        ("", "TEXTE, 13 bytes"),
        "the next one is shown all the same"
    );
}

#[test]
fn hex_is_read_as_people_paste_it() {
    let plain = decode(&["08080010"]).out;
    for arguments in [
        &["0x08080010"][..],
        &["08:08:00:10"],
        &["0x08 0x08 0x00 0x10"],
        &["08", "08", "00", "10"],
        &[" 0808 0010 "],
    ] {
        let ended = decode(arguments);
        assert_eq!((ended.code, ended.out), (Some(0), plain.clone()), "{arguments:?}");
    }
    let ended = decode(&["0808001"]);
    assert_eq!((ended.code, &*ended.out[1]), (Some(1), "not hex: \"0808001\" ends with half a byte"));
}

#[test]
fn standard_input_has_one_datagram_a_line_blank_lines_and_comments() {
    let input = format!("# two of them\n\n{TEXTE} # the first\n  \n08 08 00 10");
    let ended = decode_lines(&[], input.as_bytes());
    let titles: Vec<&str> = ended.out.iter().map(String::as_str).filter(|line| line.contains(", ")).collect();
    assert_eq!((ended.code, titles), (Some(0), vec!["TEXTE, 13 bytes", "CONNEXION, 4 bytes"]));
    assert_eq!(decode_lines(&[], b"08 08 00 10\n\xff\n").code, Some(1));
    assert_eq!(decode_lines(&[], b"").code, Some(0));
}

#[test]
fn with_json_each_line_is_an_object() {
    let ended = decode_lines(&["--json"], format!("{TEXTE}\n7808001800ff\nzz\n").as_bytes());
    assert_eq!(ended.code, Some(1));
    let objects: Vec<Value> = ended.out.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [good, short, no_hex] = objects.as_slice() else { panic!("{objects:?}") };
    assert_eq!(
        (&good["input"], &good["message"], &good["error"]),
        (&json!(TEXTE), &json!("TEXTE"), &Value::Null)
    );
    let texte = json!({ "bit": 45, "bits": 56, "name": "CHAT", "value": "bonjour", "meaning": null });
    assert_eq!(good["fields"][4], texte);
    assert_eq!(good["fields"][0]["meaning"], "TEXTE");
    let why = "248 bits are wanted, 3 are left";
    assert_eq!(short["error"], json!({ "bit": 45, "field": "CHAT", "why": why }));
    assert_eq!(short["fields"].as_array().map(Vec::len), Some(4));
    assert_eq!(no_hex["error"]["why"], "not hex: 'z' is not a hex digit");
    assert_eq!((&no_hex["input"], &no_hex["message"]), (&json!("zz"), &Value::Null));
}

#[test]
fn m16_the_checksum_is_checked_and_shown() {
    let good = decode(&["--integrity", "crc32", "08080010f754b62f"]);
    assert_eq!(good.code, Some(0), "{:?}", good.out);
    let trailer: Vec<_> = good.out.last().unwrap().split_whitespace().collect();
    assert_eq!(trailer, ["32", "32", "CRC-32", "f754b62f", "matches"]);

    let bad = decode(&["--integrity", "crc32", "08080010f754b62e"]);
    let fault = "malformed: at bit 32, CRC-32: f754b62e is there, f754b62f is right";
    assert_eq!((bad.code, bad.out.last().map(String::as_str)), (Some(1), Some(fault)));
    let short = decode(&["--integrity", "crc32", "0808"]);
    let fault = "malformed: at bit 0, CRC-32: 32 bits are wanted, 16 are left";
    assert_eq!((short.code, short.out.last().map(String::as_str)), (Some(1), Some(fault)));
}

#[test]
fn nothing_from_the_wire_commands_the_terminal_and_long_texts_fit_80_columns() {
    let text = format!("\u{1b}[2J\u{9b}2J\u{202e}{}", "é".repeat(200));
    let message = palabre::dialect::msp::Message {
        user: 1,
        seq: 1,
        body: palabre::dialect::msp::Body::Text { text: text.as_str().into(), order: None },
    };
    let mut bytes = Vec::new();
    message.encode(&mut bytes).unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();

    let table = decode(&[&hex]);
    assert!(table.out.iter().all(|line| line.chars().count() <= 80), "{:#?}", table.out);
    assert!(table.out.len() > 8 && !table.out.concat().contains(['\u{1b}', '\u{9b}', '\u{202e}']));
    let json = decode(&["--json", &hex]).out.concat();
    assert!(json.is_ascii() && !json.contains('\u{1b}'), "{json}");
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["fields"][4]["value"], text);
}

#[test]
fn s1_a_datagram_of_shens_is_shown_with_the_names_of_its_protocol() {
    let relayed = "0105c1400000426f6e6a6f75722c205368656e6720656e766f6965";
    let ended = decode_as("shen", &[relayed], b"");
    let table = "\
Serveur diffuse un message, 27 bytes
    bit   bits  field        value  meaning
      0     10  NUM_SEQ      4
     10      8  TYPE         23     Serveur diffuse un message
     18     10  TEXT_LENGTH  20     21 bytes
     28     10  EMITTER      0
     38     10  RECEIVER     0
     48    168  TEXT         \"Bonjour, Sheng envoie\"";
    assert_eq!((ended.code, ended.out.join("\n")), (Some(0), table.into()));

    let list = decode_as("shen", &["00c740d0000020e7075626c697175652c204c7563790"], b"");
    assert_eq!(list.out[3], "     10      8  TYPE         29     Liste d'utilisateur");

    let reserved = decode_as("shen", &["004600080000"], b"");
    let fault = "malformed: at bit 28, STATE: the value 2 is reserved";
    assert_eq!((reserved.code, reserved.out.last().map(String::as_str)), (Some(1), Some(fault)));
    assert_eq!(reserved.out[0], "Invitation à une messagerie privée, 6 bytes");
}

#[test]
fn s14_a_text_that_is_not_utf8_is_shown_in_hex_and_as_it_is_read() {
    let dissolved = "01c28256d616e6167657220646973736f75206365747465206d6573736167657269652070726976e9650";
    let ended = decode_as("shen", &[dissolved], b"");
    assert_eq!(ended.code, Some(0));
    assert!(ended.out.iter().all(|line| line.chars().count() <= 80), "{:#?}", ended.out);
    let lines: Vec<_> = ended.out.iter().map(|line| line.trim()).collect();
    assert!(lines.contains(&"Latin-1: manager dissou cette messagerie privée"), "{lines:#?}");
    let json: Value =
        serde_json::from_str(&decode_as("shen", &["--json", dissolved], b"").out.concat()).unwrap();
    assert_eq!(json["fields"][3]["value"]["hex"].as_str().map(str::len), Some(76));
    assert_eq!(json["message"], "ACK");
}

#[test]
fn u1_a_unit_of_a_stream_is_shown_with_its_marks() {
    let ended = decode_as("stumtp", &["01 34 32 06 37 02 63 61 66 c3 a9 03"], b"");
    let table = "\
numbered text, 12 bytes
    bit   bits  field         value  meaning
      0      8  SOH           1
      8     16  id            42
     24      8  ACK           6
     32      8  acknowledged  7
     40      8  STX           2
     48     40  text          \"café\"
     88      8  ETX           3";
    assert_eq!((ended.code, ended.out.join("\n")), (Some(0), table.into()));

    let refused = decode_as("stumtp", &["01 34 32 02 63 06 03"], b"");
    let fault = "malformed: at bit 40, text: the value 6 is reserved";
    assert_eq!((refused.code, refused.out.last().map(String::as_str)), (Some(1), Some(fault)));
}

#[test]
fn a6_a_piece_of_a_stream_is_shown_message_by_message() {
    let stream = "00000001 00000005 4d696e6f75 00000002 01 00000005 00000005 4d696e6f75 00000005";
    let ended = decode_as("matou", &[stream], b"");
    let tables = "\
COREQ, 13 bytes
    bit   bits  field         value  meaning
      0     32  Type          1      COREQ
     32     32  SizeUsername  5
     64     40  Username      \"Minou\"

CORES, 5 bytes
    bit   bits  field        value  meaning
      0     32  Type         2      CORES
     32      8  Acceptation  1      accepted

MSGBC, 17 bytes
    bit   bits  field         value  meaning
      0     32  Type          5      MSGBC
     32     32  SizeUsername  5
     64     40  Username      \"Minou\"
    104     32  SizeMessage   5
malformed: at bit 136, Message: 40 bits are wanted, 0 are left";
    assert_eq!((ended.code, ended.out.join("\n")), (Some(1), tables.into()));
    let ended = decode_as("matou", &["--json", "0000000f00000010"], b"");
    assert_eq!((ended.code, ended.out.len()), (Some(0), 2));
}

#[test]
fn without_a_protocol_it_says_what_is_missing() {
    let ended = Program::start(&["decode", "00"]).end();
    assert_eq!((ended.code, ended.err.len()), (Some(2), 1));
    assert!(ended.err[0].contains("--protocol"), "{:?}", ended.err);
}

#[test]
fn b1_frames_of_stories_are_shown_one_after_the_other_and_broken_json_is_malformed() {
    let frames = "0000000a 4c4f47494e7c616c6963 00000002 4f4b";
    let ended = decode_as("stories", &[frames], b"");
    let names: Vec<_> = ended.out.iter().map(String::as_str).filter(|line| line.contains(" byte")).collect();
    assert_eq!((ended.code, names), (Some(0), vec!["LOGIN, 14 bytes", "OK, 6 bytes"]));

    let good = decode_as("stories", &["00000002 7b7d"], b"");
    assert_eq!((good.code, &*good.out[0]), (Some(0), "JSON, 6 bytes"));
    let bad = decode_as("stories", &["00000002 7b7b"], b"");
    let fault = "malformed: at bit 32, JSON: not a JSON object";
    assert_eq!((bad.code, bad.out.last().map(String::as_str)), (Some(1), Some(fault)));
}
