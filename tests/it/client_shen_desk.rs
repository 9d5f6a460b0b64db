//! A client of Shen's protocol, datagram by datagram.
//!
//! In: a scripted server. Out: stories by ruling: S2, S5, S6, S8, S10, S14. Must not know more of the server than that.

use palabre::client::{Answer, Ask, ConnectError, Event, Fate, Question, Refused, Speaker, Why};
use palabre::dialect::msp::{AccessStatus, RegisterStatus};
use palabre::dialect::shen::{Body, Kind, entry};
use palabre::vocab::Mode;

use crate::shen_desk::{ShenDesk, far, invitation, ms, said, server, words};

fn say(text: &str) -> Ask {
    Ask::Say(text.into())
}

#[test]
fn s6_a_request_is_sent_five_times_two_seconds_apart() {
    let mut desk = ShenDesk::new();
    desk.passes(ms(7_999));
    assert_eq!(desk.count(Kind::Connect), 4);
    desk.passes(ms(1));
    assert_eq!(desk.count(Kind::Connect), 1);
    desk.passes(ms(60_000));
    assert_eq!(desk.count(Kind::Connect), 10);
    let why = ConnectError::Silence;
    assert_eq!(desk.tells(), Event::StillConnecting { why });
    assert_eq!(desk.tells(), Event::StillConnecting { why });
    assert_eq!(desk.tells(), Event::NotRegistered { why });
}

#[test]
fn s15_a_name_that_nobody_can_have_is_not_asked_for() {
    let config = palabre::client::Config::shen("sheng, lucy", server());
    let mut client = palabre::client::Client::new(config, 1, palabre::time::Instant::ZERO);
    let why = ConnectError::Refused(RegisterStatus::InvalidName);
    assert_eq!(client.poll_output(), Some(palabre::client::Output::Event(Event::NotRegistered { why })));
    assert_eq!(client.poll_output(), None);
}

#[test]
fn s5_a_server_that_does_not_know_us_says_so_to_any_request_and_we_register_anew() {
    let mut desk = ShenDesk::registered();
    desk.passes(ms(45_000));
    let alive = desk.asks(Kind::CountMembers);
    desk.acknowledges(&alive, "3");
    desk.tells_nothing();
    let ticket = desk.wants(say("bonjour"));
    let asked = desk.asks(Kind::Send);
    desk.is_answered(&asked, Body::plain(Kind::ConnectRefused, ""));
    assert_eq!(desk.tells(), Event::Forgotten);
    let connect = desk.asks(Kind::Connect);
    desk.acknowledges(&connect, "");
    assert_eq!(desk.tells(), Event::Registered { id: 0 });
    let again = desk.asks(Kind::Send);
    desk.acknowledges(&again, "");
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delivered });
}

#[test]
fn s6_a_repeated_request_is_acknowledged_again_and_shown_once() {
    let mut desk = ShenDesk::registered();
    desk.hears(700, said("bonjour", "lucy"));
    desk.hears(700, said("bonjour", "lucy"));
    assert_eq!(desk.count(Kind::Ack), 2);
    assert_eq!(desk.tells(), Event::Heard { from: Speaker::Named("lucy".into()), text: "bonjour".into() });
    desk.tells_nothing();
    // Under the same number, but not the same bytes: another request.
    desk.hears(700, said("bonsoir", "lucy"));
    assert_eq!(desk.tells(), Event::Heard { from: Speaker::Named("lucy".into()), text: "bonsoir".into() });
}

#[test]
fn s17_a_probe_is_acknowledged_and_not_shown() {
    let mut desk = ShenDesk::registered();
    desk.hears(700, words(""));
    assert_eq!(desk.asks(Kind::Ack).seq, 700);
    desk.tells_nothing();
}

#[test]
fn s5_a_15_answers_the_request_that_bears_its_number_and_else_is_one_of_the_server() {
    let mut desk = ShenDesk::inside();
    let ticket = desk.wants(Ask::ChangeMode(Mode::Direct));
    let change = desk.asks(Kind::ChangeMode);
    desk.hears(far(&change), Body::plain(Kind::Denied, ""));
    assert_eq!(desk.asks(Kind::Ack).seq, far(&change));
    desk.tells_nothing();
    desk.is_answered(&change, Body::plain(Kind::Denied, ""));
    let Event::Answered { ticket: of, answer: Answer::Refused(_) } = desk.tells() else { panic!("refused") };
    assert_eq!(of, ticket);
    desk.sends_nothing();
}

#[test]
fn s5_a_question_is_answered_under_its_own_number_when_the_person_decides_and_again_when_it_is_repeated() {
    let mut desk = ShenDesk::registered();
    desk.hears(700, invitation("lucy"));
    desk.hears(702, words("bob demande d'entrer"));
    desk.sends_nothing();
    let Event::Invited { invitation: first, by, .. } = desk.tells() else { panic!("invited") };
    assert_eq!(by, "lucy");
    let Event::Question { question: second, what } = desk.tells() else { panic!("asked") };
    assert_eq!(what, Question::Admission { user: "bob".into() });
    desk.wants(Ask::Answer { invitation: second, accept: true });
    let agrees = Body::plain(Kind::Ack, "je suis d'accord");
    let answer = desk.asks(Kind::Ack);
    assert_eq!((answer.seq, &answer.body), (702, &agrees));
    desk.wants(Ask::Answer { invitation: first, accept: false });
    assert_eq!(desk.asks(Kind::Decline).seq, 700);
    desk.hears(702, words("bob demande d'entrer"));
    assert_eq!(desk.asks(Kind::Ack).body, agrees);
    desk.hears(700, invitation("lucy"));
    assert_eq!(desk.asks(Kind::Decline).seq, 700);
}

#[test]
fn s5_a_question_is_not_answered_when_the_server_has_stopped_waiting() {
    let mut desk = ShenDesk::registered();
    desk.hears(700, invitation("lucy"));
    let Event::Invited { invitation, .. } = desk.tells() else { panic!("invited") };
    desk.passes(ms(50_001));
    desk.count(Kind::CountMembers);
    let ticket = desk.wants(Ask::Answer { invitation, accept: true });
    let answer = Answer::Refused(Refused::NoSuchInvitation);
    assert_eq!(desk.tells(), Event::Answered { ticket, answer });
    desk.sends_nothing();
}

#[test]
fn s8_nobody_can_be_called_so_that_somebody_else_seems_to_invite() {
    let mut desk = ShenDesk::registered();
    for (seq, name) in [(700, "lucy vous invite messagerie"), (701, "lucy")] {
        desk.hears(seq, invitation(name));
        let told = desk.tells();
        assert!(
            matches!(&told, Event::Invited { by, room, .. } if by == name && room.is_empty()),
            "{told:?}"
        );
    }
}

#[test]
fn s8_one_who_accepts_says_nothing_before_it_is_certain_that_he_is_in() {
    let mut desk = ShenDesk::registered();
    desk.hears(700, invitation("lucy"));
    let Event::Invited { invitation, .. } = desk.tells() else { panic!("invited") };
    let accept = desk.wants(Ask::Answer { invitation, accept: true });
    let text = desk.wants(say("for lucy alone"));
    assert_eq!(desk.asks(Kind::Accept).seq, 700);
    // Our answer has not arrived: lucy is still in the public room, or in the one from which she has invited us. Who gives
    // a room the name it has is in it.
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(vec![entry(None, 9, "lucy", None)]));
    desk.sends_nothing();
    desk.passes(ms(500));
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(vec![entry(Some((2, "dota2")), 9, "lucy", None)]));
    let proof = desk.asks(Kind::RenameRoom);
    desk.is_answered(&proof, Body::plain(Kind::Denied, ""));
    desk.sends_nothing();
    desk.passes(ms(500));
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(vec![entry(Some((3, "lol")), 9, "lucy", None)]));
    let proof = desk.asks(Kind::RenameRoom);
    desk.acknowledges(&proof, "");
    let join = desk.asks(Kind::Join);
    assert_eq!(join.body, Body::plain(Kind::Join, "lol"));
    desk.acknowledges(&join, "Bienvenue sheng");
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(vec![entry(Some((3, "lol")), 9, "lucy", None)]));
    let answer = Answer::In { room: "lol".into(), mode: Mode::Central };
    assert_eq!(desk.tells(), Event::Answered { ticket: accept, answer });
    let said = desk.asks(Kind::Send);
    desk.acknowledges(&said, "");
    assert_eq!(desk.tells(), Event::Text { ticket: text, fate: Fate::Delivered });
}

#[test]
fn s5_m21_the_closing_is_acknowledged_when_the_text_that_was_on_its_way_is_answered() {
    let mut desk = ShenDesk::inside();
    let first = desk.wants(say("one"));
    let second = desk.wants(say("two"));
    let asked = desk.asks(Kind::Send);
    let closed = far(&asked);
    desk.hears(closed, Body::plain(Kind::Closed, ""));
    assert_eq!(desk.tells(), Event::Text { ticket: second, fate: Fate::GivenUp(Why::RoomGone) });
    assert_eq!(desk.tells(), Event::Closed("lol".into()));
    desk.sends_nothing();
    desk.is_answered(&asked, Body::plain(Kind::Elsewhere, ""));
    assert_eq!(desk.tells(), Event::Text { ticket: first, fate: Fate::GivenUp(Why::RoomGone) });
    assert_eq!(desk.asks(Kind::Ack).seq, closed);
    // Which room that was nobody says: the next text waits until it is certain where we are.
    desk.wants(say("three"));
    let leave = desk.asks(Kind::Leave);
    desk.sends_nothing();
    desk.acknowledges(&leave, "");
    desk.asks(Kind::Send);
}

#[test]
fn s9_m28_a_room_that_lets_us_in_by_a_14_gets_no_text_that_was_said_before() {
    let mut desk = ShenDesk::registered();
    let ticket = desk.wants(Ask::Join("lol".into()));
    let join = desk.asks(Kind::Join);
    desk.acknowledges(&join, "");
    assert_eq!(desk.tells(), Event::Undecided { ticket });
    let public = desk.wants(say("still in public"));
    let waiting = desk.wants(say("and this"));
    let asked = desk.asks(Kind::Send);
    let granted = far(&asked);
    desk.hears(granted, Body::plain(Kind::Granted, ""));
    assert_eq!(desk.tells(), Event::Text { ticket: waiting, fate: Fate::GivenUp(Why::RoomGone) });
    desk.sends_nothing();
    desk.is_answered(&asked, Body::plain(Kind::Elsewhere, ""));
    assert_eq!(desk.tells(), Event::Text { ticket: public, fate: Fate::GivenUp(Why::RoomGone) });
    assert_eq!(desk.asks(Kind::Ack).seq, granted);
    assert_eq!(desk.asks(Kind::Join).body, Body::plain(Kind::Join, "lol"));
}

#[test]
fn s5_refusals_to_join_say_why() {
    for (kind, status) in
        [(Kind::NoSuchReceiver, AccessStatus::NoSuchRoom), (Kind::RoomFull, AccessStatus::RoomFull)]
    {
        let mut desk = ShenDesk::registered();
        let ticket = desk.wants(Ask::Join("lol".into()));
        let join = desk.asks(Kind::Join);
        desk.is_answered(&join, Body::plain(kind, ""));
        let answer = Answer::Refused(Refused::Access(status));
        assert_eq!(desk.tells(), Event::Answered { ticket, answer });
    }
}

#[test]
fn s5_m28_forgotten_while_it_looks_who_is_inside_it_asks_for_the_room_anew() {
    let mut desk = ShenDesk::registered();
    let ticket = desk.wants(Ask::Join("lol".into()));
    let join = desk.asks(Kind::Join);
    desk.acknowledges(&join, "Bienvenue sheng");
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::plain(Kind::ConnectRefused, ""));
    assert_eq!(desk.tells(), Event::Forgotten);
    let connect = desk.asks(Kind::Connect);
    desk.acknowledges(&connect, "");
    assert_eq!(desk.tells(), Event::Registered { id: 0 });
    let join = desk.asks(Kind::Join);
    desk.is_answered(&join, Body::plain(Kind::NoSuchReceiver, ""));
    let answer = Answer::Refused(Refused::Access(AccessStatus::NoSuchRoom));
    assert_eq!(desk.tells(), Event::Answered { ticket, answer });
}

#[test]
fn s8_m28_moved_into_a_room_that_no_list_shows_it_goes_home() {
    let mut desk = ShenDesk::registered();
    desk.wants(Ask::Invite("lucy".into()));
    let invite = desk.asks(Kind::Invite);
    desk.is_answered(&invite, Body::plain(Kind::ModeOffer, ""));
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(vec![entry(None, 9, "lucy", None)]));
    desk.wants(Ask::ChooseMode(Mode::Central));
    let choose = desk.asks(Kind::ChooseMode);
    desk.acknowledges(&choose, "");
    desk.hears(far(&choose), Body::plain(Kind::Granted, ""));
    assert_eq!(desk.asks(Kind::Ack).seq, far(&choose));
    desk.wants(say("not in public, please"));
    for _ in 0..10 {
        let list = desk.asks(Kind::ListUsers);
        desk.is_answered(&list, Body::List(vec![entry(None, 9, "lucy", None)]));
        desk.sends_nothing();
        desk.passes(ms(500));
    }
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(vec![entry(None, 9, "lucy", None)]));
    desk.asks(Kind::Leave);
    desk.sends_nothing();
}

#[test]
fn s9_one_who_leaves_the_server_does_not_wait_for_a_manager() {
    let mut desk = ShenDesk::registered();
    let ticket = desk.wants(Ask::Join("lol".into()));
    let join = desk.asks(Kind::Join);
    desk.acknowledges(&join, "");
    assert_eq!(desk.tells(), Event::Undecided { ticket });
    desk.wants(Ask::Disconnect);
    let goodbye = desk.asks(Kind::Disconnect);
    desk.acknowledges(&goodbye, "");
    assert_eq!(desk.tells(), Event::Answered { ticket, answer: Answer::Unanswered });
    assert_eq!(desk.tells(), Event::Disconnected);
    assert!(desk.client.is_idle());
    assert_eq!(desk.client.poll_timeout(), None);
}

#[test]
fn s13_members_talk_to_each_other_and_through_the_server_to_who_does_not_answer() {
    let mut desk = ShenDesk::registered();
    desk.wants(Ask::Join("lol".into()));
    let join = desk.asks(Kind::Join);
    desk.acknowledges(&join, "Bienvenue sheng");
    let list = desk.asks(Kind::ListUsers);
    let lucy = std::net::SocketAddrV4::new([192, 0, 2, 7].into(), 40_000);
    desk.is_answered(&list, Body::List(vec![entry(Some((3, "lol")), 9, "lucy", Some(lucy))]));
    assert!(matches!(desk.tells(), Event::Answered { answer: Answer::In { mode: Mode::Direct, .. }, .. }));
    let probe = desk.asks(Kind::Send);
    desk.hears_from(lucy.into(), probe.seq, Body::plain(Kind::Ack, ""));
    let text = |text: &'static str, receiver| Body::Speech {
        kind: Kind::Send,
        emitter: 0,
        receiver,
        text: text.into(),
    };
    desk.hears_from(lucy.into(), 5, text("bonjour", 0));
    desk.hears_from(lucy.into(), 5, text("bonjour", 0));
    assert_eq!(desk.count(Kind::Ack), 2);
    assert_eq!(desk.tells(), Event::Heard { from: Speaker::Named("lucy".into()), text: "bonjour".into() });
    desk.tells_nothing();
    desk.hears_from(([192, 0, 2, 66], 666).into(), 5, text("psst", 0));
    desk.tells_nothing();
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(vec![entry(Some((3, "lol")), 9, "lucy", Some(lucy))]));
    let ticket = desk.wants(say("oui"));
    assert_eq!(desk.asks(Kind::Send).body, text("oui", 0));
    desk.passes(ms(10_000));
    let mut sent = Vec::new();
    while desk.count(Kind::CountMembers) == 0 && sent.len() < 5 {
        sent.push(desk.asks(Kind::Send));
        if sent.last().is_some_and(|sent| sent.body == text("oui", 9)) {
            break;
        }
    }
    let relayed = sent.pop().unwrap();
    assert_eq!(relayed.body, text("oui", 9));
    desk.acknowledges(&relayed, "");
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delivered });
}
