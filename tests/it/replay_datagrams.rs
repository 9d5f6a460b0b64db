//! Conversations of MSP, told: what answers what, what comes again, what nobody answers.

use palabre::capture::Seen;
use palabre::dialect::msp;
use palabre::replay::{Mark, Role, What};
use palabre::wire::trailer;

use crate::replayed::{START, Tale, address, datagram, of_msp, registers, reponse, texte, who};

const SERVER: &str = "192.0.2.9:7401";
const ALICE: &str = "192.0.2.1:40001";
const BOB: &str = "192.0.2.2:40001";

const fn answers(packet: u64, after: u64, tries: u32) -> Mark {
    Mark::Answers { packet, after, tries, is_late: false }
}

#[test]
fn an_answer_is_told_with_its_request_and_the_time_between() {
    let mut tale = Tale::new();
    assert_eq!(tale.marks(0, ALICE, SERVER, &texte(1, 7, "salut")), []);
    assert_eq!(tale.marks(50, ALICE, SERVER, &texte(1, 8, "ça va ?")), [], "requests may overlap");
    assert_eq!(tale.marks(300, SERVER, ALICE, &reponse(255, 8)), [answers(2, 250, 1)]);
    assert_eq!(tale.marks(500, SERVER, ALICE, &reponse(255, 7)), [answers(1, 500, 1)]);
    assert_eq!(tale.marks(600, SERVER, ALICE, &reponse(255, 9)), [Mark::AnswersNothing]);
    let sent = tale.row().sent;
    assert_eq!((sent.requests, sent.tries, sent.answered, sent.repeated), (2, 2, 2, 0));
    assert_eq!(sent.round_trips.count(), 2);
}

#[test]
fn m1_relais_is_answered_by_reponse_texte_and_anything_by_erreur() {
    let mut tale = Tale::new();
    let relay = of_msp(1, 7, msp::Body::Relay { to: 2, text: "salut".into(), order: None });
    tale.datagram(0, ALICE, SERVER, &relay);
    assert_eq!(tale.marks(9, SERVER, ALICE, &reponse(255, 7)), [answers(1, 9, 1)]);
    tale.datagram(10, ALICE, SERVER, &texte(1, 8, "salut"));
    let code = msp::ErrorCode::NOT_REGISTERED;
    let error = |refused: msp::Kind| {
        let body = msp::Body::Error { refused: refused.code(), code, reason: "".into() };
        of_msp(255, 8, body)
    };
    assert_eq!(tale.marks(11, SERVER, ALICE, &error(msp::Kind::Relay)), [Mark::AnswersNothing]);
    assert_eq!(tale.marks(12, SERVER, ALICE, &error(msp::Kind::Text)), [answers(3, 2, 1)]);
}

#[test]
fn m13_a_request_that_is_sent_again_is_told_with_its_first_try() {
    let mut tale = Tale::new();
    let text = texte(1, 7, "salut");
    tale.datagram(0, ALICE, SERVER, &text);
    let again = |attempt, after| Mark::Again { packet: 1, attempt, after };
    assert_eq!(tale.marks(100_000, ALICE, SERVER, &text), [again(2, 100_000)]);
    assert_eq!(tale.marks(200_000, ALICE, SERVER, &text), [again(3, 200_000)]);
    assert_eq!(tale.marks(200_900, SERVER, ALICE, &reponse(255, 7)), [answers(1, 200_900, 3)]);
    // The answer is lost.
    assert_eq!(tale.marks(300_000, ALICE, SERVER, &text), [again(4, 300_000)]);
    let twice = Mark::AnswersAgain { packet: 1, count: 2 };
    assert_eq!(tale.marks(300_100, SERVER, ALICE, &reponse(255, 7)), [twice]);
    let row = tale.row();
    assert_eq!((row.sent.tries, row.sent.repeated, row.sent.answered), (4, 3, 1));
    assert_eq!(row.sent.round_trips.count(), 0, "Karn: nobody knows which try was answered");
    assert_eq!(row.received.answers_again, 1);
}

#[test]
fn a_copy_that_a_link_has_made_malformed_takes_no_answer_from_the_right_one() {
    let mut tale = Tale::new();
    let text = texte(1, 7, "salut");
    let mut changed = text.clone();
    *changed.last_mut().unwrap() ^= 0x01;
    tale.datagram(0, ALICE, SERVER, &text);
    let copy = tale.datagram(100_000, ALICE, SERVER, &changed);
    assert!(copy.dissection.error.is_some() && copy.marks.is_empty(), "{copy:?}");
    assert_eq!(tale.marks(100_100, SERVER, ALICE, &reponse(255, 7)), [answers(1, 100_100, 1)]);
    let code = msp::ErrorCode::MALFORMED;
    let error = msp::Body::Error { refused: msp::Kind::Text.code(), code, reason: "".into() };
    assert_eq!(tale.marks(100_200, SERVER, ALICE, &of_msp(255, 7, error)), [answers(2, 200, 1)]);
    let again = Mark::Again { packet: 1, attempt: 2, after: 200_000 };
    assert_eq!(tale.marks(200_000, ALICE, SERVER, &text), [again], "it is still remembered");
}

#[test]
fn what_comes_again_sooner_than_any_timer_was_doubled_by_the_network() {
    let mut tale = Tale::new();
    let text = texte(1, 7, "salut");
    tale.datagram(0, ALICE, SERVER, &text);
    assert_eq!(tale.marks(2_499, ALICE, SERVER, &text), [Mark::Doubled { packet: 1, after: 2_499 }]);
    assert_eq!(
        tale.marks(2_500, ALICE, SERVER, &text),
        [Mark::Again { packet: 1, attempt: 2, after: 2_500 }],
        "half of the 5 ms that M30 has at least"
    );
    let sent = tale.row().sent;
    assert_eq!((sent.messages, sent.requests, sent.tries, sent.doubled), (3, 1, 2, 1));
}

#[test]
fn a_number_with_other_bytes_is_another_request() {
    let mut tale = Tale::new();
    tale.datagram(0, ALICE, SERVER, &texte(1, 7, "salut"));
    tale.datagram(5, SERVER, ALICE, &reponse(255, 7));
    assert_eq!(tale.marks(100_000, ALICE, SERVER, &texte(1, 7, "bonsoir")), []);
    assert_eq!(tale.marks(100_005, SERVER, ALICE, &reponse(255, 7)), [answers(3, 5, 1)]);
}

#[test]
fn m32_the_same_request_after_a_long_time_is_a_new_one() {
    let mut tale = Tale::new();
    let text = texte(1, 7, "salut");
    tale.datagram(0, ALICE, SERVER, &text);
    tale.datagram(5, SERVER, ALICE, &reponse(255, 7));
    assert_eq!(tale.marks(181_000_000, ALICE, SERVER, &text), []);
    assert_eq!(tale.row().sent.requests, 2);
}

#[test]
fn a_request_that_nobody_answers_is_told_when_its_sender_gives_it_up() {
    let mut tale = Tale::new();
    registers(&mut tale, 0, ALICE, "alice", 1);
    let text = texte(2, 9, "salut");
    (0..10).for_each(|k| drop(tale.datagram(1_000 + k * 100_000, SERVER, ALICE, &text)));
    let early = tale.seen(1_000_000, Seen::Note("timer".into()));
    assert_eq!(early.len(), 1, "a second has not passed: {early:?}");
    let items = tale.seen(5_000_000, Seen::Note("timer".into()));
    let What::Unanswered(told) = &items[0].what else { panic!("{items:?}") };
    assert_eq!((items[0].packet, items.len()), (3, 2));
    // The last try was at 901 ms, and another could have come 100 ms later.
    assert_eq!(items[0].at, START + 1_101_000);
    assert_eq!((told.message, told.number, told.tries), (Some("TEXTE"), 9, 10));
    assert_eq!((told.waited, told.at_the_end), (1_100_000, false));
    assert_eq!((told.from.role, who(&told.to)), (Role::Server, "alice".into()));
    assert_eq!(tale.row().received.unanswered, 1);

    // M17: it waits, and is sent again under its number.
    let mark = Mark::Again { packet: 3, attempt: 11, after: 5_999_000 };
    assert_eq!(tale.marks(6_000_000, SERVER, ALICE, &text), [mark]);
    let late = Mark::Answers { packet: 3, after: 6_000_000, tries: 11, is_late: true };
    assert_eq!(tale.marks(6_001_000, ALICE, SERVER, &reponse(1, 9)), [late]);
    assert_eq!(tale.row().received.unanswered, 0);
    assert_eq!(tale.end(), [], "it was told already");
}

#[test]
fn one_packet_with_a_wrong_time_does_not_make_all_that_follow_late() {
    let mut tale = Tale::new();
    tale.seen(u64::from(u32::MAX) * 1_000_000, Seen::Broken("why".into()));
    assert_eq!(tale.marks(0, ALICE, SERVER, &texte(1, 7, "salut")), []);
    assert_eq!(tale.seen(20, Seen::Note("timer".into())).len(), 1);
    assert_eq!(tale.marks(30, SERVER, ALICE, &reponse(255, 7)), [answers(2, 30, 1)]);
}

#[test]
fn m22_a_question_that_waits_for_a_person_is_given_a_minute() {
    let mut tale = Tale::new();
    let offer = of_msp(
        255,
        3,
        msp::Body::Offer {
            by: msp::Name::new("bob").unwrap(),
            mode: palabre::vocab::Mode::Central,
            room: msp::Name::new("lol").unwrap(),
        },
    );
    tale.datagram(0, SERVER, ALICE, &offer);
    tale.datagram(1_000_000, SERVER, ALICE, &offer);
    assert_eq!(tale.seen(59_000_000, Seen::Note("timer".into())).len(), 1);
    let reply = of_msp(1, 3, msp::Body::OfferReply { declined: false });
    assert_eq!(tale.marks(59_500_000, ALICE, SERVER, &reply), [answers(1, 59_500_000, 2)]);
    let received = tale.row().received;
    assert_eq!(received.round_trips.count(), 0, "that is no round trip");
    assert_eq!((received.tries, received.repeated), (2, 0), "and no loss");
}

#[test]
fn what_is_open_when_the_capture_ends_is_told_then() {
    let mut tale = Tale::new();
    tale.datagram(0, ALICE, SERVER, &texte(1, 7, "salut"));
    tale.datagram(400, BOB, SERVER, &texte(2, 7, "salut"));
    let items = tale.end();
    let told: Vec<_> = items.iter().map(|item| (item.packet, &item.what)).collect();
    let [(1, What::Unanswered(first)), (2, What::Unanswered(second))] = &told[..] else { panic!("{told:?}") };
    assert_eq!((first.waited, first.at_the_end), (400, true));
    assert_eq!((second.waited, second.at_the_end), (0, true));
}

#[test]
fn a_client_has_his_name_from_the_answer_that_accepts_it() {
    let mut tale = Tale::new();
    let connect = |name| of_msp(0, 1, msp::Body::Connect { name: msp::Name::new(name) });
    let told = tale.datagram(0, ALICE, SERVER, &connect("al\u{1b}ice"));
    assert_eq!((who(&told.from), told.to.role), (ALICE.into(), Role::Server));
    let reply =
        |status| of_msp(255, 1, msp::Body::ConnectReply(msp::Registration::Registered { status, id: 1 }));
    let refused = tale.datagram(1, SERVER, ALICE, &reply(msp::RegisterStatus::InvalidName));
    assert_eq!(who(&refused.to), ALICE);
    tale.datagram(2, ALICE, SERVER, &connect("alice"));
    let accepted = tale.datagram(3, SERVER, ALICE, &reply(msp::RegisterStatus::Accepted));
    assert_eq!((who(&accepted.to), accepted.to.id), ("alice".into(), Some(1)));
    assert_eq!(who(&tale.datagram(4, ALICE, SERVER, &texte(1, 2, "salut")).from), "alice");
}

#[test]
fn m4_numbers_start_afresh_when_somebody_registers_again() {
    let mut tale = Tale::new();
    registers(&mut tale, 0, ALICE, "alice", 1);
    tale.datagram(1_000, ALICE, SERVER, &texte(1, 2, "salut"));
    tale.datagram(1_100, SERVER, ALICE, &reponse(255, 2));
    registers(&mut tale, 1_000_000, ALICE, "alice", 50);
    assert_eq!(tale.marks(1_001_000, ALICE, SERVER, &texte(1, 2, "salut")), [], "no repetition");
}

#[test]
fn what_is_malformed_is_told_with_its_field_and_what_answers_it() {
    let mut tale = Tale::new();
    let mut text = texte(1, 7, "salut");
    text.pop();
    let told = tale.datagram(0, ALICE, SERVER, &text);
    let wrong = told.dissection.error.expect("it is too short");
    assert_eq!((wrong.field, wrong.bit), ("CHAT", 45));
    let body = msp::Body::Error {
        refused: msp::Kind::Text.code(),
        code: msp::ErrorCode::MALFORMED,
        reason: "".into(),
    };
    assert_eq!(tale.marks(9, SERVER, ALICE, &of_msp(255, 7, body)), [answers(1, 9, 1)], "M26");
    assert_eq!(tale.row().sent.malformed, 1);
}

#[test]
fn m26_what_has_no_type_is_answered_too() {
    let mut tale = Tale::new();
    let told = tale.datagram(0, ALICE, SERVER, &[0x00, 0x08, 0x00, 0x38]);
    assert_eq!(told.dissection.error.map(|wrong| wrong.field), Some("TYPE"));
    let code = msp::ErrorCode::UNKNOWN_TYPE;
    let answer = of_msp(255, 7, msp::Body::Error { refused: 0, code, reason: "".into() });
    assert_eq!(tale.marks(9, SERVER, ALICE, &answer), [answers(1, 9, 1)]);
}

#[test]
fn m16_what_a_link_has_changed_belongs_to_nobody() {
    let mut tale = Tale::with(palabre::replay::Ports::new([], palabre::wire::Integrity::Crc32));
    let sealed = |bytes: Vec<u8>| {
        let end = trailer(&[&bytes]);
        [bytes, end.to_vec()].concat()
    };
    let good = sealed(texte(1, 7, "salut"));
    let told = tale.datagram(0, ALICE, SERVER, &good);
    assert_eq!((told.dissection.error, told.bytes), (None, good.len()));
    let mut bad = good.clone();
    bad[3] ^= 0x40;
    let told = tale.datagram(1, ALICE, SERVER, &bad);
    assert_eq!(told.dissection.error.map(|wrong| wrong.field), Some("CRC-32"));
    assert_eq!(tale.marks(9, SERVER, ALICE, &sealed(reponse(255, 7))), [answers(1, 9, 1)]);
    let sent = tale.row().sent;
    assert_eq!((sent.messages, sent.requests, sent.malformed), (2, 1, 1));
}

#[test]
fn what_the_capture_has_cut_is_not_malformed() {
    let mut tale = Tale::new();
    let text = texte(1, 7, "a text that is longer than the capture wanted");
    let seen = Seen::Datagram {
        from: address(ALICE),
        to: address(SERVER),
        bytes: text[..20].to_vec(),
        missing: text.len() - 20,
    };
    let told = crate::replayed::message(tale.seen(0, seen).remove(0));
    assert_eq!((told.dissection.error, told.bytes), (None, text.len()));
    assert_eq!(told.marks, [Mark::Cut { missing: text.len() - 20 }]);
    assert_eq!(tale.marks(9, SERVER, ALICE, &reponse(255, 7)), [answers(1, 9, 1)]);
    let summary = tale.story.summary();
    assert_eq!((summary.packets.cut, summary.rows[0].sent.malformed), (1, 0));
}

#[test]
fn m11_members_of_a_decentralised_room_are_told_by_name() {
    let mut tale = Tale::new();
    let text = texte(1, 7, "directement");
    assert_eq!(tale.seen(0, datagram(ALICE, BOB, &text)), [], "nobody knows them yet");
    registers(&mut tale, 10, ALICE, "alice", 1);
    assert_eq!(tale.seen(1_000, datagram(ALICE, BOB, &text)), [], "nor the other one");
    registers(&mut tale, 2_000, BOB, "bob", 1);
    let told = tale.datagram(3_000, ALICE, BOB, &text);
    assert_eq!((who(&told.from), who(&told.to)), ("alice".into(), "bob".into()));
    assert_eq!((told.from.role, told.to.role), (Role::Client, Role::Client));
    assert_eq!(tale.marks(3_400, BOB, ALICE, &reponse(2, 7)), [answers(7, 400, 1)]);
    let summary = tale.story.summary();
    assert_eq!((summary.rows.len(), summary.packets.passed_over), (3, 2));
}
