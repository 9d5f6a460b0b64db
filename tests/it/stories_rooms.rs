//! Rooms and talk among people of Stories: B2, B3, B4, B8, B9, B10.

use palabre::engine::{Config, Dialect, Listener};
use palabre::time::Duration;

use crate::served::Served;
use crate::stories_client::{Client, Marks, server};

#[test]
fn b2_who_changes_rooms_is_seen_by_those_he_leaves_and_those_he_joins() {
    let served = server();
    let (alice, bob, carol) =
        (Client::bar(&served, "alice"), Client::quoted(&served, "bob"), Client::bar(&served, "carol"));
    assert_eq!(bob.asks(r#"JOIN_ROOM "room1""#).last().map(String::as_str), Some("OK"));
    [&alice, &carol].iter().for_each(|client| client.forgets());

    assert_eq!(alice.asks("ROOM|room1"), ["SYSTEM|alice a rejoint la room room1"]);
    bob.heard([r#"SYSTEM "alice a rejoint la room room1""#]);
    carol.heard(["SYSTEM|alice a quitté la room public"]);
    assert_eq!(alice.asks("MSG|between us"), [""; 0]);
    bob.heard([r#"MSG "room1" "alice" "between us""#]);
    carol.heard([]);
    assert_eq!(bob.asks(r#"MSG "room1" "bob" "yes""#), ["OK"]);
    alice.heard(["MSG|bob|yes"]);

    assert_eq!(alice.asks("ROOM|public"), ["SYSTEM|alice a rejoint la room public"]);
    bob.heard([r#"SYSTEM "alice a quitté la room room1""#]);
    carol.heard(["SYSTEM|alice a rejoint la room public"]);
    assert_eq!(bob.asks(r#"JOIN_ROOM "public""#), ["OK"]);
    carol.heard(["SYSTEM|bob a rejoint la room public"]);
    assert_eq!(alice.asks("JOIN_ROOM|room2").last().unwrap(), "SYSTEM|alice a rejoint la room room2");
}

#[test]
fn b2_who_goes_is_seen_by_those_in_his_room_in_their_own_style() {
    let served = server();
    let (alice, bob, carol) =
        (Client::bar(&served, "alice"), Client::quoted(&served, "bob"), Client::bar(&served, "carol"));
    [&alice, &bob].iter().for_each(|client| client.sends("ROOM|room1"));
    [&alice, &bob, &carol].iter().for_each(|client| client.forgets());
    alice.sends("QUIT");
    assert!(alice.line.is_closed());
    bob.heard([r#"SYSTEM "alice a quitté le chat""#]);
    carol.heard([]);
}

#[test]
fn b2_bye_leads_out_of_a_room_and_then_off_the_server() {
    let served = server();
    let (alice, bob) = (Client::quoted(&served, "alice"), Client::bar(&served, "bob"));
    alice.sends(r#"JOIN_ROOM "room1""#);
    [&alice, &bob].iter().for_each(|client| client.forgets());
    for wrong in
        [r#"BYE "room2" "alice""#, r#"BYE "public" "alice""#, r#"BYE "room1" "bob""#, r#"BYE "room1""#]
    {
        alice.is_refused(wrong);
    }
    assert_eq!(alice.asks(r#"BYE "room1" "alice""#), ["OK"]);
    bob.heard(["SYSTEM|alice a rejoint la room public"]);
    alice.is_refused(r#"BYE "room1" "alice""#);
    assert_eq!(alice.asks(r#"BYE "public" "alice""#), ["OK"]);
    bob.heard(["SYSTEM|alice a quitté le chat"]);
    alice.is_refused(r#"MSG "public" "alice" "am I here?""#);
}

#[test]
fn b3_the_room_and_the_name_in_a_message_must_be_the_speakers_own() {
    let served = server();
    let (alice, bob) = (Client::quoted(&served, "alice"), Client::bar(&served, "bob"));
    alice.forgets();
    for wrong in [
        r#"MSG "room1" "alice" "x""#,
        r#"MSG "public" "bob" "x""#,
        r#"MSG "public" "Alice" "x""#,
        r#"MSG "Public" "alice" "x""#,
        r#"MSG "" "alice" "x""#,
        r#"MSG "public" "alice" """#,
        r#"FILE "room1" "alice" "a.txt""#,
        r#"FILE "public" "bob" "a.txt""#,
    ] {
        alice.is_refused(wrong);
    }
    bob.heard([]);
    assert_eq!(alice.asks(r#"FILE "public" "alice" "a.txt""#), ["OK"]);
    assert_eq!(bob.asks("FILE|public|bob|a.txt"), [""; 0]);
}

#[test]
fn b4_the_rooms_of_the_configuration_always_exist_and_those_made_by_room_until_they_are_empty() {
    let mut config = Config::new(vec![Listener::of(Dialect::Stories)]);
    config.rooms = vec!["tree".into(), "a\nb".into(), "tree".into(), "shade".into()];
    let served = Served::new(config);
    let (alice, bob) = (Client::quoted(&served, "alice"), Client::bar(&served, "bob"));
    let rooms = |name: &str| {
        let client = Client::new(&served, Marks::Lengths);
        let answer = client.asks(&format!("LOGIN \"{name}\""));
        client.line.dies();
        answer.concat()
    };
    assert_eq!(rooms("one"), r#"DISPLAY_ROOM "tree" "shade""#);
    alice.forgets();
    alice.is_refused(r#"JOIN_ROOM "den""#);
    bob.forgets();
    assert_eq!(bob.asks("ROOM|den"), ["SYSTEM|bob a rejoint la room den"]);
    assert_eq!(rooms("two"), r#"DISPLAY_ROOM "tree" "shade" "den""#);
    alice.forgets();
    assert_eq!(alice.asks(r#"JOIN_ROOM "den""#), ["OK"]);
    bob.sends("ROOM|tree");
    alice.forgets();
    assert_eq!(alice.asks(r#"MSG "den" "alice" "alone, and it lives""#), ["OK"]);
    assert_eq!(rooms("three"), r#"DISPLAY_ROOM "tree" "shade" "den""#);
    alice.sends(r#"JOIN_ROOM "tree""#);
    assert_eq!(rooms("four"), r#"DISPLAY_ROOM "tree" "shade""#);
    [&alice, &bob].iter().for_each(|client| client.sends("ROOM|public"));
    assert_eq!(rooms("five"), r#"DISPLAY_ROOM "tree" "shade""#);
}

#[test]
fn b4_a_room_needs_a_possible_name_and_the_public_one_is_made_by_nobody() {
    let served = server();
    let (alice, bob) = (Client::bar(&served, "alice"), Client::bar(&served, "bob"));
    alice.forgets();
    for wrong in ["ROOM|", "ROOM|a\nb", "ROOM|a|b", &format!("ROOM|{}", "x".repeat(33)), r#"ROOM "a|b""#] {
        alice.is_refused(wrong);
    }
    bob.heard([]);
    assert_eq!(alice.asks("ROOM|public"), ["SYSTEM|alice a rejoint la room public"]);
    bob.heard([]);
    assert_eq!(alice.asks("ROOM|room1"), ["SYSTEM|alice a rejoint la room room1"]);
    assert_eq!(alice.asks("ROOM|room1"), ["SYSTEM|alice a rejoint la room room1"], "there already");
}

#[test]
fn b8_all_after_the_bar_is_text_and_bars_in_it_are_broken_for_bar_receivers_alone() {
    let served = server();
    let (alice, bob, carol) =
        (Client::bar(&served, "alice"), Client::bar(&served, "bob"), Client::quoted(&served, "carol"));
    [&alice, &bob, &carol].iter().for_each(|client| client.forgets());
    alice.sends(r#"MSG|a|b "c" \ QUIT|"#);
    bob.heard([r#"MSG|alice|a¦b "c" \ QUIT¦"#]);
    carol.heard([r#"MSG "public" "alice" "a|b \"c\" \\ QUIT|""#]);
    carol.sends(r#"MSG "public" "carol" "\"|\\""#);
    bob.heard([r#"MSG|carol|"¦\"#]);
    bob.sends("MSG|é\n🦊\u{1}  ");
    alice.hears();
    carol.forgets();
    bob.sends("msg| two\nlines ");
    alice.heard(["MSG|bob| two\nlines "]);
}

#[test]
fn b8_what_is_not_understood_is_refused_in_ones_own_style_and_the_connection_stays() {
    let served = server();
    let (alice, bob) = (Client::quoted(&served, "alice"), Client::bar(&served, "bob"));
    alice.forgets();
    let long = format!("MSG|{}", "x".repeat(60_001));
    for text in
        ["", " ", "DANCE", "DANCE|x", "DANCE \"x\"", "\"", "|", "MSG", "MSG|", "LOGIN|x", "MSG \"a", &long]
    {
        assert!(matches!(&alice.asks(text)[..], [one] if one.starts_with("KO \"")), "{text:?}");
        assert!(matches!(&bob.asks(text)[..], [one] if one.starts_with("ERROR|")), "{text:?}");
    }
    assert_eq!(alice.asks(&format!("MSG|{}", "x".repeat(60_000))), ["OK"], "the longest text");
    bob.forgets();
    assert_eq!(alice.asks("MSG|still here"), ["OK"]);
    bob.heard(["MSG|alice|still here"]);
}

#[test]
fn b6_a_sequence_in_words_is_over_at_once() {
    let served = server();
    let (alice, bob) = (Client::bar(&served, "alice"), Client::bar(&served, "bob"));
    alice.forgets();
    assert_eq!(alice.asks("BEGIN_SEQUENCE|42"), ["COMPLETE|42|{'status': 'ok'}"]);
    bob.heard([]);
}

#[test]
fn b9_the_operator_who_stops_the_server_is_heard_in_both_styles() {
    let served = server();
    let (alice, bob) = (Client::quoted(&served, "alice"), Client::bar(&served, "bob"));
    alice.forgets();
    served.stops();
    alice.heard([r#"ADMIN_BROADCAST "le serveur s'arrête""#]);
    bob.heard(["ADMIN_BROADCAST|le serveur s'arrête"]);
    assert!(alice.line.is_closed() && bob.line.is_closed());
}

#[test]
fn b1_one_who_does_not_read_is_let_go_and_the_others_do_not_wait_for_him() {
    let served = server();
    let (alice, bob, carol) =
        (Client::bar(&served, "alice"), Client::bar(&served, "bob"), Client::bar(&served, "carol"));
    [&alice, &bob, &carol].iter().for_each(|client| client.forgets());
    bob.line.reads(false);
    let text = format!("MSG|{}", "x".repeat(50_000));
    for _ in 0..30 {
        alice.sends(&text);
    }
    assert_eq!(carol.hears().len(), 30);
    served.passes(Duration::from_secs(20));
    assert!(bob.line.is_closed());
    carol.heard(["SYSTEM|bob a quitté le chat"]);
}
