//! Which answer each request of Shen's protocol gets, and what answers a question: S4, S5, S6, S20, S25.
//!
//! In: requests under numbers of the client's choice. Out: exactly one answer each. Must not know the server's insides.

use palabre::dialect::shen::{Body, Kind, words};
use palabre::engine::{Counter, DropReason};
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::served::Way;
use crate::shen_client::{Client, Table, ack, encoded, invite, plain, room_body, send};

const DENIED: Body<'static> = Body::Plain { kind: Kind::Denied, text: std::borrow::Cow::Borrowed("") };

/// Sheng manages a room with these, who have accepted.
#[track_caller]
fn opens(room: &str, mode: Mode, sheng: &Client, others: &[(&Client, &str)]) {
    let names: Vec<&str> = others.iter().map(|(_, name)| *name).collect();
    sheng.proposes(&names.join(", "), mode, room);
    for (other, _) in others {
        other.accepts(other.is_invited("Sheng"));
        for got in sheng.takes_all() {
            sheng.acks(got.seq);
        }
    }
    for who in others.iter().map(|(who, _)| *who).chain([sheng]) {
        while let Some(got) = who.takes_all().pop() {
            who.acks(got.seq);
        }
    }
}

#[test]
fn s5_each_request_is_answered_as_the_table_says_where_there_is_nothing_to_do() {
    let (_table, [sheng, _lucy]) = Table::of(["Sheng", "Lucy"]);
    let no_receiver = plain(Kind::NoSuchReceiver, words::NO_SUCH_RECEIVER);
    let answers = [
        (plain(Kind::CountRooms, ""), ack("0")),
        (plain(Kind::CountMembers, ""), ack("2")),
        (plain(Kind::Leave, ""), ack("")),
        (plain(Kind::Accept, ""), ack("")),
        (plain(Kind::Decline, ""), ack("")),
        (plain(Kind::Dissolve, ""), DENIED),
        (plain(Kind::Join, "nowhere"), plain(Kind::NoSuchReceiver, words::NO_SUCH_ROOM)),
        (plain(Kind::Join, ""), plain(Kind::NoSuchReceiver, words::NO_SUCH_ROOM)),
        (send(1, "to myself"), no_receiver.clone()),
        (send(1_000, "to nobody"), no_receiver),
        (send(0, "to all"), ack("")),
        (send(0, ""), ack("")),
        (room_body(Kind::ChooseMode, Mode::Direct, ""), DENIED),
        (room_body(Kind::ChangeMode, Mode::Direct, ""), DENIED),
        (room_body(Kind::NameRoom, Mode::Central, "name"), DENIED),
        (room_body(Kind::RenameRoom, Mode::Central, "name"), DENIED),
        (room_body(Kind::RenameRoom, Mode::Central, "a,b"), DENIED),
        (invite("nobody, Sheng"), plain(Kind::ModeOffer, words::MODES)),
        (room_body(Kind::NameRoom, Mode::Central, ""), DENIED),
        (plain(Kind::Disconnect, ""), ack("")),
    ];
    for (request, answer) in answers {
        assert_eq!(sheng.asks(request.clone()), answer, "{request:?}");
        sheng.gets_nothing();
    }
}

#[test]
fn s5_each_request_is_answered_as_the_table_says_in_a_room() {
    let (_table, [sheng, lucy, tom]) = Table::of(["Sheng", "Lucy", "Tom"]);
    opens("lol", Mode::Central, &sheng, &[(&lucy, "Lucy")]);
    assert_eq!(tom.asks(plain(Kind::CountRooms, "")), ack("1"));
    assert_eq!(tom.asks(plain(Kind::CountMembers, "")), ack("1"));
    assert_eq!(lucy.asks(plain(Kind::CountMembers, "")), ack("2"));
    // What only the manager may do.
    assert_eq!(lucy.asks(plain(Kind::Dissolve, "")), DENIED);
    assert_eq!(lucy.asks(room_body(Kind::ChangeMode, Mode::Direct, "")), DENIED);
    assert_eq!(sheng.asks(room_body(Kind::ChangeMode, Mode::Central, "")), ack(""), "it has this mode");
    // One's own room is joined by doing nothing.
    assert_eq!(lucy.asks(plain(Kind::Join, "lol")), ack("Bienvenue Lucy"));
    assert_eq!(lucy.asks(plain(Kind::Leave, "")), ack(""));
    assert_eq!(tom.asks(plain(Kind::CountRooms, "")), ack("0"));
}

#[test]
fn s4_s20_a_list_says_who_is_where_leaves_out_the_asker_and_has_addresses_only_in_his_own_direct_room() {
    let (_table, [sheng, lucy, tom, bob]) = Table::of(["Sheng", "Lucy", "Tom", "Bob"]);
    opens("lol", Mode::Direct, &sheng, &[(&lucy, "Lucy"), (&tom, "Tom")]);
    let texts = |who: &Client| -> Vec<(u16, bool, u16, String)> {
        let entries = who.lists().into_iter();
        entries.map(|entry| (entry.room, entry.private, entry.user, entry.text.into_owned())).collect()
    };
    let expected = |with: bool, who: &Client, name: &str, handle| {
        let address = if with { format!(", {}", who.address()) } else { String::new() };
        (1, true, handle, format!("lol, {name}{address}"))
    };
    let outside = (0, false, 4, "publique, Bob".to_owned());
    let (from_lucy, from_bob) = (texts(&lucy), texts(&bob));
    assert_eq!(
        from_lucy,
        [expected(true, &sheng, "Sheng", 1), expected(true, &tom, "Tom", 3), outside.clone()]
    );
    let all = [(&sheng, "Sheng", 1), (&lucy, "Lucy", 2), (&tom, "Tom", 3)];
    assert_eq!(from_bob, all.map(|(who, name, handle)| expected(false, who, name, handle)));

    // In a centralised room nobody needs them.
    let seq = sheng.sends(room_body(Kind::ChangeMode, Mode::Central, ""));
    for who in [&lucy, &tom] {
        let question = who.is_told(words::VOTE);
        who.accepts(question);
    }
    sheng.is_answered(seq, ack(""));
    assert_eq!(texts(&lucy), [expected(false, &sheng, "Sheng", 1), expected(false, &tom, "Tom", 3), outside]);
}

#[test]
fn s5_yes_under_a_number_of_ones_own_answers_the_oldest_question_that_is_open() {
    let (_table, [sheng, bob, lucy]) = Table::of(["Sheng", "Bob", "Lucy"]);
    sheng.proposes("Lucy", Mode::Central, "lol");
    bob.proposes("Lucy", Mode::Central, "dota");
    // Received both; then the answers come one after the other.
    for inviter in ["Sheng", "Bob"] {
        let seq = lucy.is_invited(inviter);
        lucy.acks(seq);
    }
    assert_eq!(lucy.asks(plain(Kind::Decline, "")), ack(""));
    sheng.acks(sheng.is_asked(DENIED));
    bob.gets_nothing();
    assert_eq!(lucy.asks(plain(Kind::Accept, "")), ack(""));
    bob.acks(bob.is_asked(plain(Kind::Granted, "")));
    assert_eq!(lucy.asks(plain(Kind::CountMembers, "")), ack("2"));
    // Nothing is open any more.
    assert_eq!(lucy.asks(plain(Kind::Accept, "")), ack(""));
    lucy.gets_nothing();
}

#[test]
fn s5_s25_an_answer_may_come_under_the_number_of_its_question_also_after_that_was_acknowledged() {
    let (_table, [sheng, bob, lucy]) = Table::of(["Sheng", "Bob", "Lucy"]);
    sheng.proposes("Lucy", Mode::Central, "lol");
    bob.proposes("Lucy", Mode::Central, "dota");
    let (first, second) = (lucy.is_invited("Sheng"), lucy.is_invited("Bob"));
    lucy.acks(first);
    lucy.acks(second);
    // The younger one is meant. It is a request now, and so it is acknowledged, each time.
    for _ in 0..3 {
        lucy.answers(second, plain(Kind::Accept, ""));
        lucy.is_answered(second, ack(""));
    }
    bob.acks(bob.is_asked(plain(Kind::Granted, "")));
    sheng.gets_nothing();
}

#[test]
fn s5_a_copy_of_a_direct_answer_is_no_answer_to_another_question() {
    let (_table, [sheng, bob, lucy]) = Table::of(["Sheng", "Bob", "Lucy"]);
    sheng.proposes("Lucy", Mode::Central, "lol");
    bob.proposes("Lucy", Mode::Central, "dota");
    let (first, _) = (lucy.is_invited("Sheng"), lucy.is_invited("Bob"));
    for _ in 0..3 {
        lucy.answers(first, plain(Kind::Decline, ""));
    }
    sheng.acks(sheng.is_asked(DENIED));
    bob.gets_nothing();
    // The invitation to Bob's room is still open.
    lucy.asks(plain(Kind::Accept, ""));
    bob.acks(bob.is_asked(plain(Kind::Granted, "")));
}

#[test]
fn s25_an_answer_that_is_late_answers_nothing_else() {
    let (table, [sheng, bob, lucy]) = Table::of(["Sheng", "Bob", "Lucy"]);
    lucy.is(Way::Open);
    sheng.proposes("Lucy", Mode::Central, "lol");
    let late = lucy.is_invited("Sheng");
    table.passes(Duration::from_secs(60));
    sheng.acks(sheng.is_asked(DENIED));
    lucy.takes_all();
    bob.proposes("Lucy", Mode::Central, "dota");
    let open = lucy.is_invited("Bob");
    assert_ne!(open, late);
    // 29 s after its end, 89 s after it was put.
    table.passes(Duration::from_secs(29));
    lucy.takes_all();
    bob.gets_nothing();
    lucy.sends_as(late, plain(Kind::Accept, ""));
    assert!(lucy.takes_all().iter().any(|got| got.seq == late && got.body == ack("")));
    bob.gets_nothing();
    sheng.gets_nothing();
    assert_eq!(lucy.asks(plain(Kind::CountRooms, "")), ack("0"));
    lucy.answers(open, plain(Kind::Accept, ""));
    bob.acks(bob.is_asked(plain(Kind::Granted, "")));
}

#[test]
fn s5_who_says_yes_too_late_is_told_in_words() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    sheng.proposes("Lucy", Mode::Central, "lol");
    let seq = lucy.is_invited("Sheng");
    lucy.acks(seq);
    table.passes(Duration::from_secs(60));
    lucy.answers(seq, plain(Kind::Accept, ""));
    lucy.is_answered(seq, ack(""));
    lucy.acks(lucy.is_told(words::INVITATION_OVER));
    // Who says no has what he wants.
    lucy.answers(seq, plain(Kind::Decline, ""));
    lucy.is_answered(seq, ack(""));
    lucy.gets_nothing();
}

#[test]
fn s5_s9_words_answer_a_question_in_words_and_no_other() {
    let (_table, [sheng, lucy, tom]) = Table::of(["Sheng", "Lucy", "Tom"]);
    sheng.proposes("Lucy", Mode::Central, "lol");
    let seq = lucy.is_invited("Sheng");
    lucy.answers(seq, ack("je suis d'accord"));
    sheng.gets_nothing();
    lucy.asks(plain(Kind::Accept, ""));
    sheng.acks(sheng.is_asked(plain(Kind::Granted, "")));

    let seq = tom.sends(plain(Kind::Join, "lol"));
    let question = sheng.is_told("Tom demande d'entrer");
    sheng.answers(question, ack("Je suis d'accord"));
    tom.is_answered(seq, DENIED);
    let seq = tom.sends(plain(Kind::Join, "lol"));
    let question = sheng.is_told("Tom demande d'entrer");
    sheng.answers(question, ack("je suis d'accord"));
    tom.is_answered(seq, ack("Bienvenue Tom"));
}

#[test]
fn s5_what_no_client_asks_is_dropped_and_counted() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    let bodies = [Kind::ConnectRefused, Kind::NoSuchUser, Kind::ModeOffer, Kind::Granted, Kind::Denied];
    bodies.into_iter().for_each(|kind| sheng.sends_as(9, plain(kind, "")));
    sheng.sends_as(9, Body::Speech { kind: Kind::Relay, emitter: 0, receiver: 0, text: "a".into() });
    sheng.sends_as(9, Body::List(Vec::new()));
    sheng.sends_as(9, ack(""));
    sheng.gets_nothing();
    lucy.gets_nothing();
    assert_eq!(table.served().dropped(DropReason::UnexpectedResponse), 8);
}

#[test]
fn s6_a_request_that_comes_again_gets_the_same_bytes_and_is_carried_out_once() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    let handle = lucy.handle_of("Sheng");
    sheng.sends_as(40, plain(Kind::ListUsers, ""));
    let list = sheng.traffic().2;
    sheng.takes_all();
    table.joins("Tom");
    sheng.sends_as(40, plain(Kind::ListUsers, ""));
    assert_eq!(sheng.traffic().2, list, "as it was");
    sheng.takes_all();
    for _ in 0..3 {
        sheng.sends_as(41, send(0, "once"));
    }
    assert_eq!(sheng.takes_all().len(), 3);
    lucy.acks(lucy.hears("once", ("Sheng", handle), 0));
    // The same number and other bytes: another request.
    sheng.sends_as(41, send(0, "twice"));
    lucy.acks(lucy.hears("twice", ("Sheng", handle), 0));
    lucy.gets_nothing();
    // Without the end of its line a text has other bytes, too: nobody sends it so once and so again.
    let mut bytes = encoded(41, send(0, ""));
    bytes.extend([0; 2]);
    sheng.sends_bytes(&bytes);
    assert_eq!(table.served().counted(Counter::Repeats), 3);
}

#[test]
fn s6_while_others_decide_a_repetition_gets_no_answer_and_afterwards_the_same() {
    let (table, [sheng, lucy, tom]) = Table::of(["Sheng", "Lucy", "Tom"]);
    opens("lol", Mode::Central, &sheng, &[(&lucy, "Lucy")]);
    let seq = tom.sends(plain(Kind::Join, "lol"));
    tom.sends_as(seq, plain(Kind::Join, "lol"));
    tom.gets_nothing();
    assert_eq!(table.served().dropped(DropReason::StillDeciding), 1);
    let question = sheng.is_told("Tom demande d'entrer");
    sheng.gets_nothing();
    sheng.accepts(question);
    tom.is_answered(seq, ack("Bienvenue Tom"));
    tom.sends_as(seq, plain(Kind::Join, "lol"));
    tom.is_answered(seq, ack("Bienvenue Tom"));
}

#[test]
fn s6_the_server_asks_five_times_every_2_s_and_then_waits_for_a_sign() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    let handle = lucy.handle_of("Sheng");
    sheng.asks(send(0, "hello"));
    for round in 0..5 {
        lucy.hears("hello", ("Sheng", handle), 0);
        lucy.gets_nothing();
        table.passes(Duration::from_millis(1_999));
        lucy.gets_nothing();
        table.passes(Duration::from_millis(1));
        assert_eq!(table.served().counted(Counter::Retransmissions), (round + 1).min(4));
    }
    table.passes(Duration::from_millis(500));
    lucy.gets_nothing();
}
