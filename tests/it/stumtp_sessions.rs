//! U2 to U6 at the server: numbers, acknowledgements, sessions that outlive their connections.

use palabre::dialect::msp::Body;
use palabre::engine::{Counter, Departure, Event};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::engine_words::create;
use crate::msp_client::Table;
use crate::streamed::Line;
use crate::stumtp_client::{SESSION, Talker, served};

const NOTHING: [&str; 0] = [];

#[test]
fn u5_a_login_begins_a_session_and_message_1_is_the_list_of_rooms() {
    let served = served();
    let mut alice = Talker::new(&served);
    alice.says(0, "LOGIN \"alice\"");
    assert_eq!(alice.heard(), [SESSION, "1 DISPLAY_ROOM \"room1\" \"room2\" \"room3\""]);
    assert!(alice.token.len() == 32 && alice.token.bytes().all(|digit| digit.is_ascii_hexdigit()));
    alice.says(0, "LOGIN \"alicia\"");
    assert_eq!(alice.heard(), ["0 KO \"vous êtes déjà connecté\""]);
    assert!(!alice.line.is_closed());
}

#[test]
fn u5_a_name_that_is_taken_or_none_is_refused_and_login_may_be_tried_again() {
    let served = served();
    let _alice = Talker::signed_in(&served, "alice");
    let mut other = Talker::new(&served);
    for (login, why) in [
        ("LOGIN \"alice\"", "ce nom est déjà pris"),
        ("LOGIN \"\"", "nom invalide"),
        ("LOGIN", "LOGIN d'abord"),
        ("MSG \"public\" \"alice\" \"moi\"", "LOGIN d'abord"),
    ] {
        other.says(0, login);
        let heard = other.heard();
        assert!(heard.len() == 1 && heard[0].starts_with(&format!("0 KO \"{why}")), "{login}: {heard:?}");
    }
    other.says(1, "LOGIN \"bob\"");
    assert_eq!(other.heard(), ["0 KO \"pas de session : LOGIN avec l'identifiant 0 d'abord\""]);
    other.says(0, "LOGIN \"bob\"");
    assert_eq!(other.heard().first().map(String::as_str), Some(SESSION));
}

#[test]
fn u2_u6_each_side_numbers_its_messages_and_one_command_is_one_message() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    assert_eq!(alice.heard(), ["2 SYSTEM \"bob a rejoint le chat\""]);
    alice.says_and_acknowledges(1, 2, "MSG \"public\" \"alice\" \"bonjour\"");
    assert_eq!(alice.heard(), ["3^1 OK"]);
    assert_eq!(bob.heard(), ["2 MSG \"public\" \"alice\" \"bonjour\""]);
    alice.says_and_acknowledges(2, 3, "JOIN_ROOM \"nulle part\"");
    assert_eq!(alice.heard(), ["4^2 KO \"cette room n'existe pas\""]);
    alice.says_and_acknowledges(3, 4, "JOIN_ROOM \"room2\"");
    assert_eq!(alice.heard(), ["5^3 OK"]);
}

#[test]
fn u2_an_acknowledgement_of_what_was_never_sent_is_an_error_and_changes_nothing() {
    let served = served();
    let mut alice = Talker::signed_in(&served, "alice");
    alice.acknowledges(2);
    assert_eq!(alice.heard(), ["0 ERROR \"acquittement d'un message jamais envoyé\""]);
    alice.says(1, "MSG \"public\" \"alice\" \"ça va\"");
    assert_eq!(alice.heard(), ["2^1 OK"]);
}

#[test]
fn u3_what_was_seen_is_dropped_and_acknowledged_again() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    (0..3).for_each(|_| alice.says(1, "MSG \"public\" \"alice\" \"une fois\""));
    assert_eq!(bob.heard(), ["2 MSG \"public\" \"alice\" \"une fois\""]);
    assert_eq!(alice.heard(), ["3^1 OK"]);
    served.passes(Duration::from_millis(50));
    assert_eq!(alice.heard(), ["^1"]);
    assert_eq!(served.counted(Counter::Texts), 1);
}

#[test]
fn u3_a_gap_closes_the_connection_and_the_next_one_fills_it() {
    let served = served();
    let mut alice = Talker::signed_in(&served, "alice");
    alice.says(2, "BYE \"public\" \"alice\"");
    assert_eq!(alice.heard(), ["0 ERROR \"il manque un message\""]);
    assert!(alice.line.is_closed());
    let mut again = alice.resumes(&served, 1);
    assert_eq!(again.heard(), ["0^0 SESSION"]);
    again.says(1, "MSG \"public\" \"alice\" \"me revoilà\"");
    again.says(2, "BYE \"public\" \"alice\"");
    assert_eq!(again.heard(), ["2^1 OK", "3^2 OK"]);
}

#[test]
fn u4_an_acknowledgement_rides_or_goes_alone_after_50_ms() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    // What was refused is answered, and the answer carries it.
    bob.says(1, "NONSENSE");
    assert_eq!(bob.heard(), ["2^1 KO \"commande inconnue\""]);
    bob.says(1, "NONSENSE");
    served.passes(Duration::from_millis(49));
    assert_eq!(bob.heard(), NOTHING);
    alice.says(1, "MSG \"public\" \"alice\" \"bonjour\"");
    assert_eq!(bob.heard(), ["3^1 MSG \"public\" \"alice\" \"bonjour\""]);
    served.passes(Duration::from_millis(200));
    assert_eq!(bob.heard(), NOTHING, "once is enough");
}

#[test]
fn u5_a_session_goes_on_by_another_connection_and_what_was_not_acknowledged_comes_again() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    alice.says(1, "MSG \"public\" \"alice\" \"un\"");
    bob.line.dies();
    alice.says(2, "MSG \"public\" \"alice\" \"deux\"");
    assert_eq!(alice.heard(), ["3^1 OK", "4^2 OK"], "nobody has left");
    bob.heard();
    let mut again = bob.resumes(&served, 1);
    let texts = ["2 MSG \"public\" \"alice\" \"un\"", "3 MSG \"public\" \"alice\" \"deux\""];
    assert_eq!(again.heard(), ["0^0 SESSION", texts[0], texts[1]]);
    again.line.dies();
    let mut third = bob.resumes(&served, 2);
    assert_eq!(third.heard(), ["0^0 SESSION", texts[1]]);
    assert_eq!(third.token, bob.token);
    assert_eq!(alice.heard(), NOTHING);
}

#[test]
fn u5_one_who_resumes_takes_the_session_over_and_the_old_connection_is_closed() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    let mut again = bob.resumes(&served, 1);
    assert!(bob.line.is_closed() && bob.heard() == NOTHING);
    assert_eq!(again.heard(), ["0^0 SESSION"]);
    alice.says(1, "MSG \"public\" \"alice\" \"toujours là ?\"");
    assert_eq!(again.heard(), ["2 MSG \"public\" \"alice\" \"toujours là ?\""]);
    assert_eq!(alice.heard(), ["3^1 OK"], "nobody came and nobody left");
}

#[test]
fn u5_a_token_that_opens_nothing_is_refused_and_another_may_be_tried() {
    let served = served();
    let mut alice = Talker::signed_in(&served, "alice");
    alice.line.dies();
    let mut again = Talker::new(&served);
    for token in ["", "0123", &"0".repeat(32), &alice.token.to_uppercase().replace(char::is_numeric, "é")] {
        again.says_and_acknowledges(0, 1, &format!("RESUME \"{token}\""));
        assert_eq!(again.heard(), ["0 KO \"cette session n'existe pas\""]);
    }
    again.says_and_acknowledges(0, 7, &format!("RESUME \"{}\"", alice.token));
    assert_eq!(again.heard(), ["0 KO \"acquittement d'un message jamais envoyé\""]);
    again.says(0, &format!("resume|{}", alice.token));
    assert_eq!(again.heard(), ["0^0 SESSION"], "without an acknowledgement nothing new is acknowledged");
    again.says(0, &format!("RESUME \"{}\"", alice.token));
    assert_eq!(again.heard(), ["0 KO \"vous êtes déjà connecté\""]);
    assert!(alice.heard().is_empty());
}

#[test]
fn u5_a_session_without_a_connection_is_kept_for_10_minutes() {
    let served = served();
    let (mut alice, bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    bob.line.ends();
    assert!(bob.line.is_closed());
    served.passes(Duration::from_secs(400));
    let again = bob.resumes(&served, 1);
    again.line.dies();
    served.passes(Duration::from_secs(599));
    assert_eq!(alice.heard(), NOTHING, "he counts as present");
    let mut thief = Talker::new(&served);
    thief.says(0, "LOGIN \"bob\"");
    assert_eq!(thief.heard(), ["0 KO \"ce nom est déjà pris\""]);
    served.events();
    served.passes(Duration::from_secs(1));
    assert_eq!(alice.heard(), ["3 SYSTEM \"bob a quitté le chat\""]);
    let lapsed = Event::Departed { name: "bob".into(), id: None, why: Departure::Lapsed };
    assert_eq!(served.events(), [lapsed]);
    let mut late = bob.resumes(&served, 1);
    assert_eq!(late.heard(), ["0 KO \"cette session n'existe pas\""]);
}

#[test]
fn u5_when_more_than_a_mebibyte_waits_the_session_ends() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    bob.line.dies();
    let text = "x".repeat(50_000);
    let mut gone = None;
    for number in 1..40 {
        alice.says_and_acknowledges(number, number + 1, &format!("MSG \"public\" \"alice\" \"{text}\""));
        gone = alice.heard().iter().any(|heard| heard.contains("bob a quitté")).then_some(number);
        if gone.is_some() {
            break;
        }
    }
    // 20 fit into 1,048,576 bytes, with what stands before them.
    assert_eq!(gone, Some(21));
    let mut again = bob.resumes(&served, 1);
    assert_eq!(again.heard(), ["0 KO \"cette session n'existe pas\""]);
    assert!(bob.heard().is_empty());
}

#[test]
fn u5_who_reads_all_and_acknowledges_nothing_is_let_go_too() {
    let served = served();
    let (mut alice, bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    let text = "x".repeat(50_000);
    let mut number = 0;
    let mut says = |up_to| {
        while number < up_to {
            number += 1;
            alice.says_and_acknowledges(number, number + 1, &format!("MSG \"public\" \"alice\" \"{text}\""));
        }
    };
    // 335 fit into 16 MiB. Much less may be on the way to one who reads and has not had the time to say so.
    says(335);
    assert!(!bob.line.is_closed());
    says(336);
    assert!(bob.line.is_closed());
    assert!(alice.heard().iter().any(|heard| heard.contains("bob a quitté")));
}

#[test]
fn u5_a_bye_out_of_the_public_room_ends_the_session() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    bob.says(1, "JOIN_ROOM \"room1\"");
    bob.says(2, "BYE \"room1\" \"bob\"");
    bob.says(3, "BYE \"public\" \"bob\"");
    assert_eq!(bob.heard(), ["2^1 OK", "3^2 OK", "4^3 OK"]);
    assert_eq!(alice.heard().last().map(String::as_str), Some("5 SYSTEM \"bob a quitté le chat\""));
    bob.acknowledges(4);
    assert_eq!(bob.heard(), NOTHING);
    let mut again = bob.resumes(&served, 4);
    assert_eq!(again.heard(), ["0 KO \"cette session n'existe pas\""]);
    bob.says(0, "LOGIN \"bob\"");
    assert_eq!(bob.heard().first().map(String::as_str), Some(SESSION), "on the same connection");
}

#[test]
fn u8_a_program_that_never_learned_its_token_may_sign_in_again_from_where_it_was() {
    let served = served();
    let at = |host, port| std::net::SocketAddr::from(([203, 0, 113, host], port));
    let login = |from| {
        let line = Line::from(&served, ListenerId(0), from);
        let talker = Talker { line, token: String::new() };
        talker.says(0, "LOGIN \"alice\"");
        talker
    };
    let mut first = login(at(1, 1));
    assert_eq!(login(at(1, 2)).heard(), ["0 KO \"ce nom est déjà pris\""], "its connection may be alive");
    first.line.dies();
    assert_eq!(login(at(2, 3)).heard(), ["0 KO \"ce nom est déjà pris\""], "from elsewhere");
    let mut second = login(at(1, 4));
    first.heard();
    let mut resumed = first.resumes(&served, 0);
    assert_eq!(second.heard().first().map(String::as_str), Some(SESSION));
    assert_eq!(resumed.heard(), ["0 KO \"cette session n'existe pas\""]);
    second.acknowledges(1);
    second.line.dies();
    assert_eq!(login(at(1, 5)).heard(), ["0 KO \"ce nom est déjà pris\""], "this one has its token");
}

#[test]
fn m21_one_who_was_moved_is_not_heard_until_he_has_acknowledged_it() {
    let served = served();
    let (mut alice, mut bob) = (Talker::signed_in(&served, "alice"), Talker::signed_in(&served, "bob"));
    alice.heard();
    // A room of MSP ends when one member is left in it.
    let table = Table::at(&served, ListenerId(1));
    let carol = table.joins("carol");
    carol.asks(create("palabre", Mode::Central, 3));
    bob.says(1, "JOIN_ROOM \"palabre\"");
    let joined = bob.heard();
    carol.asks(Body::LeaveRoom);
    let moved = bob.heard();
    assert!(joined.last().is_some_and(|heard| heard.ends_with("^1 OK")), "{joined:?}");
    let number = moved.iter().find(|heard| heard.contains("fermée")).expect("it has closed");
    let number: u64 = number.split([' ', '^']).next().unwrap().parse().unwrap();
    alice.heard();
    let say = |text| format!("MSG \"public\" \"bob\" \"{text}\"");
    bob.says_and_acknowledges(2, number - 1, &say("un secret"));
    assert!(bob.heard().concat().contains(" KO "));
    assert_eq!(alice.heard(), NOTHING);
    bob.says_and_acknowledges(3, number, &say("tout va bien"));
    assert!(bob.heard().concat().contains("^3 OK"));
    assert!(alice.heard().concat().contains("tout va bien"));
}
