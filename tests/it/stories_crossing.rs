//! People of Stories among those of MSP and of Shen's protocol: B4, B9, B10, M7, M11, M20, S8, S16.

use palabre::dialect::msp::{Body as Msp, Event as Happening};
use palabre::dialect::shen::{Kind, words};
use palabre::engine::{Config, Dialect, Listener};
use palabre::ids::ListenerId;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::crossing_talk::{reads, sits};
use crate::engine_words::{invite, join, text};
use crate::served::Served;
use crate::shen_client::{ack, plain, send};
use crate::stories_client::{Client, Marks};
use crate::{msp_client, shen_client};

const STORIES: ListenerId = ListenerId(2);

fn three() -> (Served, msp_client::Table, shen_client::Table) {
    let listeners = vec![Listener::msp(), Listener::shen(), Listener::of(Dialect::Stories)];
    let served = Served::new(Config::new(listeners));
    let msp = msp_client::Table::at(&served, ListenerId(0));
    let shen = shen_client::Table::at(&served, ListenerId(1));
    (served, msp, shen)
}

#[test]
fn b9_people_of_all_three_see_each_other_come_and_hear_each_other_in_public() {
    let (served, msp, shen) = three();
    let (bob, carol) =
        (Client::bar_at(&served, STORIES, "bob"), Client::quoted_at(&served, STORIES, "carol"));
    [&bob, &carol].iter().for_each(|client| client.forgets());
    let (alice, sheng) = (msp.joins("alice"), sits(&shen, "Sheng"));
    bob.heard(["SYSTEM|alice a rejoint le chat", "SYSTEM|Sheng a rejoint le chat"]);
    carol.forgets();
    let handle_of_bob = sheng.handle_of("bob");
    served.forgets_all();

    alice.says("a|b \"c\"");
    bob.heard(["MSG|alice|a¦b \"c\""]);
    carol.heard([r#"MSG "public" "alice" "a|b \"c\"""#]);
    served.forgets_all();
    bob.sends("MSG|bonjour");
    assert_eq!(alice.gets().body, text("bonjour"));
    sheng.hears("bonjour", ("bob", handle_of_bob), 0);
    sheng.asks(send(0, "salut"));
    bob.heard(["MSG|Sheng|salut"]);
    bob.forgets();
    // To one alone.
    sheng.asks(send(handle_of_bob, "psst"));
    bob.heard(["MSG|Sheng|psst"]);
    carol.heard([r#"MSG "public" "bob" "bonjour""#, r#"MSG "public" "Sheng" "salut""#]);

    assert_eq!(alice.asks(Msp::Disconnect), Msp::DisconnectReply { refused: false });
    bob.heard(["SYSTEM|alice a quitté le chat"]);
}

#[test]
fn b4_rooms_are_listed_and_joined_across() {
    let (served, msp, shen) = three();
    let (alice, sheng) = (msp.joins("alice"), sits(&shen, "Sheng"));
    let bob = Client::quoted_at(&served, STORIES, "bob");
    alice.creates("den", Mode::Central);
    let carol = Client::at(&served, STORIES, Marks::Lines);
    assert_eq!(carol.asks(r#"LOGIN "carol""#), [r#"DISPLAY_ROOM "room1" "room2" "room3" "den""#]);
    bob.forgets();
    assert_eq!(bob.asks(r#"JOIN_ROOM "den""#), ["OK"]);
    served.forgets_all();
    bob.sends(r#"MSG "den" "bob" "among us""#);
    assert_eq!(alice.gets().body, text("among us"));
    sheng.gets_nothing();

    assert_eq!(sheng.asks(plain(Kind::Join, "room1")), ack(&words::welcome("Sheng")));
    assert_eq!(carol.asks(r#"JOIN_ROOM "room1""#).last().unwrap(), "OK");
    sheng.asks(send(0, "moi"));
    carol.heard([r#"MSG "room1" "Sheng" "moi""#]);
    bob.forgets();
    let Msp::RoomList(rooms) = alice.asks(Msp::ListRooms) else { panic!("no list") };
    let shown: Vec<_> = rooms.iter().map(|room| (room.room.to_string(), room.mode, room.members)).collect();
    let named = |name: &str, members| (name.to_owned(), Mode::Central, members);
    assert_eq!(shown, [named("room1", 2), named("room2", 0), named("room3", 0), named("den", 2)]);
}

#[test]
fn b4_a_room_ends_as_its_maker_is_used_to() {
    let (served, msp, _shen) = three();
    let (alice, bob) = (reads(&msp, "alice"), Client::bar_at(&served, STORIES, "bob"));
    bob.sends("ROOM|tree");
    alice.asks(join("tree"));
    bob.forgets();
    bob.sends("ROOM|room1");
    assert_eq!(alice.asks(Msp::ListUsers { room: crate::engine_words::name("tree") }).clone(), {
        let name = crate::engine_words::name("alice").into_owned();
        Msp::UserList(vec![name])
    });
    alice.asks(Msp::LeaveRoom);
    bob.forgets();
    bob.is_refused("JOIN_ROOM|tree");

    // Made in MSP it ends at one member (M7).
    alice.creates("den", Mode::Central);
    bob.sends("ROOM|den");
    served.forgets_all();
    bob.sends("ROOM|public");
    alice.is_notified(Happening::Left { id: 2, user: crate::engine_words::name("bob") });
    alice.is_notified(Happening::Closed { room: crate::engine_words::name("den") });
}

#[test]
fn b10_words_that_name_no_room_stay_unsaid_for_a_second_after_it_closed() {
    let (served, msp, _shen) = three();
    let (alice, eve) = (msp.joins("alice"), Client::bar_at(&served, STORIES, "eve"));
    let (bob, carol) =
        (Client::bar_at(&served, STORIES, "bob"), Client::quoted_at(&served, STORIES, "carol"));
    alice.creates("den", Mode::Central);
    bob.sends("ROOM|den");
    [&bob, &eve].iter().for_each(|client| client.forgets());
    alice.asks(Msp::LeaveRoom);
    bob.heard([
        "SYSTEM|alice a quitté la room den",
        "SYSTEM|la room den est fermée, vous êtes dans la room public",
        "SYSTEM|alice a rejoint la room public",
    ]);
    eve.forgets();

    bob.is_refused("MSG|a secret");
    served.passes(Duration::from_micros(999_999));
    bob.is_refused("MSG|a secret");
    eve.heard([]);
    served.passes(Duration::from_micros(1));
    assert_eq!(bob.asks("MSG|hello all"), [""; 0]);
    eve.heard(["MSG|bob|hello all"]);

    // Who names the room says what he means: another room is refused, this one is not.
    alice.creates("den", Mode::Central);
    carol.sends(r#"JOIN_ROOM "den""#);
    alice.asks(Msp::LeaveRoom);
    [&carol, &eve].iter().for_each(|client| client.forgets());
    carol.is_refused(r#"MSG "den" "carol" "a secret""#);
    carol.is_refused("MSG|a secret");
    eve.heard([]);
    assert_eq!(carol.asks(r#"MSG "public" "carol" "hello""#), ["OK"]);
    eve.heard(["MSG|carol|hello"]);
}

#[test]
fn b10_who_has_not_taken_the_notice_cannot_know_it() {
    let (served, msp, _shen) = three();
    let alice = msp.joins("alice");
    let (bob, eve) = (Client::bar_at(&served, STORIES, "bob"), Client::bar_at(&served, STORIES, "eve"));
    alice.creates("den", Mode::Central);
    bob.sends("ROOM|den");
    bob.line.reads(false);
    alice.asks(Msp::LeaveRoom);
    served.passes(Duration::from_secs(5));
    [&bob, &eve].iter().for_each(|client| client.forgets());
    bob.is_refused("MSG|a secret");
    eve.heard([]);
    bob.line.reads(true);
    assert_eq!(bob.asks("MSG|hello all"), [""; 0]);
    eve.heard(["MSG|bob|hello all"]);
}

#[test]
fn b10_who_moves_by_himself_knows_where_he_is() {
    let (served, msp, _shen) = three();
    let alice = msp.joins("alice");
    let (bob, eve) = (Client::bar_at(&served, STORIES, "bob"), Client::bar_at(&served, STORIES, "eve"));
    alice.creates("den", Mode::Central);
    bob.sends("ROOM|den");
    alice.asks(Msp::LeaveRoom);
    bob.sends("ROOM|public");
    [&bob, &eve].iter().for_each(|client| client.forgets());
    assert_eq!(bob.asks("MSG|here"), [""; 0]);
    eve.heard(["MSG|bob|here"]);
}

#[test]
fn b4_in_a_decentralised_room_a_member_is_served_by_relay() {
    let (served, msp, shen) = three();
    let (alice, sheng) = (reads(&msp, "alice"), sits(&shen, "Sheng"));
    let bob = Client::bar_at(&served, STORIES, "bob");
    alice.creates("den", Mode::Direct);
    sheng.asks(plain(Kind::Join, "den"));
    served.forgets_all();
    bob.forgets();
    assert_eq!(bob.asks("ROOM|den"), ["SYSTEM|bob a rejoint la room den"]);
    // Without an address: whoever speaks MSP sends his words for bob to the server.
    let Msp::Notification(Happening::Joined { id, address, .. }) = alice.gets().body else {
        panic!("nobody")
    };
    assert!(address.ip().is_unspecified() && address.port() == 0);
    assert_eq!(alice.asks(Msp::Relay { to: id, text: "for bob".into(), order: None }), Msp::TextReply);
    bob.heard(["MSG|alice|for bob"]);
    served.forgets_all();
    bob.sends("MSG|for all");
    assert_eq!(alice.gets().body, text("for all"));
    assert_eq!(sheng.takes_all().len(), 1);
}

#[test]
fn b9_invitations_are_told_in_words_and_accepted_by_joining() {
    let (served, msp, shen) = three();
    let (alice, sheng) = (reads(&msp, "alice"), sits(&shen, "Sheng"));
    let (bob, carol) =
        (Client::bar_at(&served, STORIES, "bob"), Client::quoted_at(&served, STORIES, "carol"));
    alice.creates("den", Mode::Central);
    [&bob, &carol].iter().for_each(|client| client.forgets());
    assert_eq!(alice.asks(invite("bob")), Msp::InviteReply);
    bob.heard(["SYSTEM|alice vous invite dans la room den"]);
    assert_eq!(bob.asks("ROOM|den"), ["SYSTEM|bob a rejoint la room den"]);

    // Of a room that is only proposed, who joins is the first (S8).
    carol.forgets();
    served.forgets_all();
    sheng.proposes("carol", Mode::Central, "lol");
    carol.heard([r#"SYSTEM "Sheng vous invite dans la room lol""#]);
    assert_eq!(carol.asks(r#"JOIN_ROOM "lol""#), [r#"SYSTEM "Sheng a quitté la room public""#, "OK"]);
    served.forgets_all();
    carol.sends(r#"MSG "lol" "carol" "me voilà""#);
    assert_eq!(sheng.takes_all().len(), 1);
    carol.heard(["OK"]);
    sheng.asks(plain(Kind::Dissolve, ""));
    carol.heard([r#"SYSTEM "la room lol est fermée, vous êtes dans la room public""#]);
}

#[test]
fn b3_names_that_this_language_cannot_have_are_shown_by_aliases_that_stay() {
    let (served, _msp, shen) = three();
    let bob = Client::bar_at(&served, STORIES, "bob");
    let (long, barred) = ("é".repeat(20), "a|b");
    let (one, two) = (sits(&shen, &long), sits(&shen, barred));
    bob.forgets();
    one.asks(send(0, "x"));
    two.asks(send(0, "y"));
    bob.heard([&format!("MSG|{}|x", "é".repeat(16)), "MSG|a_b|y"]);
    let other = Client::at(&served, STORIES, Marks::Lengths);
    other.is_refused("LOGIN|a_b");
}

#[test]
fn b4_a_room_called_public_elsewhere_has_another_name_here() {
    let (served, msp, _shen) = three();
    let alice = msp.joins("alice");
    alice.creates("public", Mode::Central);
    let bob = Client::at(&served, STORIES, Marks::Lengths);
    assert_eq!(bob.asks(r#"LOGIN "bob""#), [r#"DISPLAY_ROOM "room1" "room2" "room3" "public2""#]);
    assert_eq!(bob.asks(r#"JOIN_ROOM "public2""#), ["OK"]);
    bob.is_refused(r#"MSG "public" "bob" "hello""#);
    assert_eq!(bob.asks(r#"MSG "public2" "bob" "hello""#), ["OK"]);
    assert_eq!(alice.takes_all().last().map(|last| last.body.clone()), Some(text("hello")));
}
