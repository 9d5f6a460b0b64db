//! Invitations between raw clients: M9, M22.
//!
//! In: INVITER, answers early, late and twice, time. Out: offers, moves, what both sides are told. Must not know how
//! invitations are stored.

use palabre::dialect::msp::{Access, AccessStatus, Body, ErrorCode, Event, Kind, Message, Peer};
use palabre::engine::DropReason;
use palabre::rooms::MAX_INVITATIONS;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::engine_words::{KEEP_ALIVE, assert_error, create, invite, join, name, text};
use crate::msp_client::{Client, Table, Way};

const MINUTE: Duration = Duration::from_secs(60);

/// Alice in a room of her own, bob in public, nothing heard yet.
fn alice_in_den(mode: Mode) -> (Table, [Client; 3]) {
    let (table, clients) = Table::of_readers(["alice", "bob", "carol"]);
    clients[0].creates("den", mode);
    table.forgets_all();
    (table, clients)
}

fn came(id: u8, user: &'static str) -> Event<'static> {
    Event::Joined { id, address: "0.0.0.0:0".parse().unwrap(), user: name(user) }
}

fn declined(user: &'static str) -> Event<'static> {
    Event::Declined { user: name(user) }
}

/// How many offers lie in the inbox; what else is there is thrown away.
fn offers(client: &Client) -> usize {
    let is_offer = |message: &Message<'_>| message.kind() == Kind::Offer;
    client.takes_all().iter().filter(|message| is_offer(message)).count()
}

#[test]
fn m9_the_12_comes_first_then_the_13_and_who_accepts_is_in() {
    let (_table, [alice, bob, _carol]) = alice_in_den(Mode::Central);
    assert_eq!(alice.asks(invite("bob")), Body::InviteReply);
    let offer = bob.is_invited("alice", Mode::Central, "den");
    bob.answers_offer(offer, false);
    alice.is_notified(came(bob.id(), "bob"));
    bob.says("here I am");
    alice.hears("here I am", &bob);
    bob.gets_nothing();
}

#[test]
fn m9_the_12_does_not_wait_for_the_invited() {
    let (table, [alice, bob, _carol]) = alice_in_den(Mode::Central);
    bob.is(Way::Cut);
    table.spoken();
    assert_eq!(alice.asks(invite("bob")), Body::InviteReply);
    assert_eq!(table.spoken(), [Kind::InviteReply, Kind::Offer]);
}

#[test]
fn m9_who_declines_stays_and_the_inviter_is_told() {
    let (table, [alice, bob, carol]) = alice_in_den(Mode::Central);
    alice.asks(invite("bob"));
    let offer = bob.is_invited("alice", Mode::Central, "den");
    bob.answers_offer(offer, true);
    alice.is_notified(declined("bob"));
    carol.says("bob is still in public");
    bob.hears("bob is still in public", &carol);
    // The answer again, because the network made a copy: nothing more.
    bob.answers_offer(offer, true);
    bob.answers_offer(offer, false);
    table.passes(MINUTE * 2);
    alice.gets_nothing();
    assert_eq!(table.dropped(DropReason::UnexpectedResponse), 2);
}

#[test]
fn m9_unknown_name_erreur_4_inviter_in_public_erreur_5_a_member_erreur_8() {
    let (_table, [alice, bob, carol]) = alice_in_den(Mode::Central);
    assert_error(&alice.asks(invite("nobody")), 11, ErrorCode::NO_SUCH_USER);
    assert_error(&bob.asks(invite("carol")), 11, ErrorCode::NOT_IN_PRIVATE_ROOM);
    assert_error(&bob.asks(invite("nobody")), 11, ErrorCode::NOT_IN_PRIVATE_ROOM);
    assert_error(&alice.asks(invite("alice")), 11, ErrorCode::NOT_ALLOWED);
    for who in [&alice, &bob, &carol] {
        who.gets_nothing();
    }
}

#[test]
fn m9_any_member_may_invite_also_from_a_decentralised_room() {
    let (table, [alice, bob, carol]) = alice_in_den(Mode::Direct);
    bob.asks(join("den"));
    table.forgets_all();
    assert_eq!(bob.asks(invite("carol")), Body::InviteReply);
    carol.answers_offer(carol.is_invited("bob", Mode::Direct, "den"), false);
    let address = "192.0.2.3:40003".parse().unwrap();
    alice.is_notified(Event::Joined { id: carol.id(), address, user: name("carol") });
}

#[test]
fn m9_a_second_invitation_into_the_same_room_is_answered_and_not_put_again() {
    let (_table, [alice, bob, _carol]) = alice_in_den(Mode::Central);
    assert_eq!(alice.asks(invite("bob")), Body::InviteReply);
    assert_eq!(alice.asks(invite("bob")), Body::InviteReply);
    assert_eq!(offers(&bob), 1);
}

#[test]
fn m9_an_invitation_that_nobody_answers_is_declined_after_60_s() {
    let (table, [alice, bob, _carol]) = alice_in_den(Mode::Central);
    alice.asks(invite("bob"));
    table.passes(MINUTE - Duration::from_millis(1));
    alice.gets_nothing();
    table.passes(Duration::from_millis(1));
    alice.is_notified(declined("bob"));

    // His late "yes" does not move him; it is told in words, once, for 14 has no answer.
    let offer = bob.is_invited("alice", Mode::Central, "den");
    bob.forgets();
    bob.answers_offer(offer, false);
    bob.is_told("that invitation is not open any more");
    bob.answers_offer(offer, false);
    bob.gets_nothing();
    alice.gets_nothing();
    // The room still has its door.
    assert_eq!(bob.asks(join("den")), Body::JoinRoomReply(Access::Central(AccessStatus::Joined)));
}

#[test]
fn m9_a_late_no_needs_no_words() {
    let (table, [alice, bob, _carol]) = alice_in_den(Mode::Central);
    alice.asks(invite("bob"));
    table.passes(MINUTE);
    let offer = bob.is_invited("alice", Mode::Central, "den");
    bob.forgets();
    bob.answers_offer(offer, true);
    bob.gets_nothing();
}

#[test]
fn m9_an_erreur_about_the_offer_declines_it() {
    let (_table, [alice, bob, _carol]) = alice_in_den(Mode::Central);
    alice.asks(invite("bob"));
    let offer = bob.is_invited("alice", Mode::Central, "den");
    let refusal = Body::Error { refused: 13, code: ErrorCode::UNKNOWN_TYPE, reason: "".into() };
    bob.sends_as(bob.id(), offer, refusal);
    alice.is_notified(declined("bob"));
}

#[test]
fn m9_an_acceptance_that_leads_nowhere_is_told_in_words() {
    let (_table, [alice, bob, carol]) = Table::of_readers(["alice", "bob", "carol"]);
    alice.asks(create("den", Mode::Central, 2));
    bob.forgets();
    alice.asks(invite("bob"));
    let offer = bob.is_invited("alice", Mode::Central, "den");
    carol.asks(join("den"));
    bob.forgets();
    bob.answers_offer(offer, false);
    bob.is_told("you could not join den: the room is full");

    carol.asks(Body::LeaveRoom);
    alice.forgets();
    carol.creates("lair", Mode::Central);
    alice.forgets();
    carol.asks(invite("alice"));
    let offer = alice.is_invited("carol", Mode::Central, "lair");
    carol.asks(Body::LeaveRoom);
    alice.forgets();
    alice.answers_offer(offer, false);
    alice.is_told("you could not join lair: no such room");
}

#[test]
fn m22_the_offer_is_repeated_m_tries_then_once_a_second_at_most_whenever_he_is_heard() {
    let (table, [alice, bob, _carol]) = alice_in_den(Mode::Central);
    alice.asks(invite("bob"));
    table.passes(Duration::from_secs(2));
    assert_eq!(offers(&bob), 10, "M tries");
    table.passes(Duration::from_secs(20));
    assert_eq!(offers(&bob), 0, "then silence");
    for (wait, expected) in [(0, 1), (500, 0), (1_000, 1), (5_000, 1)] {
        table.passes(Duration::from_millis(wait));
        bob.asks(KEEP_ALIVE);
        table.passes(Duration::from_millis(1));
        assert_eq!(offers(&bob), expected, "after {wait} ms");
    }
    table.passes(MINUTE);
    bob.asks(KEEP_ALIVE);
    assert_eq!(offers(&bob), 0, "60 s old");
}

#[test]
fn m22_who_enters_by_asking_is_not_told_that_his_invitation_is_over() {
    let (table, [alice, bob, _carol]) = alice_in_den(Mode::Direct);
    alice.asks(invite("bob"));
    let offer = bob.is_invited("alice", Mode::Direct, "den");
    // His 14 is lost; his DEMANDE_ACCES succeeds all the same and brings the members.
    let alice_peer = Peer { address: "192.0.2.1:40001".parse().unwrap(), user: name("alice") };
    let access = Access::Direct { status: AccessStatus::Joined, peers: vec![alice_peer] };
    assert_eq!(bob.asks(join("den")), Body::JoinRoomReply(access.clone()));
    // A late copy of the 13 makes him send his 14 again.
    bob.forgets();
    bob.answers_offer(offer, false);
    bob.gets_nothing();
    table.passes(MINUTE * 2);
    assert_eq!(offers(&bob), 0);
    // When the 14 came first, asking for access to one's own room brings the list as well.
    assert_eq!(bob.asks(join("den")), Body::JoinRoomReply(access));
}

#[test]
fn m9_one_who_leaves_the_server_has_declined() {
    let (_table, [alice, bob, _carol]) = alice_in_den(Mode::Central);
    alice.asks(invite("bob"));
    bob.asks(Body::Disconnect);
    alice.is_notified(declined("bob"));
}

/// ERREUR 7 would make a client ask again and again for a minute (M35).
#[test]
fn m9_who_has_too_many_open_invitations_cannot_get_another_and_that_is_erreur_8() {
    let table = Table::new();
    let guest = table.joins("guest");
    let hosts: Vec<Client> = (0..=MAX_INVITATIONS).map(|n| table.joins(&format!("host{n}"))).collect();
    for (n, host) in hosts.iter().enumerate() {
        host.creates(&format!("room{n}"), Mode::Central);
    }
    let (last, others) = hosts.split_last().unwrap();
    others.iter().for_each(|host| assert_eq!(host.asks(invite("guest")), Body::InviteReply));
    assert_error(&last.asks(invite("guest")), 11, ErrorCode::NOT_ALLOWED);
    assert!(offers(&guest) >= MAX_INVITATIONS);
}

#[test]
fn m22_the_offer_of_a_room_that_has_closed_is_not_repeated_but_whoever_accepts_it_is_answered() {
    let (table, [alice, bob, _carol]) = alice_in_den(Mode::Central);
    alice.asks(invite("bob"));
    let offer = bob.is_invited("alice", Mode::Central, "den");
    alice.asks(Body::LeaveRoom);
    bob.forgets();
    table.passes(Duration::from_secs(2));
    bob.asks(KEEP_ALIVE);
    table.passes(Duration::from_secs(2));
    assert_eq!(offers(&bob), 0);
    bob.answers_offer(offer, false);
    bob.is_told("you could not join den: no such room");
}

/// What waits for a silent person must stay bounded: otherwise offers from rooms that open and close could use up the
/// numbers of his link, and texts for him would be lost.
#[test]
fn m9_offers_of_closed_rooms_do_not_pile_up_at_somebody_who_is_silent() {
    let (table, [alice, bob, carol]) = alice_in_den(Mode::Central);
    carol.creates("quiet", Mode::Central);
    bob.is(Way::Cut);
    for round in 0..1_500 {
        let room = format!("room{round}");
        assert!(matches!(
            alice.asks(create(&room, Mode::Central, 2)),
            Body::CreateRoomReply { room: 1.., .. }
        ));
        assert_eq!(alice.asks(invite("bob")), Body::InviteReply);
        table.passes(Duration::from_millis(80));
        // The others keep alive; bob says nothing for two minutes.
        carol.sends(KEEP_ALIVE);
    }
    carol.asks(Body::LeaveRoom);
    carol.says("do you hear me");
    bob.is(Way::Open);
    bob.sends(KEEP_ALIVE);
    table.passes(Duration::from_secs(1));
    let heard = bob.takes_all().into_iter().any(|got| got.body == text("do you hear me"));
    assert!(heard);
    assert_eq!(table.dropped(DropReason::MailboxFull), 0);
}
