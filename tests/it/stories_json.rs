//! The JSON messages of Stories: hostile texts, and what comes back as it went (B5 to B8).

use palabre::dialect::stories::json::{
    Begin, Claimed, FileBytes, MOST_PLAIN, Meta, Reply, Request, SentFile, Seq, Vote, Wrong,
};
use proptest::prelude::*;
use serde_json::json;

fn wrong(text: &str) -> (Wrong, Option<Seq>) {
    let fault = Request::parse(text).expect_err(text);
    assert!(!fault.words.is_empty());
    (fault.wrong, fault.seq)
}

#[test]
fn b8_what_is_no_object_is_an_error_with_nothing_to_quote() {
    let deep = format!("{{\"type\":\"VOTE\",\"seq\":1,\"x\":{}", "[".repeat(1 << 20));
    let lone = r#"{"type":"VOTE","seq":"\ud800","vote":"yes"}"#;
    for text in [
        "",
        "{",
        "[]",
        "[\"VOTE\",1,\"yes\"]",
        "null",
        "7",
        "\"VOTE\"",
        "{}{}",
        "{'type':'VOTE'}",
        &deep,
        lone,
    ] {
        assert_eq!(wrong(text).1, None, "{text:.60}");
    }
    let trailing = r#"{"type":"VOTE","seq":1,"vote":"yes"} x"#;
    assert_eq!(wrong(trailing).0, Wrong::NotJson);
}

#[test]
fn b8_an_error_does_not_quote_all_that_is_wrong() {
    let long = "\\u0001".repeat(100_000);
    for text in [
        format!(r#"{{"type":"SEND_FILE","seq":1,"room":"r","meta":"{long}","data":""}}"#),
        format!(r#"{{"type":"VOTE","seq":1,"vote":"{}"}}"#, "é".repeat(100_000)),
        format!(r#"{{"type":"VOTE","seq":1,"from":{{}},"vote":"{long}"}}"#),
    ] {
        let fault = Request::parse(&text).expect_err("no such request");
        assert!(fault.words.chars().count() <= 201, "{} bytes", fault.words.len());
    }
}

#[test]
fn b8_b11_a_request_that_can_be_named_is_named_in_its_error() {
    let one = Some(Seq::from(1));
    for (text, why) in [
        (r#"{"type":"DANCE","seq":1}"#, Wrong::UnknownType),
        (r#"{"type":"vote","seq":1,"vote":"yes"}"#, Wrong::UnknownType),
        (r#"{"type":"VOTE","seq":1}"#, Wrong::Fields),
        (r#"{"type":"VOTE","seq":1,"vote":"maybe"}"#, Wrong::Fields),
        (r#"{"type":"VOTE","seq":1,"vote":true}"#, Wrong::Fields),
        (r#"{"type":"VOTE","seq":1,"vote":"yes","vote":"no"}"#, Wrong::Fields),
        (r#"{"type":"CONFIRM","seq":1,"ok":"yes"}"#, Wrong::Fields),
        (r#"{"type":"P2P_REQUEST","seq":1,"to":"bob","port":0}"#, Wrong::Fields),
        (r#"{"type":"P2P_REQUEST","seq":1,"to":"bob","port":65536}"#, Wrong::Fields),
        (r#"{"type":"P2P_REQUEST","seq":1,"to":"bob","port":-1}"#, Wrong::Fields),
        (r#"{"type":"SEND_FILE","seq":1,"room":"r","meta":[],"data":""}"#, Wrong::Fields),
        (
            r#"{"type":"SEND_FILE","seq":1,"room":"r","meta":{"filename":"f","size":-1},"data":""}"#,
            Wrong::Fields,
        ),
    ] {
        assert_eq!(wrong(text), (why, one.clone()), "{text}");
    }
    let nested = format!(
        r#"{{"type":"BEGIN_SEQUENCE","seq":1,"action":"VOTE","details":{}0{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    assert_eq!(wrong(&nested), (Wrong::Fields, one.clone()));
    let huge = r#"{"type":"BEGIN_SEQUENCE","seq":1,"action":"VOTE","timeout":1e999}"#;
    assert!(Request::parse(huge).is_err());
    let long = format!(r#"{{"type":"VOTE","seq":1,"vote":"yes","x":"{}"}}"#, "x".repeat(MOST_PLAIN));
    assert_eq!(wrong(&long), (Wrong::TooLong, one));
}

#[test]
fn b6_a_seq_is_an_integer_or_a_short_string_and_nothing_else() {
    for seq in ["0", "-7", "18446744073709551615", "\"\"", "\"7\"", "\"é\"", "-9223372036854775808"] {
        let text = format!(r#"{{"type":"VOTE","seq":{seq},"vote":"yes","unknown":[1,{{}}]}}"#);
        let Ok(Request::Vote(Vote { seq: read, .. })) = Request::parse(&text) else { panic!("{text}") };
        assert_eq!(serde_json::to_string(&read).unwrap(), seq);
    }
    let long = format!("\"{}\"", "x".repeat(65));
    for seq in ["1.5", "1e3", "null", "true", "[1]", "{}", "18446744073709551616", &long] {
        let text = format!(r#"{{"type":"VOTE","seq":{seq},"vote":"yes"}}"#);
        assert_eq!(wrong(&text), (Wrong::Fields, None), "{text}");
    }
    assert_ne!(Seq::from(7), Seq::from("7"));
    assert!(Request::parse(r#"{"type":"VOTE","seq":1,"seq":1,"vote":"yes"}"#).is_err());
}

#[test]
fn b5_data_is_standard_base64_with_its_padding() {
    let file = |data: &str| {
        format!(r#"{{"type":"SEND_FILE","seq":1,"room":"r","meta":{{"filename":"f"}},"data":"{data}"}}"#)
    };
    let Ok(Request::SendFile(read)) = Request::parse(&file("+/8AAQ==")) else { panic!("good base64") };
    assert_eq!(read.data, FileBytes(vec![0xfb, 0xff, 0x00, 0x01]));
    for data in ["+/8AAQ", "+/8AAQ=", "-_8AAQ==", "+/8AAR==", "+/8A AQ==", "=", "é", "+/8AAQ==+/8AAQ=="] {
        assert_eq!(wrong(&file(data)), (Wrong::Fields, Some(Seq::from(1))), "{data}");
    }
}

fn seqs() -> impl Strategy<Value = Seq> {
    prop_oneof![
        any::<u64>().prop_map(Seq::from),
        any::<i64>().prop_map(|number| Seq::Number(number.into())),
        "\\PC{0,16}".prop_map(Seq::Text),
    ]
}

proptest! {
    #[test]
    fn b5_b6_what_is_written_is_read_the_same(
        seq in seqs(), text in any::<String>(), bytes: Vec<u8>, quarters in 0..10_000u32,
    ) {
        let meta = Meta { filename: text.clone(), size: Some(3) };
        let file = SentFile { seq: seq.clone(), room: text.clone(), meta, data: FileBytes(bytes) };
        let details = json!({ "a": [text.clone(), null, 1], "b": { "c": true } });
        let begin = Begin {
            seq, action: text.clone(), room: None, to: Some(text.clone()), details, timeout: Some(f64::from(quarters) / 4.0),
        };
        for request in [
            Request::SendFile(file.clone()),
            Request::BeginSequence(begin),
            Request::P2pHello(Claimed { token: text }),
        ] {
            prop_assert_eq!(Request::parse(&request.text()), Ok(request));
        }
        let reply = Reply::SendFile(file);
        prop_assert_eq!(Reply::parse(&reply.text()), Ok(reply));
    }

    #[test]
    fn b8_no_text_does_harm(text in any::<String>(), cut in 0..400usize, bytes: Vec<u8>) {
        let _ = Request::parse(&text);
        let good = r#"{"type":"BEGIN_SEQUENCE","seq":"a","action":"VOTE","details":{"x":[1,2.5,"\u00e9"]},"timeout":30}"#;
        let cut = cut.min(good.len());
        prop_assert_eq!(Request::parse(&good[..cut]).is_ok(), cut == good.len());
        let mut spoilt = good.as_bytes().to_vec();
        for (at, byte) in bytes.iter().enumerate() {
            let at = (at * 31 + usize::from(*byte)) % spoilt.len();
            spoilt[at] = *byte;
        }
        if let Ok(text) = core::str::from_utf8(&spoilt) {
            let _ = Request::parse(text);
            let _ = Reply::parse(text);
        }
    }
}
