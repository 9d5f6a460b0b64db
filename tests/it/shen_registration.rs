//! Names, addresses and handles in Shen's protocol: S3, S7, S15, S18, S24 and what strangers are answered.
//!
//! In: what comes from a few addresses. Out: who is let in, under which handle. Must not know how names are kept.

use palabre::dialect::shen::{Body, Kind, Message, words};
use palabre::engine::{Config, Counter, Departure, DropReason, Event, Limits, Listener, Rate, Server};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use palabre::vocab::Mode;
use proptest::prelude::*;

use crate::served::{Served, Way};
use crate::shen_client::{Client, Table, ack, encoded, invite, plain, room_body, send};

const TAKEN: &str = words::NAME_TAKEN;

fn refused(why: &str) -> Body<'_> {
    plain(Kind::ConnectRefused, why)
}

fn connect(name: &str) -> Body<'_> {
    plain(Kind::Connect, name)
}

fn table_with(limits: Limits) -> Table {
    let config = Config { limits, ..Config::new(vec![Listener::shen()]) };
    Table::at(&Served::new(config), ListenerId(0))
}

/// Everybody of 1,023, all of whom have said something.
fn full_house() -> (Table, Vec<Client>) {
    let table = Table::new();
    let seat = |n: u32| table.stranger_at(&format!("10.0.{}.{}:7000", n / 250, n % 250 + 1));
    let people: Vec<Client> = (0..1_023).map(seat).collect();
    for (n, who) in people.iter().enumerate() {
        who.registers(&format!("u{n}"));
        assert_eq!(who.asks(plain(Kind::CountRooms, "")), ack("0"));
    }
    (table, people)
}

#[test]
fn s3_s4_1023_people_are_all_each_has_a_handle_and_a_list_of_them_has_pages() {
    let (table, people) = full_house();
    let late = table.stranger();
    assert_eq!(late.asks(connect("late")), refused(words::SERVER_FULL));

    let seq = people[0].sends(plain(Kind::ListUsers, ""));
    let pages = people[0].takes_all();
    assert_eq!(pages[0].seq, seq, "the first page is the answer, the others are requests");
    assert!(pages[1..].iter().all(|page| page.seq != seq));
    let mut handles = Vec::new();
    for (n, Message { body, .. }) in pages.iter().enumerate() {
        let Body::List(entries) = body else { panic!("no list: {body:?}") };
        let bytes: usize = entries.iter().map(|entry| entry.text.len()).sum();
        assert!(bytes <= 1_024 && (bytes > 1_000 || n + 1 == pages.len()), "{bytes} in page {n}");
        handles.extend(entries.iter().map(|entry| entry.user));
    }
    assert_eq!(handles, (2..=1_023).collect::<Vec<u16>>(), "all but the one who asks");
    // Each further page is repeated until it is acknowledged.
    pages[1..].iter().skip(1).for_each(|page| people[0].acks(page.seq));
    table.passes(Duration::from_secs(2));
    assert_eq!(people[0].takes_all(), [pages[1].clone()]);
    people[0].acks(pages[1].seq);

    // A handle that was given up rests for 60 s.
    assert_eq!(people[6].asks(plain(Kind::Disconnect, "")), ack(""));
    table.passes(Duration::from_millis(57_999));
    assert_eq!(late.asks(connect("late")), refused(words::SERVER_FULL));
    table.passes(Duration::from_millis(2_001));
    late.registers("late");
    assert_eq!(people[0].handle_of_in_pages("late"), 7);
}

#[test]
fn s3_the_server_says_who_speaks_whatever_the_client_says() {
    let (_table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    let (to_sheng, to_lucy) = (lucy.handle_of("Sheng"), sheng.handle_of("Lucy"));
    for (emitter, receiver) in [(0, 0), (to_sheng, 0), (to_lucy, to_lucy), (999, 0)] {
        let text = "qui parle".into();
        assert_eq!(sheng.asks(Body::Speech { kind: Kind::Send, emitter, receiver, text }), ack(""));
        let seq = lucy.hears("qui parle", ("Sheng", to_sheng), receiver);
        lucy.acks(seq);
    }
}

#[test]
fn s7_a_name_belongs_to_the_address_that_used_it_first_also_after_it_has_left() {
    let table = Table::new();
    let lucy = table.stranger_at("192.0.2.1:4000");
    lucy.registers("Lucy");
    let claimed = Event::NameClaimed { name: "Lucy".into(), address: [192, 0, 2, 1].into() };
    assert_eq!(table.served().events().iter().filter(|event| **event == claimed).count(), 1);
    let thief = table.stranger_at("192.0.2.2:4000");
    assert_eq!(thief.asks(connect("Lucy")), refused(TAKEN));
    table.passes(Duration::from_secs(30));
    assert_eq!(thief.asks(connect("Lucy")), refused(TAKEN));
    lucy.gets_nothing();

    lucy.asks(plain(Kind::Disconnect, ""));
    table.passes(Duration::from_secs(500));
    assert_eq!(thief.asks(connect("Lucy")), refused(TAKEN));
    table.stranger_at("192.0.2.1:5000").registers("Lucy");
    assert!(!table.served().events().contains(&claimed), "that is no news");
    // What was refused is not remembered: anybody may have the name that nobody used.
    thief.registers("Bob");
}

#[test]
fn s7_names_are_known_to_a_server_that_is_started_again() {
    let table = Table::new();
    table.stranger_at("192.0.2.1:4000").registers("Lucy");
    table.stranger_at("[::ffff:192.0.2.9]:4000").registers("Bob");
    let saved = table.served().registry();
    let config = Config::new(vec![Listener::shen()]);
    let again = Served::of(config.clone(), Server::with_registry(config, 8, saved.clone()));
    let table = Table::at(&again, ListenerId(0));
    assert_eq!(table.stranger_at("192.0.2.2:4000").asks(connect("Lucy")), refused(TAKEN));
    table.stranger_at("192.0.2.1:4001").registers("Lucy");
    table.stranger_at("192.0.2.9:4001").registers("Bob");
    assert_eq!(again.registry(), saved);
    assert_eq!(saved.owner("Bob"), Some([192, 0, 2, 9].into()));
}

#[test]
fn s7_s17_somebody_else_at_the_same_address_is_refused_while_the_holder_lives() {
    let table = Table::new();
    let lucy = table.stranger_at("192.0.2.1:4000");
    lucy.registers("Lucy");
    let other = table.stranger_at("192.0.2.1:5000");
    table.passes(Duration::from_millis(1_999));
    assert_eq!(other.asks(connect("Lucy")), refused(TAKEN));
    lucy.gets_nothing();
    // Silent for T: the holder is asked, and answers.
    table.passes(Duration::from_millis(1));
    assert_eq!(other.asks(connect("Lucy")), refused(TAKEN));
    let seq = lucy.is_told("");
    lucy.acks(seq);
    table.passes(Duration::from_secs(2));
    lucy.gets_nothing();

    // He is asked again, by one question however many want his name, and does not answer.
    for _ in 0..3 {
        assert_eq!(other.asks(connect("Lucy")), refused(TAKEN));
    }
    table.passes(Duration::from_millis(9_999));
    assert_eq!(lucy.takes_all().len(), 5);
    assert_eq!(other.asks(connect("Lucy")), refused(TAKEN));
    table.passes(Duration::from_millis(1));
    let gone = Event::Departed { name: "Lucy".into(), id: Some(1), why: Departure::Unanswered };
    assert!(table.served().events().contains(&gone));
    other.registers("Lucy");
}

#[test]
fn s15_a_name_has_1_to_30_characters_at_most_64_bytes_no_comma_and_no_control_character() {
    let table = Table::new();
    let bad = ["", &"a".repeat(31), &"€".repeat(22), "a,b", ",", "a\tb", "a\u{7f}", "a\nb", "\u{85}"];
    for name in bad {
        let who = table.stranger();
        assert_eq!(who.asks(connect(name)), refused(words::BAD_NAME), "{name:?}");
    }
    let good = ["a", &"a".repeat(30), &"é".repeat(30), &format!("{}a", "€".repeat(21)), "a b", "#", "é"];
    good.into_iter().for_each(|name| drop(table.joins(name)));
}

#[test]
fn s18_one_who_is_not_registered_learns_it_without_a_word_more() {
    let table = Table::new();
    let stranger = table.stranger();
    let requests = [
        plain(Kind::Disconnect, ""),
        plain(Kind::ListUsers, ""),
        plain(Kind::Accept, ""),
        plain(Kind::Decline, ""),
        plain(Kind::Leave, ""),
        plain(Kind::Join, "room"),
        plain(Kind::Dissolve, ""),
        plain(Kind::CountRooms, ""),
        plain(Kind::CountMembers, ""),
        send(0, "hello"),
        invite("Lucy"),
        room_body(Kind::ChooseMode, Mode::Direct, ""),
        room_body(Kind::ChangeMode, Mode::Direct, ""),
        room_body(Kind::NameRoom, Mode::Central, "room"),
        room_body(Kind::RenameRoom, Mode::Central, "room"),
    ];
    for request in requests {
        assert_eq!(stranger.asks(request), refused(""));
    }
    let others = [Kind::Ack, Kind::ConnectRefused, Kind::ModeOffer, Kind::Granted, Kind::Elsewhere];
    for kind in others {
        stranger.sends(plain(kind, ""));
    }
    stranger.sends(Body::List(Vec::new()));
    stranger.sends(Body::Speech { kind: Kind::Relay, emitter: 0, receiver: 0, text: "a".into() });
    stranger.gets_nothing();
    assert_eq!(table.served().dropped(DropReason::UnexpectedResponse), 7);
}

#[test]
fn s18_m15_strangers_are_answered_at_a_bounded_rate() {
    let rate = Rate { per_second: 1, burst: 10 };
    let table = table_with(Limits { strangers_of_a_network: rate, ..Limits::default() });
    let stranger = table.stranger_at("198.51.100.1:1000");
    for seq in 0..100 {
        stranger.sends_as(seq, if seq % 2 == 0 { plain(Kind::Leave, "") } else { connect("a,b") });
    }
    assert_eq!(stranger.traffic().0, 10);
    assert_eq!(table.served().dropped(DropReason::StrangerOverRate), 90);
}

#[test]
fn s24_what_cannot_be_read_is_dropped_and_counted_and_never_answered() {
    let (table, [lucy]) = Table::of(["Lucy"]);
    let stranger = table.stranger();
    let sound = encoded(7, plain(Kind::CountRooms, ""));
    for who in [&lucy, &stranger] {
        let before = who.traffic().0;
        for bytes in
            [&[0x00, 0x40][..], &[sound.clone(), vec![0, 0]].concat(), &[0x01, 0xc0, 0x00, 0x00], &[0xff; 40]]
        {
            who.sends_bytes(bytes);
        }
        assert_eq!(who.traffic().0, before);
    }
    let dropped = |reason| table.served().dropped(reason);
    assert_eq!((dropped(DropReason::TooShort), dropped(DropReason::Malformed)), (2, 6));
}

#[test]
fn s24_what_is_asked_too_fast_is_dropped_and_counted_and_can_be_asked_again() {
    let table = table_with(Limits { requests: Rate { per_second: 1, burst: 5 }, ..Limits::default() });
    let (sheng, lucy) = (table.joins("Sheng"), table.joins("Lucy"));
    lucy.is(Way::Open);
    for seq in 100..110 {
        sheng.sends_as(seq, send(0, "flood"));
    }
    assert_eq!(sheng.takes_all().len(), 5);
    assert_eq!(lucy.takes_all().len(), 5);
    assert_eq!(table.served().dropped(DropReason::RequestOverRate), 5);
    assert_eq!(table.served().counted(Counter::OverRate), 5);
    // It was not refused, only not heard: so it is new when it comes again.
    table.passes(Duration::from_secs(1));
    lucy.takes_all();
    sheng.sends_as(109, send(0, "flood"));
    sheng.is_answered(109, ack(""));
    // Nor is a restart, or another name, a way around it.
    sheng.sends_as(200, connect("Sheng"));
    sheng.sends_as(201, connect("Noob"));
    sheng.gets_nothing();
    assert_eq!(table.served().dropped(DropReason::RequestOverRate), 7);
}

#[test]
fn s6_m15_answers_from_memory_are_bounded_too() {
    let table = table_with(Limits { requests: Rate { per_second: 1, burst: 5 }, ..Limits::default() });
    let sheng = table.joins("Sheng");
    for _ in 0..100 {
        sheng.sends_as(9, plain(Kind::ListUsers, ""));
    }
    assert_eq!(sheng.takes_all().len(), 1 + 5 * 5);
    assert_eq!(table.served().dropped(DropReason::RepeatOverRate), 74);
}

#[test]
fn s6_a_program_that_starts_again_at_its_address_is_the_same_person_in_the_public_room() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    let handle = lucy.handle_of("Sheng");
    sheng.proposes("Lucy", Mode::Central, "lol");
    let seq = lucy.is_invited("Sheng");
    lucy.accepts(seq);
    let again = table.stranger_at(&sheng.address().to_string());
    sheng.takes_all();
    table.served().events();
    again.counts_from(500);
    again.registers("Sheng");
    assert_eq!(lucy.is_asked(plain(Kind::Closed, words::ALONE)), seq + 1);
    let gone = Event::Departed { name: "Sheng".into(), id: Some(handle), why: Departure::Restarted };
    assert!(table.served().events().contains(&gone));
    assert_eq!(lucy.handle_of("Sheng"), handle);
    assert_eq!(again.asks(plain(Kind::CountMembers, "")), ack("2"));
    // A copy of what registered him is answered; it does not start him afresh.
    again.sends_as(500, connect("Sheng"));
    again.is_answered(500, ack(""));
    assert_eq!(table.served().events(), []);
    // Under another name he is somebody else.
    again.registers("Noob");
    let gone = Event::Departed { name: "Sheng".into(), id: Some(handle), why: Departure::Renamed };
    assert_eq!(table.served().events()[0], gone);
    assert_ne!(lucy.handle_of("Noob"), handle);
}

#[test]
fn s6_a_goodbye_is_answered_again_and_whoever_said_it_is_a_stranger() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    let text = sheng.sends(send(0, "adieu"));
    sheng.is_answered(text, ack(""));
    let list = sheng.sends(plain(Kind::ListUsers, ""));
    sheng.takes_all();
    let bye = sheng.sends(plain(Kind::Disconnect, "Sheng"));
    sheng.is_answered(bye, ack(""));
    sheng.sends_as(bye, plain(Kind::Disconnect, "Sheng"));
    sheng.is_answered(bye, ack(""));
    sheng.sends_as(text, send(0, "adieu"));
    sheng.is_answered(text, ack(""));
    // What is longer than a header does not go to a stranger.
    sheng.sends_as(list, plain(Kind::ListUsers, ""));
    sheng.is_answered(list, refused(""));
    assert_eq!(sheng.asks(plain(Kind::CountRooms, "")), refused(""));
    assert_eq!(lucy.lists(), []);
    table.passes(Duration::from_secs(61));
    sheng.sends_as(bye, plain(Kind::Disconnect, "Sheng"));
    sheng.is_answered(bye, refused(""));
}

#[test]
fn s3_m15_when_handles_run_out_one_who_never_spoke_gives_his_up_after_10_s() {
    let table = Table::new();
    let people: Vec<Client> = (0..1_023_u32)
        .map(|n| table.stranger_at(&format!("10.0.{}.{}:7000", n / 250, n % 250 + 1)))
        .collect();
    for (n, who) in people.iter().enumerate() {
        who.registers(&format!("u{n}"));
        if n != 40 {
            who.asks(plain(Kind::CountRooms, ""));
        }
    }
    let late = table.stranger();
    table.passes(Duration::from_millis(9_999));
    assert_eq!(late.asks(connect("late")), refused(words::SERVER_FULL));
    table.passes(Duration::from_millis(1));
    late.registers("late");
    assert_eq!(people[40].asks(plain(Kind::CountRooms, "")), refused(""));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Whatever a stranger sends, he gets at most one datagram: no more bytes than his own has, or a refusal of his name.
    #[test]
    fn s18_m15_a_stranger_gets_nothing_for_nothing(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..40), kind in 0..32u8, length in any::<bool>(),
    ) {
        if let [_, second, third, fourth, ..] = bytes.as_mut_slice() {
            *second = *second & 0xc0 | kind >> 2 & 0x3f;
            *third = kind << 6 | if length { 0 } else { *third & 0x3f };
            *fourth = if length { 0x10 } else { *fourth };
        }
        let (table, _) = Table::of(["u0"]);
        let stranger = table.stranger();
        stranger.sends_bytes(&bytes);
        let (datagrams, answered, _) = stranger.traffic();
        prop_assert!(datagrams <= 1);
        let most = if kind == Kind::Connect.code() { 64 } else { bytes.len() };
        prop_assert!(answered <= most, "{answered} for {}", bytes.len());
    }
}
