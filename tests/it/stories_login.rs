//! Connections of Stories and who comes on them: B1, B3.

use palabre::engine::{Config, Departure, Dialect, DropReason, Event, Listener};
use palabre::time::Duration;
use proptest::prelude::*;

use crate::served::Served;
use crate::stories_client::{Client, Marks, framed, server};

const ROOMS: &str = r#"DISPLAY_ROOM "room1" "room2" "room3""#;

#[test]
fn b2_a_login_between_quotation_marks_gets_the_rooms_and_one_between_bars_nothing() {
    let served = server();
    let alice = Client::new(&served, Marks::Lengths);
    assert_eq!(alice.asks(r#"LOGIN "alice""#), [ROOMS]);
    let bob = Client::new(&served, Marks::Lengths);
    assert_eq!(bob.asks("login|bob"), [""; 0]);
    alice.heard([r#"SYSTEM "bob a rejoint le chat""#]);
    bob.heard([]);
    assert_eq!(alice.asks(r#"MSG "public" "alice" "hi""#), ["OK"]);
    bob.heard(["MSG|alice|hi"]);
}

#[test]
fn b1_a_connection_that_begins_with_capitals_speaks_and_is_answered_in_lines() {
    let served = server();
    let (alice, bob) = (Client::new(&served, Marks::Lines), Client::bar(&served, "bob"));
    assert_eq!(alice.asks("LOGIN \"alice\"\r"), [ROOMS]);
    bob.forgets();
    bob.sends("MSG|two\r\nlines\nQUIT");
    alice.heard([r#"MSG "public" "bob" "two  lines QUIT""#]);
    assert_eq!(alice.asks(r#"MSG "public" "alice" "hi""#), ["OK"]);
    bob.heard(["MSG|alice|hi"]);
}

#[test]
fn b1_three_capitals_and_a_space_are_a_length_and_too_long() {
    let served = server();
    let client = Client::new(&served, Marks::Lengths);
    client.line.sends(b"MSG ");
    assert!(matches!(&client.hears()[..], [text] if text.starts_with("ERROR")));
    assert!(client.line.is_closed());
    assert_eq!(served.dropped(DropReason::Malformed), 1);
}

#[test]
fn b1_what_is_not_utf8_or_too_long_is_an_error_and_the_end_and_the_others_see_one_go() {
    let served = server();
    let bob = Client::bar(&served, "bob");
    for bytes in [framed(b"MSG|\xff"), (24_u32 * 1024 * 1024 + 1).to_be_bytes().to_vec()] {
        let alice = Client::bar(&served, "alice");
        bob.forgets();
        alice.line.sends(&bytes);
        assert!(matches!(&alice.hears()[..], [text] if text.starts_with("ERROR|")));
        assert!(alice.line.is_closed());
        bob.heard(["SYSTEM|alice a quitté le chat"]);
    }
    let carol = Client::new(&served, Marks::Lines);
    carol.sends("LOGIN \"carol\"");
    carol.forgets();
    carol.line.sends(b"MSG \xc3\x28\n");
    assert!(matches!(&carol.hears()[..], [text] if text.starts_with("ERROR \"")));
    assert!(carol.line.is_closed());
}

#[test]
fn b1_half_a_frame_for_60_s_and_no_login_for_30_s_are_the_end() {
    let served = server();
    let (alice, late) = (Client::bar(&served, "alice"), Client::new(&served, Marks::Lengths));
    alice.line.sends(&framed(b"MSG|half")[..7]);
    served.passes(Duration::from_secs(29));
    assert!(!late.line.is_closed());
    served.passes(Duration::from_secs(1));
    assert!(matches!(&late.hears()[..], [text] if text.starts_with("ERROR|")));
    assert!(late.line.is_closed());
    served.passes(Duration::from_secs(29));
    assert!(!alice.line.is_closed());
    served.passes(Duration::from_secs(2));
    assert!(alice.line.is_closed());
}

#[test]
fn b1_one_connection_too_many_is_told_so() {
    let mut config = Config::new(vec![Listener::of(Dialect::Stories)]);
    config.limits.connections = 1;
    let served = Served::new(config);
    let _alice = Client::bar(&served, "alice");
    let bob = Client::new(&served, Marks::Lengths);
    assert!(matches!(&bob.hears()[..], [text] if text.starts_with("ERROR|")));
    assert!(bob.line.is_closed());
}

#[test]
fn b3_a_taken_name_is_refused_and_login_may_be_tried_again() {
    let served = server();
    let _alice = Client::quoted(&served, "alice");
    let other = Client::new(&served, Marks::Lengths);
    other.is_refused(r#"LOGIN "alice""#);
    assert_eq!(other.asks(r#"LOGIN "alicia""#), [ROOMS]);
    let third = Client::new(&served, Marks::Lengths);
    third.is_refused("LOGIN|alice");
    assert_eq!(third.asks("LOGIN|carol"), [""; 0]);
    other.heard([r#"SYSTEM "carol a rejoint le chat""#]);
}

#[test]
fn b3_a_name_has_1_to_32_bytes_without_bars_or_control_characters() {
    let served = server();
    let client = Client::new(&served, Marks::Lengths);
    for name in ["", &"a".repeat(33), &"é".repeat(17), "a\nb", "a|b", "a\u{7f}"] {
        client.is_refused(&format!("LOGIN \"{name}\""));
    }
    client.is_refused("LOGIN|");
    client.is_refused("LOGIN| ");
    client.is_refused("LOGIN|a|b");
    assert_eq!(client.asks(&format!("LOGIN \"{}\"", "é".repeat(16))), [ROOMS]);
    client.is_refused("LOGIN \"again\"");
}

#[test]
fn b3_before_the_login_nothing_else_is_done_in_either_style() {
    let served = server();
    let bob = Client::bar(&served, "bob");
    let client = Client::new(&served, Marks::Lengths);
    for text in
        ["MSG|hello", r#"MSG "public" "bob" "hello""#, "ROOM|den", r#"BYE "public" "bob""#, "DANCE", ""]
    {
        client.is_refused(text);
    }
    let answer = client.asks(r#"{"type":"GET_FILE","seq":1,"filename":"x"}"#);
    assert!(answer[0].contains(r#""type":"ERROR""#), "{answer:?}");
    bob.heard([]);
    client.sends("QUIT");
    assert!(client.line.is_closed());
}

#[test]
fn b3_the_name_is_free_again_however_one_goes() {
    let served = server();
    let bob = Client::bar(&served, "bob");
    for end in ["quits", "bye", "ends", "dies"] {
        let alice = Client::quoted(&served, "alice");
        bob.forgets();
        match end {
            "quits" => alice.sends("QUIT"),
            "bye" => assert_eq!(alice.asks(r#"BYE "public" "alice""#), ["OK"]),
            "ends" => alice.line.ends(),
            _ => alice.line.dies(),
        }
        bob.heard(["SYSTEM|alice a quitté le chat"]);
        assert_eq!(alice.line.is_closed(), end != "bye");
    }
    let events = served.events();
    let gone = events.iter().filter(|event| {
        matches!(event, Event::Departed { name, why: Departure::Disconnected, .. } if **name == *"alice")
    });
    assert_eq!(gone.count(), 4);
}

#[test]
fn b2_who_said_bye_in_the_public_room_may_sign_in_again_in_the_other_style() {
    let served = server();
    let alice = Client::quoted(&served, "alice");
    assert_eq!(alice.asks(r#"BYE "public" "alice""#), ["OK"]);
    alice.is_refused(r#"MSG "public" "alice" "hi""#);
    assert_eq!(alice.asks("LOGIN|alice"), [""; 0]);
    assert_eq!(alice.asks("ROOM|room1"), ["SYSTEM|alice a rejoint la room room1"]);
    assert_eq!(alice.asks("QUIT"), [""; 0]);
    let bob = Client::quoted(&served, "bob");
    bob.sends(r#"BYE "public" "bob""#);
    served.passes(Duration::from_secs(30));
    assert!(bob.line.is_closed(), "and has 30 s to do so");
}

/// What two people hear when one sends these bytes in these pieces.
fn outcome(stream: &[u8], cuts: &[usize]) -> (Vec<u8>, Vec<u8>) {
    let served = server();
    let (alice, bob) = (Client::new(&served, Marks::Lengths), Client::bar(&served, "bob"));
    let (mut rest, mut cuts) = (stream, cuts.iter().cycle());
    while !rest.is_empty() {
        let (piece, left) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
        alice.line.sends(piece);
        rest = left;
    }
    (alice.line.heard(), bob.line.heard())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn b1_however_the_stream_is_cut_everybody_hears_the_same(
        texts in proptest::collection::vec(
            prop_oneof![
                Just("ROOM|room1".to_owned()), Just("ROOM|public".to_owned()), Just("JOIN_ROOM \"room2\"".to_owned()),
                Just("MSG \"public\" \"alice\" \"x\"".to_owned()), Just("QUIT".to_owned()), Just("{\"".to_owned()),
                "MSG\\|\\PC{0,20}", "\\PC{0,20}",
            ],
            0..9,
        ),
        cuts in proptest::collection::vec(1_usize..30, 1..9),
        is_quoted in any::<bool>(),
        are_lines in any::<bool>(),
    ) {
        let login = if is_quoted { "LOGIN \"alice\"" } else { "LOGIN|alice" };
        let all = std::iter::once(login).chain(texts.iter().map(String::as_str));
        let stream: Vec<u8> = if are_lines {
            all.flat_map(|text| format!("{text}\n").into_bytes()).collect()
        } else {
            all.flat_map(|text| framed(text.as_bytes())).collect()
        };
        let whole = outcome(&stream, &[stream.len()]);
        prop_assert_eq!(&outcome(&stream, &cuts), &whole);
        prop_assert_eq!(&outcome(&stream, &[1]), &whole);
    }
}

#[test]
fn b1_a_first_line_that_never_ends_is_answered_in_a_line() {
    let mut config = Config::new(vec![Listener::of(Dialect::Stories)]);
    config.limits.max_frame = 100;
    let served = Served::new(config);
    let client = Client::new(&served, Marks::Lines);
    client.line.sends(&[b'A'; 101]);
    client.heard([r#"ERROR "trame trop longue""#]);
    assert!(client.line.is_closed());
}
