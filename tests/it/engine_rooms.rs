//! Rooms as MSP shows them: lists, moves, who hears what: M5, M6, M7, M8, M10, M11, M29.
//!
//! In: requests of raw clients. Out: the answers' exact form, and texts. Must not know how rooms are stored; their own
//! tests say what they do, these say how the wire tells it.

use palabre::dialect::msp::{
    Access, AccessStatus, Body, CreateStatus, DirectoryEntry, ErrorCode, Peer, RoomEntry,
};
use palabre::ids::ListenerId;
use palabre::vocab::Mode;

use crate::engine_words::{assert_error, create, join, name, text};
use crate::msp_client::{Client, Table};

const fn not_created(status: CreateStatus) -> Body<'static> {
    Body::CreateRoomReply { status, room: 0 }
}

fn switch(room: &str) -> Body<'_> {
    Body::SwitchRoom { room: name(room) }
}

fn list(room: &str) -> Body<'_> {
    Body::ListUsers { room: name(room) }
}

fn users(names: &[&'static str]) -> Body<'static> {
    Body::UserList(names.iter().map(|who| name(who)).collect())
}

fn central(status: AccessStatus) -> Body<'static> {
    Body::JoinRoomReply(Access::Central(status))
}

fn entry(mode: Mode, room: &'static str, members: u8) -> RoomEntry<'static> {
    RoomEntry { mode, room: name(room), members }
}

fn peer(address: &str, user: &'static str) -> Peer<'static> {
    Peer { address: address.parse().unwrap(), user: name(user) }
}

fn relay(to: &Client, words: &'static str) -> Body<'static> {
    Body::Relay { to: to.id(), text: words.into(), order: None }
}

const JOINED: AccessStatus = AccessStatus::Joined;

#[test]
fn m6_the_empty_name_lists_everybody_and_an_unknown_room_nobody() {
    let (_table, [alice, bob, carol]) = Table::of(["alice", "bob", "carol"]);
    bob.creates("den", Mode::Central);
    carol.asks(join("den"));
    assert_eq!(alice.asks(list("")), users(&["alice", "bob", "carol"]), "in the order they came (M29)");
    assert_eq!(alice.asks(list("den")), users(&["bob", "carol"]));
    assert_eq!(alice.asks(list("nowhere")), users(&[]));
    // '#' alone names the public room in lists only: nobody can move there by it.
    assert_eq!(bob.asks(join("")), central(AccessStatus::NoSuchRoom));
    assert_eq!(alice.asks(list("den")), users(&["bob", "carol"]));
}

#[test]
fn m6_m29_254_people_and_their_254_rooms_fit_one_list_each_in_order() {
    let table = Table::new();
    let longest = |n: usize| format!("{n:03}{}", "r".repeat(47));
    let mode = |n: usize| if n.is_multiple_of(2) { Mode::Central } else { Mode::Direct };
    let people: Vec<Client> = (0..254).map(|n| table.joins(&format!("user{n:06}"))).collect();
    for (n, who) in people.iter().enumerate() {
        who.creates(&longest(n), mode(n));
    }
    let Body::RoomList(rooms) = people[0].asks(Body::ListRooms) else { panic!("no list of rooms") };
    assert_eq!(rooms.len(), 254);
    for (n, room) in rooms.iter().enumerate() {
        assert_eq!((&room.room, room.mode, room.members), (&name(&longest(n)), mode(n), 1));
    }
    let Body::UserList(users) = people[0].asks(list("")) else { panic!("no list of users") };
    assert!(users.iter().enumerate().all(|(n, user)| *user == name(&format!("user{n:06}"))));
    assert_eq!(users.len(), 254);
}

#[test]
fn m7_num_max_0_and_1_are_too_small_255_is_out_of_range_2_and_254_will_do() {
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    for small in [0, 1] {
        assert_eq!(
            alice.asks(create("den", Mode::Central, small)),
            not_created(CreateStatus::CapacityTooSmall)
        );
    }
    assert_error(&alice.asks(create("den", Mode::Central, 255)), 3, ErrorCode::OUT_OF_RANGE);
    assert_eq!(alice.asks(Body::ListRooms), Body::RoomList(Vec::new()));
    let made = |room| Body::CreateRoomReply { status: CreateStatus::Created, room };
    assert_eq!(alice.asks(create("den", Mode::Central, 2)), made(1));
    assert_eq!(bob.asks(create("den", Mode::Direct, 9)), not_created(CreateStatus::NameTaken));
    assert_eq!(bob.asks(create("lair", Mode::Direct, 254)), made(2));
    let both = vec![entry(Mode::Central, "den", 1), entry(Mode::Direct, "lair", 1)];
    assert_eq!(alice.asks(Body::ListRooms), Body::RoomList(both), "the creator is the first member");
}

#[test]
fn m7_a_move_that_fails_changes_nothing() {
    let (_table, [alice, bob, carol, dave]) = Table::of(["alice", "bob", "carol", "dave"]);
    alice.asks(create("full", Mode::Direct, 2));
    bob.asks(join("full"));
    carol.creates("den", Mode::Central);
    dave.asks(join("den"));
    carol.forgets();
    let full = Access::Direct { status: AccessStatus::RoomFull, peers: Vec::new() };
    assert_eq!(dave.asks(switch("full")), Body::SwitchRoomReply(full.clone()), "MODE 1 brings a count (M8)");
    assert_eq!(dave.asks(join("full")), Body::JoinRoomReply(full));
    let nowhere = Access::Central(AccessStatus::NoSuchRoom);
    assert_eq!(dave.asks(switch("nowhere")), Body::SwitchRoomReply(nowhere));
    assert_eq!(dave.asks(create("full", Mode::Central, 3)), not_created(CreateStatus::NameTaken));
    carol.gets_nothing();
    dave.says("still here");
    carol.hears("still here", &dave);
}

#[test]
fn m7_who_leaves_is_back_in_the_public_room_and_a_room_of_one_closes() {
    let (_table, [alice, bob, carol]) = Table::of(["alice", "bob", "carol"]);
    assert_eq!(alice.asks(Body::LeaveRoom), Body::LeaveRoomReply { refused: true });
    alice.creates("den", Mode::Central);
    bob.asks(join("den"));
    alice.forgets();
    carol.forgets();
    assert_eq!(bob.asks(Body::LeaveRoom), Body::LeaveRoomReply { refused: false });
    alice.is_told("bob has left this room");
    alice.is_told("the room den has closed: you are back in the public room");
    assert_eq!(carol.asks(Body::ListRooms), Body::RoomList(Vec::new()));
    carol.forgets();
    alice.says("in public again");
    carol.hears("in public again", &alice);
    // A room that nobody has joined yet lives as long as its creator stays.
    alice.creates("den", Mode::Central);
    assert_eq!(alice.asks(Body::LeaveRoom), Body::LeaveRoomReply { refused: false });
    assert_eq!(carol.asks(Body::ListRooms), Body::RoomList(Vec::new()));
}

#[test]
fn m8_changer_and_demande_acces_both_move_from_room_to_room() {
    let (_table, [alice, bob, carol, dave]) = Table::of(["alice", "bob", "carol", "dave"]);
    alice.creates("den", Mode::Central);
    bob.asks(join("den"));
    carol.creates("lair", Mode::Central);
    assert_eq!(dave.asks(switch("den")), Body::SwitchRoomReply(Access::Central(JOINED)));
    assert_eq!(dave.asks(join("lair")), central(JOINED));
    assert_eq!(alice.asks(list("den")), users(&["alice", "bob"]));
    assert_eq!(alice.asks(list("lair")), users(&["carol", "dave"]));
}

#[test]
fn m8_access_to_ones_own_room_brings_the_others_as_they_are_now_and_changes_nothing() {
    let (table, [alice, bob]) = Table::of(["alice", "bob"]);
    let carol = table.stranger_at(ListenerId(0), "[2001:db8::1]:5000");
    carol.registers("carol");
    let dave = table.stranger_at(ListenerId(0), "[::ffff:198.51.100.9]:6000");
    dave.registers("dave");
    alice.asks(create("den", Mode::Direct, 9));
    let direct = |peers| Body::JoinRoomReply(Access::Direct { status: JOINED, peers });
    assert_eq!(bob.asks(join("den")), direct(vec![peer("192.0.2.1:40001", "alice")]));
    carol.asks(join("den"));
    dave.asks(join("den"));
    table.forgets_all();
    let bob_peer = peer("192.0.2.2:40002", "bob");
    let others = vec![bob_peer, peer("0.0.0.0:0", "carol"), peer("198.51.100.9:6000", "dave")];
    assert_eq!(alice.asks(join("den")), direct(others), "IPv6 has no address here, a mapped one has (M11)");
    for who in [&bob, &carol, &dave] {
        who.gets_nothing();
    }
}

#[test]
fn m10_public_texts_stay_in_public_and_private_ones_in_their_room() {
    let (table, [alice, bob, carol, dave]) = Table::of(["alice", "bob", "carol", "dave"]);
    carol.creates("den", Mode::Central);
    dave.asks(join("den"));
    table.forgets_all();
    alice.says("to all in public");
    bob.hears("to all in public", &alice);
    carol.says("to the den");
    dave.hears("to the den", &carol);
    for who in [&alice, &bob, &carol, &dave] {
        who.gets_nothing();
    }
}

#[test]
fn m11_a_text_to_the_server_from_a_decentralised_room_is_relayed_and_relais_goes_to_one() {
    let (table, [alice, bob, carol, dave]) = Table::of(["alice", "bob", "carol", "dave"]);
    alice.creates("den", Mode::Direct);
    bob.asks(join("den"));
    carol.asks(join("den"));
    table.forgets_all();
    alice.says("to all");
    bob.hears("to all", &alice);
    carol.hears("to all", &alice);
    assert_eq!(alice.asks(relay(&carol, "to one")), Body::TextReply);
    carol.hears("to one", &alice);
    for wrong in [&dave, &alice] {
        assert_error(&alice.asks(relay(wrong, "no")), 29, ErrorCode::NO_SUCH_USER);
    }
    for nobody in [0, 99, 255] {
        let body = Body::Relay { to: nobody, text: "no".into(), order: None };
        assert_error(&alice.asks(body), 29, ErrorCode::NO_SUCH_USER);
    }
    assert_error(&dave.asks(relay(&bob, "no")), 29, ErrorCode::NOT_IN_PRIVATE_ROOM);
    for who in [&alice, &bob, &carol, &dave] {
        who.gets_nothing();
    }
}

#[test]
fn m11_relais_is_for_decentralised_rooms_and_an_empty_text_is_never_passed_on() {
    let (_table, [alice, bob]) = Table::of(["alice", "bob"]);
    alice.says("");
    alice.creates("den", Mode::Central);
    bob.asks(join("den"));
    bob.forgets();
    alice.says("");
    assert_error(&alice.asks(relay(&bob, "no")), 29, ErrorCode::NOT_ALLOWED);
    assert_eq!(alice.asks(text("")), Body::TextReply);
    bob.gets_nothing();
}

#[test]
fn the_directory_gives_one_name_or_those_of_ones_own_room() {
    let (_table, [alice, bob, carol]) = Table::of(["alice", "bob", "carol"]);
    let entry = |id, who| DirectoryEntry { id, user: name(who) };
    let ask = |who: &Client, user| who.asks(Body::Directory { user });
    assert_eq!(ask(&alice, 2), Body::DirectoryReply(vec![entry(2, "bob")]));
    for nobody in [9, 255] {
        assert_eq!(ask(&alice, nobody), Body::DirectoryReply(Vec::new()));
    }
    carol.creates("den", Mode::Central);
    assert_eq!(ask(&alice, 0), Body::DirectoryReply(vec![entry(1, "alice"), entry(2, "bob")]));
    assert_eq!(ask(&carol, 0), Body::DirectoryReply(vec![entry(3, "carol")]));
    bob.asks(Body::Disconnect);
    assert_eq!(ask(&alice, 2), Body::DirectoryReply(Vec::new()));
}
