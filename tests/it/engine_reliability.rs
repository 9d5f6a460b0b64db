//! Requests that come twice, answers that are lost, texts that keep their order: M13, M14, M24, M30, M32.
//!
//! In: repeated datagrams, lost acknowledgements, time. Out: the same bytes, one execution, the right order. Must not know
//! how a link remembers: `reliable` has its own tests, these say that the server uses it rightly.

use palabre::dialect::msp::{Body, Capabilities, ErrorCode, Kind, Message};
use palabre::engine::{Config, Counter, DropReason};
use palabre::reliable::Policy;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::engine_words::{KEEP_ALIVE, assert_error, create, invite, join, name, text};
use crate::msp_client::{Client, Table, Way};

/// The texts in the inbox, copies too; the inbox is empty afterwards.
fn texts(client: &Client) -> Vec<(u8, u16, String)> {
    let text = |message: Message<'static>| match message.body {
        Body::Text { text, .. } => Some((message.user, message.seq, text.into_owned())),
        _ => None,
    };
    client.takes_all().into_iter().filter_map(text).collect()
}

#[test]
fn m13_every_repeated_request_gets_the_same_bytes_and_is_carried_out_once() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    let requests = [
        text("once"),
        Body::ListRooms,
        create("den", Mode::Direct, 3),
        create("den", Mode::Central, 3),
        Body::ListRooms,
        Body::ListUsers { room: name("") },
        join("den"),
        Body::Directory { user: 0 },
        invite("bob"),
        invite("nobody"),
        KEEP_ALIVE,
        Body::Hello { version: 1, capabilities: Capabilities(7) },
        Body::LeaveRoom,
        Body::LeaveRoom,
        Body::Disconnect,
    ];
    for (body, seq) in requests.into_iter().zip(1000..) {
        alice.sends_as(1, seq, body.clone());
        let (first, done) = (alice.last_bytes(), table.counted(Counter::Requests));
        bob.forgets();
        for wait in [0, 1, 30] {
            table.passes(Duration::from_secs(wait));
            alice.sends_as(1, seq, body.clone());
            assert_eq!(alice.last_bytes(), first, "{body:?}");
        }
        assert_eq!(table.counted(Counter::Requests), done, "{body:?}");
        // What bob may get meanwhile are offers that are his to answer, and nothing that happens twice.
        assert!(bob.takes_all().iter().all(|got| got.body.kind() == Kind::Offer), "{body:?}");
        bob.sends(KEEP_ALIVE);
    }
}

#[test]
fn m13_the_same_number_under_another_type_is_another_request() {
    let (_table, [alice]) = Table::of(["alice"]);
    alice.sends_as(1, 77, Body::ListRooms);
    assert_eq!(alice.answer_to(77), Some(Body::RoomList(Vec::new())));
    alice.sends_as(1, 77, Body::LeaveRoom);
    assert_eq!(alice.answer_to(77), Some(Body::LeaveRoomReply { refused: true }));
}

#[test]
fn m13_numbers_wrap_from_65535_to_0() {
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    for seq in [65_534, 65_535, 0, 1] {
        alice.sends_as(1, seq, text(&seq.to_string()));
        bob.hears(&seq.to_string(), &alice);
    }
}

#[test]
fn m32_a_number_far_behind_is_stale_and_silently_dropped() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    alice.sends_as(1, 3_048, text("new"));
    alice.sends_as(1, 2_024, text("1,024 older"));
    bob.hears("new", &alice);
    bob.gets_nothing();
    assert_eq!(table.dropped(DropReason::StaleNumber), 1);
}

/// Otherwise the copy of a text that was refused (M21) could be said aloud once enough lists were asked for.
#[test]
fn m32_lists_do_not_push_the_refusal_of_a_text_out_of_memory() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    (0..100).for_each(|n| drop(table.joins(&format!("somebody{n:02}"))));
    alice.creates("den", Mode::Central);
    bob.asks(join("den"));
    alice.is(Way::Mute);
    bob.asks(Body::LeaveRoom);
    let refused = alice.sends(text("private"));
    assert_error(&alice.answer_to(refused).unwrap(), 15, ErrorCode::NOT_IN_PRIVATE_ROOM);
    for _ in 0..100 {
        alice.asks(Body::ListUsers { room: name("") });
    }
    alice.is(Way::Open);
    table.passes(Duration::from_secs(1));
    table.forgets_all();
    alice.sends_as(alice.id(), refused, text("private"));
    assert_error(&alice.answer_to(refused).unwrap(), 15, ErrorCode::NOT_IN_PRIVATE_ROOM);
    bob.gets_nothing();
}

#[test]
fn m13_the_server_sends_each_t_and_m_times_with_the_fixed_timer() {
    let mut config = Config::msp();
    config.listeners[0].timing.policy = Policy::Fixed;
    let table = Table::with(config);
    let (alice, bob) = (table.joins("alice"), table.joins("bob"));
    table.passes(Duration::from_secs(1));
    bob.is(Way::Mute);
    bob.forgets();
    alice.says("hello");
    for tries in 1..=10 {
        let heard = texts(&bob);
        assert_eq!(heard.len(), 1, "try {tries}");
        assert_eq!(heard[0].2, "hello");
        table.passes(Duration::from_millis(99));
        assert_eq!(texts(&bob), []);
        table.passes(Duration::from_millis(1));
    }
    assert_eq!(texts(&bob), []);
    assert_eq!(table.counted(Counter::Retransmissions), 9);
}

#[test]
fn m13_m30_the_adaptive_timer_is_quick_at_first_and_spans_the_same_time() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    alice.says("a clean sample");
    bob.forgets();
    bob.is(Way::Mute);
    alice.says("hello");
    table.passes(Duration::from_millis(5));
    assert_eq!(texts(&bob).len(), 2, "the second try after the floor of 5 ms");
    let copies = |wait| {
        table.passes(Duration::from_millis(wait));
        texts(&bob).iter().filter(|copy| copy.0 == alice.id()).count()
    };
    assert_eq!(copies(790), 7);
    assert_eq!(copies(50), 1, "the tenth is sent early enough to wait for its answer");
    assert_eq!(copies(10_000), 0);
}

#[test]
fn m13_a_copy_that_comes_again_bears_the_same_number_and_an_answer_to_any_of_them_will_do() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    bob.is(Way::Mute);
    alice.says("hello");
    table.passes(Duration::from_millis(300));
    let copies = texts(&bob);
    assert!(copies.len() > 1 && copies.windows(2).all(|two| two[0] == two[1]), "{copies:?}");
    let delivered = table.counted(Counter::Deliveries);
    bob.sends_as(bob.id(), copies[0].1, Body::TextReply);
    bob.sends_as(bob.id(), copies[0].1, Body::TextReply);
    assert_eq!(table.counted(Counter::Deliveries) - delivered, 1);
    table.passes(Duration::from_secs(5));
    bob.gets_nothing();
}

#[test]
fn m13_an_answer_of_the_wrong_type_or_number_or_person_answers_nothing() {
    let (table, [alice, bob, carol]) = Table::of(["alice", "bob", "carol"]);
    bob.is(Way::Mute);
    alice.says("hello");
    let seq = texts(&bob)[0].1;
    bob.sends_as(bob.id(), seq, Body::NotificationReply);
    bob.sends_as(bob.id(), seq.wrapping_add(1), Body::TextReply);
    carol.sends_as(carol.id(), seq, Body::TextReply);
    carol.sends_as(bob.id(), seq, Body::TextReply);
    let about_another = Body::Error { refused: 27, code: ErrorCode(8), reason: "".into() };
    bob.sends_as(bob.id(), seq, about_another);
    table.passes(Duration::from_millis(50));
    assert!(!texts(&bob).is_empty(), "still asking");
    assert!(table.dropped(DropReason::UnexpectedResponse) >= 4);
}

#[test]
fn m13_an_erreur_about_it_ends_a_request_of_the_server() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    bob.is(Way::Mute);
    alice.says("hello");
    let seq = texts(&bob)[0].1;
    let refusal = Body::Error { refused: 15, code: ErrorCode(6), reason: "too long".into() };
    bob.sends_as(bob.id(), seq, refusal);
    table.passes(Duration::from_secs(5));
    assert_eq!(texts(&bob), []);
    assert_eq!(table.dropped(DropReason::RefusedByPeer), 1);
}

#[test]
fn m14_texts_of_one_author_keep_their_order_and_authors_do_not_wait_for_each_other() {
    let (table, [alice, bob, carol]) = Table::of(["alice", "bob", "carol"]);
    carol.is(Way::Mute);
    for words in ["a1", "a2", "a3"] {
        alice.says(words);
    }
    bob.says("b1");
    bob.says("b2");
    let mut heard: Vec<String> = Vec::new();
    let mut came = 0;
    for _ in 0..1_000 {
        table.passes(Duration::from_millis(20));
        let copies = texts(&carol);
        for author in [alice.id(), bob.id()] {
            let mut numbers: Vec<_> =
                copies.iter().filter(|copy| copy.0 == author).map(|copy| copy.1).collect();
            numbers.dedup();
            assert!(numbers.len() <= 1, "one text of an author at a time: {copies:?}");
        }
        for (_, seq, words) in copies {
            if !heard.contains(&words) {
                heard.push(words);
            }
            came += 1;
            // Two of three acknowledgements are lost.
            if came % 3 == 0 {
                carol.sends_as(carol.id(), seq, Body::TextReply);
            }
        }
    }
    let of =
        |author: &str| heard.iter().filter(|words| words.starts_with(author)).cloned().collect::<Vec<_>>();
    assert_eq!(
        (of("a"), of("b")),
        (vec!["a1".into(), "a2".into(), "a3".into()], vec!["b1".into(), "b2".into()])
    );
    let place = |words: &str| heard.iter().position(|heard| heard == words);
    assert!(place("b1") < place("a2"), "bob did not wait for alice: {heard:?}");
}

#[test]
fn m14_other_requests_overlap_with_a_text_that_is_not_acknowledged() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    alice.creates("den", Mode::Central);
    bob.forgets();
    bob.is(Way::Mute);
    let carol = table.joins("carol");
    carol.says("not acknowledged");
    assert_eq!(alice.asks(invite("bob")), Body::InviteReply);
    assert!(bob.takes_all().iter().any(|got| got.body.kind() == Kind::Offer));
}
