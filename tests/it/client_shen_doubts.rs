//! A client of Shen's protocol that is told late, or not at all, where it is and what its room is called.
//!
//! In: a scripted server. Out: stories by ruling: S4, S5, S9, S11, S13, M28. Must not know more of the server than that.

use std::net::{SocketAddr, SocketAddrV4};

use palabre::client::{Answer, Ask, Event, Fate, Speaker, Ticket, Why};
use palabre::dialect::shen::{Body, Entry, Kind, Message, entry};
use palabre::vocab::Mode;

use crate::shen_desk::{ShenDesk, far, invitation, ms};

const LUCY: SocketAddrV4 = SocketAddrV4::new(std::net::Ipv4Addr::new(192, 0, 2, 7), 40_000);

fn send(text: &'static str, receiver: u16) -> Body<'static> {
    Body::Speech { kind: Kind::Send, emitter: 0, receiver, text: text.into() }
}

/// Lucy in a room where texts go straight.
fn lucy(handle: u16, room: &str) -> Entry<'static> {
    entry(Some((handle, room)), 9, "lucy", Some(LUCY))
}

/// Is in the decentralised room "lol", which has the handle 3, with lucy; her way is known to be open.
fn with_lucy() -> ShenDesk {
    let mut desk = ShenDesk::registered();
    desk.wants(Ask::Join("lol".into()));
    let join = desk.asks(Kind::Join);
    desk.acknowledges(&join, "Bienvenue sheng");
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(vec![lucy(3, "lol")]));
    assert!(matches!(desk.tells(), Event::Answered { answer: Answer::In { mode: Mode::Direct, .. }, .. }));
    let probe = desk.asks(Kind::Send);
    desk.hears_from(LUCY.into(), probe.seq, Body::plain(Kind::Ack, ""));
    desk
}

/// Somebody unknown speaks, and so the client asks who is in its room: this is the answer.
fn is_shown(desk: &mut ShenDesk, entries: Vec<Entry<'_>>) {
    desk.hears_from(SocketAddr::from(([192, 0, 2, 66], 666)), 5, send("psst", 0));
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(entries));
}

#[test]
fn s4_s11_the_room_with_addresses_is_ours_though_another_one_has_its_former_name() {
    let mut desk = with_lucy();
    is_shown(&mut desk, vec![entry(Some((5, "lol")), 12, "bob", None), lucy(3, "dota2")]);
    assert_eq!(desk.tells(), Event::Renamed("dota2".into()));
    let ticket = desk.wants(Ask::Say("gg".into()));
    let said = desk.asks(Kind::Send);
    assert_eq!(said.body, send("gg", 0));
    desk.hears_from(LUCY.into(), said.seq, Body::plain(Kind::Ack, ""));
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::Delivered });
    desk.sends_nothing();
}

#[test]
fn s11_nobody_of_another_room_is_taken_for_a_member_because_it_has_the_former_name_of_ours() {
    let mut desk = with_lucy();
    is_shown(&mut desk, vec![entry(Some((5, "lol")), 12, "bob", None), entry(None, 13, "alice", None)]);
    desk.tells_nothing();
    desk.wants(Ask::Say("gg".into()));
    assert_eq!(desk.asks(Kind::Send).body, send("gg", 0));
    desk.sends_nothing();
}

/// Has accepted an invitation of bob's, and asked who is where.
fn coming(desk: &mut ShenDesk) -> (Ticket, Message<'static>) {
    desk.hears(700, invitation("bob"));
    let Event::Invited { invitation, .. } = desk.tells() else { panic!("invited") };
    let ticket = desk.wants(Ask::Answer { invitation, accept: true });
    desk.asks(Kind::Accept);
    (ticket, desk.asks(Kind::ListUsers))
}

#[test]
fn s8_s11_who_is_invited_away_does_not_take_his_renamed_room_for_the_one_he_comes_into() {
    let mut desk = with_lucy();
    let (_, list) = coming(&mut desk);
    desk.is_answered(&list, Body::List(vec![lucy(3, "dota2"), entry(None, 12, "bob", None)]));
    desk.tells_nothing();
    desk.sends_nothing();
    desk.passes(ms(500));
    desk.asks(Kind::ListUsers);
}

#[test]
fn s8_s13_who_comes_into_another_room_forgets_the_members_of_the_former_one() {
    let mut desk = with_lucy();
    let (ticket, list) = coming(&mut desk);
    let bob = || entry(Some((5, "starcraft")), 12, "bob", None);
    desk.is_answered(&list, Body::List(vec![lucy(3, "lol"), bob()]));
    let proof = desk.asks(Kind::RenameRoom);
    desk.acknowledges(&proof, "");
    let join = desk.asks(Kind::Join);
    desk.acknowledges(&join, "Bienvenue sheng");
    let list = desk.asks(Kind::ListUsers);
    desk.is_answered(&list, Body::List(vec![bob(), entry(Some((3, "lol")), 9, "lucy", None)]));
    let answer = Answer::In { room: "starcraft".into(), mode: Mode::Central };
    assert_eq!(desk.tells(), Event::Answered { ticket, answer });
    assert_eq!(desk.client.room(), Some(("starcraft", Mode::Central)));
    desk.wants(Ask::Say("gg".into()));
    assert_eq!(desk.asks(Kind::Send).body, send("gg", 0));
    desk.sends_nothing();
}

#[test]
fn s4_m28_a_list_that_shows_us_in_another_room_ends_ours_and_nothing_meant_for_it_is_said_there() {
    let mut desk = with_lucy();
    desk.hears_from(SocketAddr::from(([192, 0, 2, 66], 666)), 5, send("psst", 0));
    let list = desk.asks(Kind::ListUsers);
    // The list is asked for first, so this waits.
    let ticket = desk.wants(Ask::Say("for lucy alone".into()));
    let bob = SocketAddrV4::new([192, 0, 2, 8].into(), 40_000);
    let shown = vec![entry(Some((5, "dota2")), 12, "bob", Some(bob)), entry(None, 9, "lucy", None)];
    desk.is_answered(&list, Body::List(shown));
    assert_eq!(desk.tells(), Event::Text { ticket, fate: Fate::GivenUp(Why::RoomGone) });
    assert_eq!(desk.tells(), Event::Closed("lol".into()));
    let leave = desk.asks(Kind::Leave);
    desk.sends_nothing();
    desk.acknowledges(&leave, "");
    assert_eq!(desk.client.room(), None);
    desk.tells_nothing();
}

#[test]
fn s11_m13_who_asks_for_his_own_room_as_it_gets_another_name_hears_nothing_twice() {
    let mut desk = with_lucy();
    let ticket = desk.wants(Ask::Join("lol".into()));
    let join = desk.asks(Kind::Join);
    desk.acknowledges(&join, "Bienvenue sheng");
    let list = desk.asks(Kind::ListUsers);
    desk.hears_from(LUCY.into(), 6, send("bonjour", 0));
    assert_eq!(desk.tells(), Event::Heard { from: Speaker::Named("lucy".into()), text: "bonjour".into() });
    let text = "dota2".into();
    let renamed = Body::Room { kind: Kind::RenameRoom, private: true, mode: Mode::Direct, room: 3, text };
    desk.hears(far(&list), renamed);
    assert_eq!(desk.tells(), Event::Renamed("dota2".into()));
    // This list is older than that.
    desk.is_answered(&list, Body::List(vec![lucy(3, "lol")]));
    let answer = Answer::In { room: "dota2".into(), mode: Mode::Direct };
    assert_eq!(desk.tells(), Event::Answered { ticket, answer });
    assert_eq!(desk.client.room(), Some(("dota2", Mode::Direct)));
    desk.hears_from(LUCY.into(), 6, send("bonjour", 0));
    desk.tells_nothing();
}

#[test]
fn s11_m28_who_asks_for_his_own_room_after_it_was_renamed_still_knows_its_members() {
    let mut desk = with_lucy();
    let ticket = desk.wants(Ask::Join("lol".into()));
    let join = desk.asks(Kind::Join);
    desk.acknowledges(&join, "Bienvenue sheng");
    let list = desk.asks(Kind::ListUsers);
    // This list is newer than the name that we know.
    desk.is_answered(&list, Body::List(vec![lucy(3, "dota2")]));
    let answer = Answer::In { room: "lol".into(), mode: Mode::Direct };
    assert_eq!(desk.tells(), Event::Answered { ticket, answer });
    desk.wants(Ask::Say("gg".into()));
    assert_eq!(desk.asks(Kind::Send).body, send("gg", 0));
}

#[test]
fn s13_who_comes_while_we_ask_for_our_own_room_is_not_forgotten_for_an_older_list() {
    let mut desk = with_lucy();
    desk.wants(Ask::Join("lol".into()));
    let join = desk.asks(Kind::Join);
    desk.acknowledges(&join, "Bienvenue sheng");
    let list = desk.asks(Kind::ListUsers);
    let bob = SocketAddrV4::new([192, 0, 2, 8].into(), 40_000);
    desk.hears(far(&list), Body::List(vec![entry(Some((3, "lol")), 12, "bob", Some(bob))]));
    assert_eq!(desk.tells(), Event::Joined("bob".into()));
    desk.is_answered(&list, Body::List(vec![entry(None, 12, "bob", None), lucy(3, "lol")]));
    assert!(matches!(desk.tells(), Event::Answered { answer: Answer::In { .. }, .. }));
    desk.count(Kind::Ack);
    assert_eq!(desk.count(Kind::Send), 1, "bob is probed as he comes");
    let refresh = desk.asks(Kind::ListUsers);
    let both = vec![entry(Some((3, "lol")), 12, "bob", Some(bob)), lucy(3, "lol")];
    desk.is_answered(&refresh, Body::List(both));
    assert_eq!(desk.count(Kind::Send), 0, "and not again: he was a member all the time");
    desk.wants(Ask::Say("gg".into()));
    assert_eq!(desk.count(Kind::Send), 2);
}

#[test]
fn s5_s13_news_under_the_number_of_a_list_that_is_asked_for_is_not_taken_for_it() {
    let mut desk = with_lucy();
    let bob = entry(Some((3, "lol")), 12, "bob", None);
    is_shown(&mut desk, vec![bob.clone()]);
    // Lucy is not gone: nobody can tell whether that was the list, so it is asked for again.
    let again = desk.asks(Kind::ListUsers);
    desk.is_answered(&again, Body::List(vec![lucy(3, "lol"), bob]));
    desk.count(Kind::Ack);
    desk.wants(Ask::Say("gg".into()));
    let said = [desk.asks(Kind::Send).body, desk.asks(Kind::Send).body];
    assert!(said.contains(&send("gg", 0)) && said.contains(&send("gg", 12)), "{said:?}");
    desk.sends_nothing();
}

#[test]
fn s5_the_late_answer_to_a_request_that_was_given_up_is_no_request() {
    let mut desk = ShenDesk::registered();
    let (ticket, list) = coming(&mut desk);
    // The room is gone, so nobody needs to look for it.
    desk.hears(far(&list), Body::plain(Kind::Ended, ""));
    assert!(
        matches!(desk.tells(), Event::Answered { ticket: of, answer: Answer::Refused(_) } if of == ticket)
    );
    assert_eq!(desk.asks(Kind::Ack).seq, far(&list));
    desk.asks(Kind::Leave);
    // An ACK could be taken for that to a text which the server has sent under the same number, and we never got.
    desk.is_answered(&list, Body::List(vec![entry(None, 9, "lucy", None)]));
    desk.sends_nothing();
    // When no copy can be under way any more, the number is the server's again.
    desk.passes(ms(10_001));
    desk.count(Kind::Leave);
    desk.count(Kind::CountMembers);
    desk.is_answered(&list, Body::List(vec![entry(None, 9, "lucy", None)]));
    assert_eq!(desk.asks(Kind::Ack).seq, list.seq);
}

#[test]
fn s9_m28_let_in_before_it_is_told_to_wait_it_goes_home_if_the_room_has_lost_its_name() {
    let mut desk = ShenDesk::registered();
    let ticket = desk.wants(Ask::Join("lol".into()));
    let join = desk.asks(Kind::Join);
    // The answer without words, which came first, was lost.
    desk.hears(far(&join), Body::plain(Kind::Granted, ""));
    assert_eq!(desk.asks(Kind::Ack).seq, far(&join));
    desk.acknowledges(&join, "");
    let again = desk.asks(Kind::Join);
    desk.is_answered(&again, Body::plain(Kind::NoSuchReceiver, ""));
    assert!(
        matches!(desk.tells(), Event::Answered { ticket: of, answer: Answer::Refused(_) } if of == ticket)
    );
    // We are in it nevertheless: what is public is not to be said there.
    desk.wants(Ask::Say("for everybody".into()));
    let leave = desk.asks(Kind::Leave);
    desk.sends_nothing();
    desk.acknowledges(&leave, "");
    assert_eq!(desk.asks(Kind::Send).body, send("for everybody", 0));
}
