//! What rooms do to their people in Shen's protocol: S11, S12, S13, S14 and M21, through the wire.
//!
//! In: who goes, speaks and ends rooms. Out: who hears it, and what is refused. Must not know the rooms' insides.

use palabre::dialect::shen::{Body, Kind, Message, said, words};
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::served::Way;
use crate::shen_client::{Client, Table, ack, invite, plain, room_body, send};

const GRANTED: Body<'static> = Body::Plain { kind: Kind::Granted, text: std::borrow::Cow::Borrowed("") };
const DENIED: Body<'static> = Body::Plain { kind: Kind::Denied, text: std::borrow::Cow::Borrowed("") };

fn closed(why: &str) -> Body<'_> {
    plain(Kind::Closed, why)
}

fn elsewhere() -> Body<'static> {
    plain(Kind::Elsewhere, words::ELSEWHERE)
}

fn rename(name: &str) -> Body<'_> {
    room_body(Kind::RenameRoom, Mode::Central, name)
}

/// Sheng manages the room "lol" with Lucy and Tom in it; Bob is outside. All acknowledge what is no question.
fn four(mode: Mode) -> (Table, [Client; 4]) {
    let (table, clients) = Table::of(["Sheng", "Lucy", "Tom", "Bob"]);
    clients.iter().for_each(|client| client.is(Way::Open));
    let [sheng, lucy, tom, _] = &clients;
    sheng.proposes("Lucy, Tom", mode, "lol");
    lucy.accepts(lucy.is_invited("Sheng"));
    tom.accepts(tom.is_invited("Sheng"));
    table.served().forgets_all();
    (table, clients)
}

#[test]
fn s11_a_room_closes_at_one_member_who_is_told() {
    let (_table, [sheng, lucy, tom, bob]) = four(Mode::Central);
    assert_eq!(tom.asks(plain(Kind::Leave, "")), ack(""));
    sheng.gets_nothing();
    sheng.asks(plain(Kind::Disconnect, ""));
    lucy.is_asked(closed(words::ALONE));
    assert_eq!(bob.asks(plain(Kind::CountRooms, "")), ack("0"));
    assert_eq!(bob.asks(plain(Kind::CountMembers, "")), ack("3"));
}

#[test]
fn s11_the_manager_dissolves_his_room_and_all_others_are_told() {
    let (_table, [sheng, lucy, tom, bob]) = four(Mode::Central);
    assert_eq!(sheng.asks(plain(Kind::Dissolve, "")), ack(""));
    lucy.is_asked(closed(words::DISSOLVED));
    tom.is_asked(closed(words::DISSOLVED));
    sheng.gets_nothing();
    assert_eq!(bob.asks(plain(Kind::CountMembers, "")), ack("4"));
    assert_eq!(sheng.asks(plain(Kind::Dissolve, "")), DENIED);
}

#[test]
fn s11_the_member_longest_in_the_room_manages_it_when_the_manager_leaves() {
    let (_table, [sheng, lucy, tom, bob]) = four(Mode::Central);
    sheng.asks(plain(Kind::Leave, ""));
    lucy.is_told(words::MANAGER);
    tom.gets_nothing();
    bob.sends(plain(Kind::Join, "lol"));
    lucy.accepts(lucy.is_told("Bob demande d'entrer"));
    assert_eq!(bob.gets().body, ack("Bienvenue Bob"));
    assert_eq!(tom.asks(plain(Kind::Dissolve, "")), DENIED);
    assert_eq!(lucy.asks(plain(Kind::Dissolve, "")), ack(""));
}

#[test]
fn s11_any_member_renames_the_room_and_a_name_that_is_taken_is_refused() {
    let (table, [sheng, lucy, tom, bob]) = four(Mode::Central);
    let amy = table.joins("Amy");
    bob.proposes("Amy", Mode::Central, "dota2");
    amy.accepts(amy.is_invited("Bob"));
    assert_eq!(lucy.asks(rename("dota2")), DENIED);
    assert_eq!(lucy.asks(rename("a,b")), DENIED);
    assert_eq!(lucy.asks(rename("rofl")), ack(""));
    for who in [&sheng, &tom] {
        who.is_told("cette messagerie s'appelle rofl maintenant");
    }
    lucy.gets_nothing();
    // 27 does the same where nothing is proposed.
    assert_eq!(tom.asks(room_body(Kind::NameRoom, Mode::Central, "mdr")), ack(""));
    sheng.is_told("cette messagerie s'appelle mdr maintenant");
    assert_eq!(amy.asks(rename("lol")), ack(""), "nobody has it any more");
    assert_eq!(bob.lists()[0].text, "mdr, Sheng");
}

#[test]
fn s11_who_is_let_in_elsewhere_leaves_his_room() {
    let (table, [sheng, lucy, _tom, bob]) = four(Mode::Central);
    let amy = table.joins("Amy");
    amy.is(Way::Open);
    bob.proposes("Amy", Mode::Central, "dota2");
    amy.accepts(amy.is_invited("Bob"));
    bob.is_asked(GRANTED);
    amy.sends(plain(Kind::Join, "lol"));
    sheng.accepts(sheng.is_told("Amy demande d'entrer"));
    assert_eq!(amy.gets().body, ack("Bienvenue Amy"));
    bob.is_asked(closed(words::ALONE));
    assert_eq!(lucy.asks(plain(Kind::CountMembers, "")), ack("4"));
    assert_eq!(lucy.asks(plain(Kind::CountRooms, "")), ack("1"));
}

#[test]
fn s12_a_member_of_a_private_room_hears_nothing_public_and_says_nothing_public() {
    let (_table, [sheng, lucy, tom, bob]) = four(Mode::Central);
    let (to_sheng, to_bob) = (bob.handle_of("Sheng"), sheng.handle_of("Bob"));
    bob.asks(send(0, "all of you"));
    [&sheng, &lucy, &tom].iter().for_each(|member| member.gets_nothing());
    sheng.asks(send(0, "among us"));
    lucy.hears("among us", ("Sheng", to_sheng), 0);
    tom.hears("among us", ("Sheng", to_sheng), 0);
    bob.gets_nothing();
    // Neither way from one room to another.
    assert_eq!(bob.asks(send(to_sheng, "pst")), elsewhere());
    assert_eq!(sheng.asks(send(to_bob, "pst")), elsewhere());
    [&sheng, &bob].iter().for_each(|who| who.gets_nothing());
    // One to one, within the room.
    let to_lucy = sheng.handle_of("Lucy");
    assert_eq!(sheng.asks(send(to_lucy, "you alone")), ack(""));
    lucy.hears("you alone", ("Sheng", to_sheng), to_lucy);
    tom.gets_nothing();
}

#[test]
fn s12_m21_what_was_meant_for_a_room_that_has_closed_is_refused_until_its_author_knows() {
    let (_table, [sheng, lucy, tom, bob]) = four(Mode::Central);
    lucy.is(Way::Mute);
    let to_bob = sheng.handle_of("Bob");
    sheng.asks(plain(Kind::Dissolve, ""));
    let seq = lucy.is_asked(closed(words::DISSOLVED));
    tom.is_asked(closed(words::DISSOLVED));
    assert_eq!(lucy.asks(send(0, "secret")), elsewhere());
    assert_eq!(lucy.asks(send(to_bob, "secret")), elsewhere());
    assert_eq!(tom.asks(send(0, "public")), ack(""), "he knows it");
    bob.takes_all();
    lucy.acks(seq);
    lucy.takes_all();
    assert_eq!(lucy.asks(send(0, "public")), ack(""));
    assert_eq!(bob.takes_all().len(), 1);
}

#[test]
fn s12_s27_m21_one_moved_from_his_room_by_another_s_yes_does_not_speak_before_he_knows() {
    let (table, [sheng, lucy, _tom, bob]) = four(Mode::Central);
    let amy = table.joins("Amy");
    // Sheng opens another room while he is in this one.
    sheng.asks(invite("Bob"));
    sheng.asks(room_body(Kind::ChooseMode, Mode::Central, ""));
    sheng.is(Way::Mute);
    bob.accepts(bob.is_invited("Sheng"));
    let seq = sheng.is_asked(GRANTED);
    lucy.is_told(words::MANAGER);
    assert_eq!(sheng.asks(send(0, "for Lucy")), elsewhere());
    assert_eq!(sheng.asks(rename("for Lucy")), DENIED);
    bob.gets_nothing();
    sheng.acks(seq);
    assert_eq!(sheng.asks(send(0, "for Bob")), ack(""));
    assert_eq!(bob.takes_all().len(), 1);

    // So too for one who is let in when he does not wait for it any more.
    amy.sends(plain(Kind::Join, "messagerie1"));
    let question = sheng.is_told("Amy demande d'entrer");
    table.passes(Duration::from_millis(1_500));
    sheng.accepts(question);
    amy.takes_all();
    assert_eq!(amy.asks(send(0, "from the public room")), ack(""), "there is nothing private about it");
}

#[test]
fn s13_members_of_a_direct_room_learn_where_each_newcomer_is_and_who_goes() {
    let (_table, [sheng, lucy, tom, bob]) = four(Mode::Direct);
    let to_bob = sheng.handle_of("Bob");
    bob.sends(plain(Kind::Join, "lol"));
    sheng.accepts(sheng.is_told("Bob demande d'entrer"));
    assert_eq!(bob.takes_all().last().map(|got| got.body.clone()), Some(ack("Bienvenue Bob")));
    for member in [&sheng, &lucy, &tom] {
        let got = member.gets();
        let Body::List(entries) = got.body else { panic!("{got:?}") };
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((entry.room, entry.private, entry.user), (1, true, to_bob));
        assert_eq!(entry.text, format!("lol, Bob, {}", bob.address()));
        member.gets_nothing();
    }
    bob.asks(plain(Kind::Leave, ""));
    for member in [&sheng, &lucy, &tom] {
        let got = member.gets();
        let Body::List(entries) = got.body else { panic!("{got:?}") };
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!(
            (entry.room, entry.private, entry.user, &*entry.text),
            (0, false, to_bob, "publique, Bob")
        );
        member.gets_nothing();
    }
}

#[test]
fn s13_the_server_passes_on_what_cannot_go_straight() {
    let (_table, [sheng, lucy, tom, _bob]) = four(Mode::Direct);
    let (to_lucy, to_sheng) = (sheng.handle_of("Lucy"), lucy.handle_of("Sheng"));
    sheng.asks(send(to_lucy, "by the server"));
    lucy.hears("by the server", ("Sheng", to_sheng), to_lucy);
    tom.gets_nothing();
    sheng.asks(send(0, "to all"));
    lucy.hears("to all", ("Sheng", to_sheng), 0);
    tom.hears("to all", ("Sheng", to_sheng), 0);
}

/// What of a text came with each datagram, without its author.
fn parts(got: &[Message<'_>]) -> Vec<String> {
    let part = |message: &Message<'_>| match &message.body {
        Body::Speech { kind: Kind::Relay, text, .. } => said(text).0.to_owned(),
        other => panic!("no text: {other:?}"),
    };
    got.iter().map(part).collect()
}

#[test]
fn s14_a_text_that_is_too_long_with_its_author_s_name_comes_in_parts_between_characters() {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    lucy.is(Way::Open);
    // A datagram of 22 has 1,024 bytes of text, its CRLF among them; one of 23 has the author besides.
    let fits = 1_024 - 2 - "\r\nSheng envoie".len();
    for text in ["x".repeat(1_022), "é".repeat(511), "€".repeat(340)] {
        assert_eq!(sheng.asks(send(0, &text)), ack(""));
        table.passes(Duration::from_secs(1));
        let parts = parts(&lucy.takes_all());
        assert_eq!(parts.len(), 2);
        assert!(parts[0].len() <= fits && parts[0].len() + 4 > fits, "{}", parts[0].len());
        assert_eq!(parts.concat(), text);
    }
    let text = "x".repeat(fits);
    sheng.asks(send(0, &text));
    assert_eq!(parts(&lucy.takes_all()), [text]);
}

#[test]
fn s14_what_is_no_utf_8_is_read_as_latin_1_and_passed_on_as_utf_8() {
    let (_table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    lucy.is(Way::Open);
    // "é", "a" in Latin-1, with LF alone: 22, number 5, EMITTER 0, RECEIVER 0.
    let bits = format!("{:010b}{:08b}{:010b}{:020b}{:08b}{:08b}{:08b}", 5, 22, 2, 0, 0xe9, 0x61, 0x0a);
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks(8)
        .map(|eight| {
            let eight = format!("{:0<8}", std::str::from_utf8(eight).unwrap());
            u8::from_str_radix(&eight, 2).unwrap()
        })
        .collect();
    sheng.sends_bytes(&bytes);
    assert_eq!(parts(&lucy.takes_all()), ["éa"]);
}

#[test]
fn s11_a_room_has_100_members_and_the_next_hears_that_it_is_full() {
    let table = Table::new();
    let people: Vec<Client> = (0..101).map(|n| table.joins(&format!("u{n}"))).collect();
    people.iter().for_each(|client| client.is(Way::Open));
    let names: Vec<String> = (1..101).map(|n| format!("u{n}")).collect();
    people[0].proposes(&names.join(","), Mode::Central, "lol");
    let invited: Vec<u16> = people[1..].iter().map(|who| who.is_invited("u0")).collect();
    (1..100).for_each(|n| people[n].accepts(invited[n - 1]));
    assert_eq!(people[0].asks(plain(Kind::CountMembers, "")), ack("100"));
    // He was invited, and the room is full all the same.
    let full = plain(Kind::RoomFull, words::ROOM_FULL);
    people[100].accepts(invited[99]);
    people[100].is_asked(full.clone());
    assert_eq!(people[100].asks(plain(Kind::Join, "lol")), full);
    people[50].asks(plain(Kind::Leave, ""));
    let seq = people[50].sends(plain(Kind::Join, "lol"));
    people[0].takes_all().into_iter().for_each(|got| people[0].accepts(got.seq));
    people[50].is_answered(seq, ack("Bienvenue u50"));
}
