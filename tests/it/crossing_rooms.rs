//! Rooms with people of both dialects: invitations, admission, managers, votes, ends: M8, M9, M11, S8 to S13, S21, S22.
//!
//! In: what each does in his own protocol. Out: what the others are told in theirs. Must not know how a room works.

use palabre::dialect::msp::{Access, AccessStatus, Body as Msp, Event as Happening, Peer};
use palabre::dialect::shen::{Body, Kind, words};
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::crossing_talk::{both, reads, sits};
use crate::engine_words::{create, invite, join, name, text};
use crate::served::Served;
use crate::shen_client::{ack, plain, room_body, send};
use crate::{msp_client, shen_client};

const GRANTED: Body<'static> = Body::Plain { kind: Kind::Granted, text: std::borrow::Cow::Borrowed("") };
const DENIED: Body<'static> = Body::Plain { kind: Kind::Denied, text: std::borrow::Cow::Borrowed("") };
const ENTERED: Msp<'static> = Msp::JoinRoomReply(Access::Central(AccessStatus::Joined));

fn changes_to(mode: Mode) -> Body<'static> {
    room_body(Kind::ChangeMode, mode, "")
}

/// Sheng manages the room "lol" with Lucy in it; alice reads notifications, bob does not. Both are outside.
fn managed() -> (Served, [shen_client::Client; 2], [msp_client::Client; 2]) {
    let (served, msp, shen) = both();
    let (alice, bob) = (reads(&msp, "alice"), msp.joins("bob"));
    let (sheng, lucy) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"));
    sheng.proposes("Lucy", Mode::Central, "lol");
    lucy.accepts(lucy.is_invited("Sheng"));
    served.forgets_all();
    (served, [sheng, lucy], [alice, bob])
}

#[test]
fn s9_s22_a_user_of_msp_walks_into_a_managed_room_and_its_manager_is_told() {
    let (_served, [sheng, lucy], [alice, bob]) = managed();
    assert_eq!(alice.asks(join("lol")), ENTERED);
    sheng.is_told("alice entre dans cette messagerie");
    lucy.gets_nothing();
    bob.forgets();
    assert_eq!(bob.asks(join("lol")), ENTERED);
    sheng.is_told("bob entre dans cette messagerie");
    alice.says("hello");
    assert_eq!(sheng.gets().kind(), Kind::Relay);
    assert_eq!(lucy.gets().kind(), Kind::Relay);
}

#[test]
fn s22_a_room_made_in_msp_has_no_manager_and_admits_by_itself_until_it_is_full() {
    let (served, msp, shen) = both();
    let alice = reads(&msp, "alice");
    let (sheng, lucy, tom) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"), sits(&shen, "Tom"));
    alice.asks(create("den", Mode::Central, 3));
    served.forgets_all();
    for (who, name) in [(&sheng, "Sheng"), (&lucy, "Lucy")] {
        assert_eq!(who.asks(plain(Kind::Join, "den")), ack(&words::welcome(name)));
        let got = alice.gets();
        assert!(matches!(got.body, Msp::Notification(Happening::Joined { .. })), "{got:?}");
        alice.gets_nothing();
    }
    assert_eq!(tom.asks(plain(Kind::Join, "den")), plain(Kind::RoomFull, words::ROOM_FULL));
    assert_eq!(sheng.asks(plain(Kind::Dissolve, "")), DENIED);
    assert_eq!(sheng.asks(changes_to(Mode::Direct)), DENIED);
    // Nobody manages it after alice either: she never did.
    alice.asks(Msp::LeaveRoom);
    sheng.gets_nothing();
    assert_eq!(tom.asks(plain(Kind::Join, "den")), ack("Bienvenue Tom"));
}

#[test]
fn s8_m9_an_invitation_of_shen_reaches_a_user_of_msp_who_comes_or_does_not() {
    let (served, msp, shen) = both();
    let (alice, bob) = (reads(&msp, "alice"), msp.joins("bob"));
    let sheng = sits(&shen, "Sheng");
    served.forgets_all();
    sheng.proposes("alice, bob", Mode::Central, "lol");
    alice.answers_offer(alice.is_invited("Sheng", Mode::Central, "lol"), true);
    sheng.gets_nothing();
    bob.answers_offer(bob.is_invited("Sheng", Mode::Central, "lol"), true);
    sheng.is_asked(DENIED);

    sheng.proposes("alice, bob", Mode::Direct, "lol");
    alice.forgets();
    let seq = bob.is_invited("Sheng", Mode::Direct, "lol");
    bob.answers_offer(seq, false);
    sheng.is_asked(GRANTED);
    assert_eq!(sheng.asks(plain(Kind::CountMembers, "")), ack("2"));
    // The other one does not answer.
    served.passes(Duration::from_secs(60));
    let got = sheng.takes_all();
    assert!(
        got.iter().any(|got| matches!(&got.body, Body::Speech { text, .. } if *text == "alice ne vient pas"))
    );
}

#[test]
fn m9_an_invitation_of_msp_reaches_a_user_of_shen_who_comes_or_does_not() {
    let (served, msp, shen) = both();
    let alice = reads(&msp, "alice");
    let (sheng, lucy) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"));
    alice.creates("den", Mode::Central);
    served.forgets_all();
    alice.asks(invite("Sheng"));
    alice.asks(invite("Lucy"));
    let asked = sheng.gets();
    let Body::Room { kind: Kind::Invite, private: true, mode: Mode::Central, room: 1, text } = asked.body
    else {
        panic!("{asked:?}")
    };
    assert_eq!(text, "alice vous invite messagerie");
    sheng.answers(asked.seq, plain(Kind::Decline, ""));
    alice.is_notified(Happening::Declined { user: name("Sheng") });
    lucy.accepts(lucy.is_invited("alice"));
    let got = alice.gets();
    assert!(matches!(got.body, Msp::Notification(Happening::Joined { .. })), "{got:?}");
    assert_eq!(lucy.asks(plain(Kind::CountMembers, "")), ack("2"));
}

#[test]
fn m7_s11_a_room_that_closes_is_closed_for_both() {
    let (_served, [sheng, lucy], [alice, bob]) = managed();
    alice.asks(join("lol"));
    bob.asks(join("lol"));
    [&alice, &bob].iter().for_each(|client| client.forgets());
    sheng.takes_all();
    assert_eq!(sheng.asks(plain(Kind::Dissolve, "")), ack(""));
    lucy.is_asked(plain(Kind::Closed, words::DISSOLVED));
    alice.is_notified(Happening::Closed { room: name("lol") });
    bob.is_told("the room lol has closed: you are back in the public room");

    // And the other way.
    alice.creates("den", Mode::Central);
    lucy.asks(plain(Kind::Join, "den"));
    alice.asks(Msp::LeaveRoom);
    lucy.is_asked(plain(Kind::Closed, words::ALONE));
}

#[test]
fn s11_m36_another_name_and_another_mode_are_told_to_msp_by_events_5_and_4_or_in_words() {
    let (served, [sheng, lucy], [alice, bob]) = managed();
    alice.asks(join("lol"));
    bob.asks(join("lol"));
    served.forgets_all();
    assert_eq!(lucy.asks(room_body(Kind::RenameRoom, Mode::Central, "rofl")), ack(""));
    sheng.is_told("cette messagerie s'appelle rofl maintenant");
    alice.is_notified(Happening::Renamed { room: name("rofl") });
    bob.is_told("this room is called rofl now");

    let seq = sheng.sends(changes_to(Mode::Direct));
    lucy.accepts(lucy.is_told(words::VOTE));
    [&alice, &bob].iter().for_each(|client| client.forgets());
    served.passes(Duration::from_secs(59));
    sheng.is_answered(seq, ack(""));
    [&alice, &bob].iter().for_each(|client| client.gets_nothing());
    alice.asks(text(""));
    served.passes(Duration::from_secs(1));
    alice.is_notified(Happening::ModeChanged(Mode::Direct));
    bob.is_told("members of this room now send texts to each other");
    assert_eq!(lucy.gets().kind(), Kind::ChangeMode);
    assert_eq!(sheng.gets().kind(), Kind::ChangeMode);
}

#[test]
fn s10_s21_members_who_have_no_word_for_it_are_told_of_a_vote_and_agree_by_staying() {
    let (served, [sheng, lucy], [alice, bob]) = managed();
    alice.asks(join("lol"));
    bob.asks(join("lol"));
    served.forgets_all();
    let told = "the manager asks whether the texts of this room shall go straight from member to member: \
                who does not leave within 60 s agrees";
    let seq = sheng.sends(changes_to(Mode::Direct));
    alice.is_told(told);
    bob.is_told(told);
    lucy.accepts(lucy.is_told(words::VOTE));
    served.passes(Duration::from_millis(1_000));
    sheng.gets_nothing();
    // Who leaves does not count; the last of them decides it by that.
    alice.asks(Msp::LeaveRoom);
    sheng.gets_nothing();
    bob.asks(Msp::LeaveRoom);
    sheng.is_answered(seq, ack(""));
    assert_eq!(lucy.gets().kind(), Kind::ChangeMode);
}

#[test]
fn s21_who_could_answer_and_does_not_says_no_whoever_else_is_there() {
    let (served, [sheng, lucy], [alice, _bob]) = managed();
    alice.asks(join("lol"));
    served.forgets_all();
    let seq = sheng.sends(changes_to(Mode::Direct));
    lucy.acks(lucy.is_told(words::VOTE));
    alice.forgets();
    served.passes(Duration::from_secs(30));
    sheng.is_answered(seq, ack(""));
    alice.asks(text(""));
    served.passes(Duration::from_secs(30));
    sheng.is_asked(DENIED);
    alice.gets_nothing();
    // A room whose others all speak MSP decides when its time is over.
    lucy.asks(plain(Kind::Leave, ""));
    alice.forgets();
    let seq = sheng.sends(changes_to(Mode::Direct));
    served.passes(Duration::from_millis(59_999));
    sheng.is_answered(seq, ack(""));
    sheng.gets_nothing();
    served.passes(Duration::from_millis(1));
    assert_eq!(sheng.gets().kind(), Kind::ChangeMode);
}

#[test]
fn s11_s22_only_people_who_can_be_asked_come_after_a_manager() {
    let (served, msp, shen) = both();
    let (alice, bob) = (reads(&msp, "alice"), msp.joins("bob"));
    let (sheng, lucy, tom) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"), sits(&shen, "Tom"));
    served.forgets_all();
    sheng.proposes("alice", Mode::Central, "lol");
    alice.answers_offer(alice.is_invited("Sheng", Mode::Central, "lol"), false);
    sheng.is_asked(GRANTED);
    sheng.is_told("alice entre dans cette messagerie");
    lucy.sends(plain(Kind::Join, "lol"));
    sheng.accepts(sheng.is_told("Lucy demande d'entrer"));
    assert_eq!(lucy.gets().body, ack("Bienvenue Lucy"));
    bob.asks(join("lol"));
    served.forgets_all();
    // alice is longer in it than Lucy.
    sheng.asks(plain(Kind::Leave, ""));
    lucy.is_told(words::MANAGER);
    let seq = tom.sends(plain(Kind::Join, "lol"));
    lucy.is_told("Tom demande d'entrer");
    // Nobody is left who could be asked: who waits comes in.
    lucy.asks(plain(Kind::Leave, ""));
    tom.is_answered(seq, ack("Bienvenue Tom"));
    assert_eq!(tom.asks(plain(Kind::CountMembers, "")), ack("3"));
    assert_eq!(sheng.asks(plain(Kind::Join, "lol")), ack("Bienvenue Sheng"));
}

#[test]
fn m11_s13_in_a_direct_room_the_two_kinds_reach_each_other_through_the_server() {
    let (served, msp, shen) = both();
    let (alice, bob) = (reads(&msp, "alice"), reads(&msp, "bob"));
    let (sheng, lucy) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"));
    let (to_alice, to_sheng) = (sheng.handle_of("alice"), lucy.handle_of("Sheng"));
    alice.creates("den", Mode::Direct);
    served.forgets_all();
    assert_eq!(sheng.asks(plain(Kind::Join, "den")), ack("Bienvenue Sheng"));
    let got = alice.gets();
    let Msp::Notification(Happening::Joined { id, address, .. }) = got.body else { panic!("{got:?}") };
    assert_eq!(address.to_string(), "0.0.0.0:0");
    // Who comes gets the addresses he can use.
    let Msp::JoinRoomReply(Access::Direct { status: AccessStatus::Joined, peers }) = bob.asks(join("den"))
    else {
        panic!("no addresses")
    };
    let nowhere = "0.0.0.0:0".parse().unwrap();
    let [Peer { address, user }, other] = peers.as_slice() else { panic!("{peers:?}") };
    assert_ne!((address, user.as_str()), (&nowhere, Some("alice")));
    assert_eq!((other.address, other.user.as_str()), (nowhere, Some("Sheng")));
    let got = sheng.gets();
    let Body::List(entries) = &got.body else { panic!("{got:?}") };
    assert_eq!(entries[0].text, "den, bob");
    lucy.asks(plain(Kind::Join, "den"));
    let got = sheng.gets();
    let Body::List(entries) = &got.body else { panic!("{got:?}") };
    assert_eq!(entries[0].text, format!("den, Lucy, {}", lucy.address()));
    let texts: Vec<_> = lucy.lists().into_iter().map(|entry| entry.text.into_owned()).collect();
    assert_eq!(texts, ["den, alice", "den, bob", &format!("den, Sheng, {}", sheng.address())]);
    served.forgets_all();

    // One to one, both ways.
    assert_eq!(alice.asks(Msp::Relay { to: id, text: "psst".into(), order: None }), Msp::TextReply);
    sheng.hears("psst", ("alice", to_alice), to_sheng);
    assert_eq!(sheng.asks(send(to_alice, "pst")), ack(""));
    let got = alice.gets();
    assert_eq!((got.user, got.body), (id, text("pst")));
    bob.gets_nothing();
    lucy.gets_nothing();
}

#[test]
fn s8_m5_shen_s_hundred_private_rooms_are_counted_whoever_made_them() {
    let (served, msp, shen) = both();
    let makers: Vec<_> = (0..100).map(|n| msp.joins(&format!("m{n}"))).collect();
    let (sheng, lucy) = (sits(&shen, "Sheng"), sits(&shen, "Lucy"));
    makers[..99].iter().enumerate().for_each(|(n, maker)| maker.creates(&format!("r{n}"), Mode::Central));
    sheng.proposes("Lucy", Mode::Central, "lol");
    let seq = lucy.is_invited("Sheng");
    makers[99].creates("r99", Mode::Central);
    served.forgets_all();
    assert_eq!(sheng.asks(plain(Kind::CountRooms, "")), ack("100"));
    // It was the last but is not any more.
    lucy.accepts(seq);
    sheng.is_asked(DENIED);
    lucy.is_asked(plain(Kind::Ended, words::ENDED));
    assert_eq!(sheng.asks(shen_client::invite("Lucy")), plain(Kind::ModeOffer, words::MODES));
    let seq = sheng.sends(room_body(Kind::ChooseMode, Mode::Central, ""));
    let got: Vec<_> = sheng.takes_all().into_iter().map(|got| (got.seq == seq, got.body)).collect();
    assert!(got.contains(&(true, ack(""))) && got.contains(&(false, DENIED)), "{got:?}");
    lucy.gets_nothing();
    // In MSP there may be more.
    let late = msp.joins("late");
    late.creates("r100", Mode::Central);
    assert_eq!(sheng.asks(plain(Kind::CountRooms, "")), ack("101"));
}
