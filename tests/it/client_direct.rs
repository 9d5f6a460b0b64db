//! A client in a decentralised room: straight where it can, through the server where it cannot (M11).
//!
//! In: a scripted server and scripted members. Out: stories by ruling: M11, M13, M14, M27, M36. Must not know a real
//! network.

use palabre::client::{Ask, Event, Fate, Speaker, Ticket, Why};
use palabre::dialect::msp::{Body, Capabilities, ErrorCode, Event as Notice, Kind, Message, error};
use palabre::time::Duration;

use crate::client_desk::{Desk, members, name, place, say, server, text};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn delivered(ticket: Ticket) -> Event {
    Event::Text { ticket, fate: Fate::Delivered }
}

fn heard(from: &str, text: &str) -> Event {
    Event::Heard { from: Speaker::Named(from.into()), text: text.into() }
}

/// Ids of people on the server: bob is at place 1, carol at place 2.
const PEOPLE: [(u8, &str); 2] = [(21, "bob"), (22, "carol")];

impl Desk {
    /// Joins a decentralised room with bob and carol in it; both have answered the probe.
    fn in_company() -> Self {
        let mut desk = Self::registered();
        desk.joins_directly(&[("bob", Some(1)), ("carol", Some(2))]);
        for n in [1, 2] {
            let probe = desk.asks_member(n);
            assert_eq!(probe.body, text(""));
            desk.member_answers(n, &probe);
        }
        desk
    }

    fn joins_directly(&mut self, who: &[(&'static str, Option<u8>)]) {
        self.wants(Ask::Join("hut".into()));
        let asked = self.asks(Kind::JoinRoom);
        self.is_answered(&asked, Body::JoinRoomReply(members(who)));
        self.reads_directory(&PEOPLE);
        assert!(matches!(self.tells(), Event::Answered { .. }));
    }

    fn member_answers(&mut self, n: u8, asked: &Message<'_>) {
        self.hears(place(n), &Message { user: 20 + n, seq: asked.seq, body: Body::TextReply });
    }

    fn member_says(&mut self, n: u8, seq: u16, words: &str) {
        self.hears(place(n), &Message { user: 20 + n, seq, body: text(words) });
    }

    /// The list of members is asked for, and is this.
    #[track_caller]
    fn refreshes(&mut self, who: &[(&'static str, Option<u8>)]) {
        let asked = self.asks(Kind::JoinRoom);
        self.is_answered(&asked, Body::JoinRoomReply(members(who)));
    }

    #[track_caller]
    fn relays(&mut self, to: u8, words: &str) -> Message<'static> {
        let relay = self.asks(Kind::Relay);
        assert_eq!(relay.body, Body::Relay { to, text: words.into(), order: None });
        relay
    }
}

#[test]
fn m11_a_text_goes_to_each_member_and_is_delivered_when_all_have_it() {
    let mut desk = Desk::in_company();
    let ticket = desk.wants(say("bonjour"));
    let (to_bob, to_carol) = (desk.asks_member(1), desk.asks_member(2));
    assert_eq!((to_bob.user, &to_bob.body, &to_carol.body), (7, &text("bonjour"), &text("bonjour")));
    desk.member_answers(1, &to_bob);
    desk.tells_nothing();
    desk.member_answers(2, &to_carol);
    assert_eq!(desk.tells(), delivered(ticket));
    desk.asks_nothing();
}

#[test]
fn m14_the_next_text_for_a_member_waits_until_he_has_the_one_before() {
    let mut desk = Desk::in_company();
    desk.wants(say("one"));
    desk.wants(say("two"));
    let (bobs, carols) = (desk.asks_member(1), desk.asks_member(2));
    desk.member_answers(1, &bobs);
    assert_eq!(desk.asks_member(1).body, text("two"), "bob does not wait for carol");
    assert_eq!(carols.body, text("one"));
    desk.passes(ms(300));
    assert!(desk.count(place(2), Kind::Text) > 0);
    desk.asks_nothing();
}

#[test]
fn m11_m14_who_does_not_answer_gets_this_text_and_the_next_ones_through_the_server_in_order() {
    let mut desk = Desk::in_company();
    let tickets = [desk.wants(say("one")), desk.wants(say("two"))];
    let first = desk.asks_member(1);
    desk.member_answers(1, &first);
    let second = desk.asks_member(1);
    desk.member_answers(1, &second);
    desk.passes(ms(1_100));
    let relay = desk.relays(22, "one");
    desk.asks_nothing();
    desk.is_answered(&relay, Body::TextReply);
    assert_eq!(desk.tells(), delivered(tickets[0]));
    let relay = desk.relays(22, "two");
    desk.is_answered(&relay, Body::TextReply);
    assert_eq!(desk.tells(), delivered(tickets[1]));
    desk.count(place(2), Kind::Text);
    desk.wants(say("three"));
    desk.relays(22, "three");
    assert_eq!(desk.count(place(2), Kind::Text), 0);
}

#[test]
fn m14_a_probe_and_a_text_given_up_together_do_not_change_the_order() {
    let mut desk = Desk::registered();
    desk.joins_directly(&[("bob", Some(1))]);
    for said in ["one", "two", "three"] {
        desk.wants(say(said));
    }
    desk.passes(ms(1_100));
    for said in ["one", "two", "three"] {
        let relay = desk.relays(21, said);
        desk.is_answered(&relay, Body::TextReply);
    }
}

#[test]
fn m11_the_straight_way_is_probed_with_each_keep_alive_and_taken_again_when_it_is_open() {
    let mut desk = Desk::registered();
    desk.joins_directly(&[("bob", Some(1))]);
    desk.passes(ms(1_100));
    desk.wants(say("one"));
    let relay = desk.relays(21, "one");
    desk.is_answered(&relay, Body::TextReply);
    desk.count(place(1), Kind::Text);
    desk.passes(ms(44_000));
    let probe = desk.asks_member(1);
    assert_eq!(probe.body, text(""));
    desk.member_answers(1, &probe);
    desk.wants(say("two"));
    assert_eq!(desk.asks_member(1).body, text("two"));
}

#[test]
fn m14_after_a_relayed_text_the_straight_way_waits_until_that_has_had_time_to_arrive() {
    let mut desk = Desk::in_company();
    desk.wants(say("one"));
    let first = desk.asks_member(1);
    desk.passes(ms(1_100));
    let relay = desk.relays(21, "one");
    let late = desk.relays(22, "one");
    desk.is_answered(&relay, Body::TextReply);
    desk.is_answered(&late, Body::TextReply);
    desk.member_answers(1, &first);
    desk.passes(ms(5_000));
    desk.wants(say("two"));
    desk.relays(21, "two");
}

#[test]
fn m11_who_has_no_address_is_reached_through_the_server_at_once() {
    let mut desk = Desk::registered();
    desk.joins_directly(&[("bob", None)]);
    let ticket = desk.wants(say("bonjour"));
    let relay = desk.relays(21, "bonjour");
    desk.is_answered(&relay, Body::TextReply);
    assert_eq!(desk.tells(), delivered(ticket));
}

#[test]
fn m11_whom_the_server_cannot_reach_either_is_named() {
    let mut desk = Desk::registered();
    desk.joins_directly(&[("bob", None)]);
    let ticket = desk.wants(say("bonjour"));
    let relay = desk.relays(21, "bonjour");
    desk.is_answered(&relay, error(Kind::Relay.code(), ErrorCode::NO_SUCH_USER, ""));
    let fate = Fate::GivenUp(Why::Unreached(vec!["bob".into()]));
    assert_eq!(desk.tells(), Event::Text { ticket, fate });
    desk.refreshes(&[]);
    let alone = desk.wants(say("anybody?"));
    assert_eq!(desk.tells(), delivered(alone));
}

#[test]
fn m11_without_a_server_that_relays_who_does_not_answer_is_named() {
    let mut desk = Desk::registered_with(Capabilities::NOTIFICATIONS.with(Capabilities::DIRECTORY));
    desk.joins_directly(&[("bob", Some(1))]);
    let ticket = desk.wants(say("bonjour"));
    desk.passes(ms(1_100));
    let fate = Fate::GivenUp(Why::Unreached(vec!["bob".into()]));
    assert_eq!(desk.tells(), Event::Text { ticket, fate });
}

#[test]
fn m15_a_relayed_text_that_the_server_had_no_time_for_comes_first_when_it_has() {
    let mut desk = Desk::registered();
    desk.joins_directly(&[("bob", None)]);
    desk.wants(say("one"));
    desk.wants(say("two"));
    let relay = desk.relays(21, "one");
    desk.is_answered(&relay, error(Kind::Relay.code(), ErrorCode::TOO_MANY_REQUESTS, ""));
    desk.asks_nothing();
    desk.passes(ms(200));
    let relay = desk.relays(21, "one");
    desk.is_answered(&relay, Body::TextReply);
    desk.relays(21, "two");
}

#[test]
fn m11_a_text_from_an_unknown_source_is_neither_shown_nor_answered_and_the_list_is_asked_for() {
    let mut desk = Desk::in_company();
    for seq in 50..60 {
        desk.hears(place(9), &Message { user: 30, seq, body: text("let me in") });
    }
    desk.tells_nothing();
    assert_eq!(desk.count(place(9), Kind::TextReply), 0);
    desk.refreshes(&[("bob", Some(1)), ("carol", Some(2))]);
    desk.asks_nothing();
    desk.passes(ms(1_000));
    desk.hears(place(9), &Message { user: 30, seq: 60, body: text("now?") });
    desk.refreshes(&[("bob", Some(1)), ("carol", Some(2)), ("dan", Some(9))]);
    desk.hears(place(9), &Message { user: 30, seq: 60, body: text("now?") });
    assert_eq!(desk.answers(place(9), 60), Body::TextReply);
    assert_eq!(desk.tells(), heard("dan", "now?"));
}

#[test]
fn m11_what_is_no_text_is_nothing_between_members() {
    let mut desk = Desk::in_company();
    let before = desk.client.dropped();
    desk.hears(place(1), &Message { user: 21, seq: 5, body: Body::LeaveRoom });
    desk.hears(place(1), &Message { user: 21, seq: 6, body: Body::LeaveRoomReply { refused: false } });
    assert_eq!(desk.client.dropped(), before + 2);
    assert_eq!(desk.client.room().map(|(room, _)| room), Some("hut"));
}

#[test]
fn m13_a_members_text_that_comes_again_is_answered_again_and_shown_once() {
    let mut desk = Desk::in_company();
    for _ in 0..3 {
        desk.member_says(1, 50, "bonjour");
        assert_eq!(desk.answers(place(1), 50), Body::TextReply);
    }
    assert_eq!(desk.tells(), heard("bob", "bonjour"));
    desk.tells_nothing();
}

#[test]
fn m27_a_text_that_came_straight_is_not_shown_again_when_it_comes_through_the_server() {
    let mut desk = Desk::in_company();
    desk.member_says(1, 50, "bonjour");
    desk.member_says(1, 50, "bonjour");
    assert_eq!(desk.tells(), heard("bob", "bonjour"));
    desk.passes(ms(1_000));
    desk.is_asked(900, 21, text("bonjour"));
    assert_eq!(desk.answers(server(), 900), Body::TextReply);
    desk.tells_nothing();
    desk.is_asked(901, 21, text("bonjour"));
    assert_eq!(desk.tells(), heard("bob", "bonjour"), "this is another one");
}

#[test]
fn m27_a_text_that_came_straight_once_is_not_shown_again_however_slow_its_authors_timer_has_become() {
    let mut desk = Desk::in_company();
    desk.member_says(1, 50, "bonjour");
    assert_eq!(desk.tells(), heard("bob", "bonjour"));
    desk.passes(ms(10_000));
    desk.is_asked(900, 21, text("bonjour"));
    desk.tells_nothing();
}

#[test]
fn m27_the_same_words_said_again_much_later_are_shown() {
    let mut desk = Desk::in_company();
    desk.member_says(1, 50, "yes");
    assert_eq!(desk.tells(), heard("bob", "yes"));
    desk.passes(ms(20_000));
    desk.is_asked(900, 21, text("yes"));
    assert_eq!(desk.tells(), heard("bob", "yes"));
}

#[test]
fn m36_news_of_people_is_no_list_of_members_but_makes_it_ask_for_one() {
    let mut desk = Desk::in_company();
    let joined = Notice::Joined { id: 30, address: "192.0.2.109:40000".parse().unwrap(), user: name("dan") };
    desk.is_asked(900, 255, Body::Notification(joined));
    assert_eq!(desk.tells(), Event::Joined("dan".into()));
    // What is said now waits for the list: dan may be in another room.
    desk.wants(say("between us"));
    assert_eq!(desk.count(place(9), Kind::Text), 0);
    desk.refreshes(&[("bob", Some(1)), ("carol", Some(2))]);
    assert_eq!(desk.asks_member(1).body, text("between us"));
    assert_eq!(desk.count(place(9), Kind::Text), 0);
}

#[test]
fn m36_people_who_came_while_the_answer_to_a_creation_was_lost_are_found() {
    let mut desk = Desk::registered();
    desk.wants(Ask::Create { room: "hut".into(), mode: palabre::vocab::Mode::Direct, capacity: 9 });
    let asked = desk.asks(Kind::CreateRoom);
    let joined = Notice::Joined { id: 21, address: "192.0.2.101:40000".parse().unwrap(), user: name("bob") };
    desk.is_asked(900, 255, Body::Notification(joined));
    let status = palabre::dialect::msp::CreateStatus::Created;
    desk.is_answered(&asked, Body::CreateRoomReply { status, room: 1 });
    desk.refreshes(&[("bob", Some(1))]);
    desk.reads_directory(&PEOPLE);
    desk.asks_member(1);
    desk.wants(say("bonjour"));
    assert_eq!(desk.asks_member(1).body, text("bonjour"));
}

#[test]
fn m11_who_has_left_needs_nothing_any_more() {
    let mut desk = Desk::in_company();
    let ticket = desk.wants(say("bonjour"));
    let to_bob = desk.asks_member(1);
    desk.member_answers(1, &to_bob);
    desk.is_asked(900, 255, Body::Notification(Notice::Left { id: 22, user: name("carol") }));
    assert_eq!(desk.tells(), Event::Left("carol".into()));
    desk.refreshes(&[("bob", Some(1))]);
    assert_eq!(desk.tells(), delivered(ticket));
}

#[test]
fn m11_who_has_moved_gets_what_was_on_its_way_through_the_server() {
    let mut desk = Desk::in_company();
    desk.wants(say("bonjour"));
    desk.is_asked(900, 255, Body::Notification(Notice::Left { id: 22, user: name("carol") }));
    desk.refreshes(&[("bob", Some(1)), ("carol", Some(3))]);
    desk.relays(22, "bonjour");
    assert_eq!(desk.asks_member(3).body, text(""));
}

#[test]
fn m21_when_the_room_closes_nothing_more_goes_to_its_members() {
    let mut desk = Desk::in_company();
    let ticket = desk.wants(say("between us"));
    desk.asks_member(1);
    desk.is_asked(900, 255, Body::Notification(Notice::Closed { room: name("hut") }));
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::GivenUp(Why::RoomGone) });
    desk.count(place(1), Kind::Text);
    desk.passes(ms(5_000));
    assert_eq!((desk.count(place(1), Kind::Text), desk.count(place(2), Kind::Text)), (0, 1));
}
