//! The two worked scenarios of the original (section 5), message by message, with its names, numbers and texts.
//!
//! In: what the figures show the clients do. Out: what the server answers, checked against figure and hex. Must not know the
//! server's insides.
//!
//! Where figure, hex and rulings disagree a comment says how. Two things are so throughout. The original counts the numbers
//! of all three parties as one series; each counts its own here (S6), so those of the server's requests differ. And the
//! figures leave out the ACK of most requests of the server.

use palabre::dialect::shen::{Body, Entry, Kind, Message};
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::shen_client::{Client, Table, ack, invite, room_body, send};

/// The handle of nobody.
const BOB: u16 = 1_000;

fn plain(kind: Kind, text: &str) -> Body<'_> {
    Body::plain(kind, text)
}

/// What a text that is passed on looks like (S14): the figures have "text, AUTHOR envoie", section 2.3.2 a line of its own.
fn relay(emitter: u16, receiver: u16, text: &str) -> Body<'_> {
    Body::Speech { kind: Kind::Relay, emitter, receiver, text: text.into() }
}

#[test]
fn s5_s8_scenario_1_simple_communication() {
    let (table, [lucy]) = Table::of(["Lucy"]);
    let sheng = table.stranger();

    // connexion1, 0x00. The hex says "lucy" and ends it with LF alone, the figure says "Lucy": that is the name she has.
    sheng.sends_as(0x00, plain(Kind::Connect, "Lucy"));
    sheng.is_answered(0x00, plain(Kind::ConnectRefused, "nom de client deja utilise"));

    // connexion2, ACK1.
    sheng.sends_as(0x01, plain(Kind::Connect, "Sheng"));
    sheng.is_answered(0x01, ack(""));

    // "envoyer un message à Bob" is lost and sent again after T. The original's type is 12 in hex: 18.
    sheng.sends_as(0x02, send(BOB, "Bonjour"));
    sheng.is_answered(0x02, plain(Kind::NoSuchReceiver, "nom de recepteur n'existe pas"));

    // Demande de liste: Sheng is not on his own list.
    sheng.sends_as(0x03, plain(Kind::ListUsers, ""));
    let answer = sheng.gets();
    assert_eq!(answer.seq, 0x03);
    let Body::List(entries) = answer.body else { panic!("no list: {:?}", answer.body) };
    let [Entry { room: 0, private: false, user: to_lucy, text }] = entries.as_slice() else {
        panic!("one line: {entries:?}")
    };
    assert_eq!(text, "publique, Lucy");
    let (to_lucy, to_sheng) = (*to_lucy, lucy.handle_of("Sheng"));

    // "envoyer un message à Lucy", ACK2; "diffuser un message1", ACK3.
    sheng.sends_as(0x04, send(to_lucy, "Bonjour"));
    sheng.is_answered(0x04, ack(""));
    let seq = lucy.is_asked(relay(to_sheng, to_lucy, "Bonjour\r\nSheng envoie"));
    lucy.acks(seq);

    // "envoyer un message à Sheng", ACK4; "diffuser un message2", ACK5. The original gives all four the number 5.
    lucy.sends_as(0x05, send(to_sheng, "Bonjour, Sheng!"));
    lucy.is_answered(0x05, ack(""));
    let seq = sheng.is_asked(relay(to_lucy, to_sheng, "Bonjour, Sheng!\r\nLucy envoie"));
    sheng.acks(seq);

    scenario_1_private(&sheng, &lucy, to_sheng, to_lucy);

    // Nothing is left to be said, and nothing was said that the original does not have.
    table.passes(Duration::from_secs(60));
    sheng.gets_nothing();
    lucy.gets_nothing();
}

/// From the invitation on.
fn scenario_1_private(sheng: &Client, lucy: &Client, to_sheng: u16, to_lucy: u16) {
    // "Invitation à une messagerie privée", "offrir deux modes": the inviter's own name is among those (S8).
    sheng.sends_as(0x06, invite("Sheng,Lucy"));
    sheng.is_answered(0x06, plain(Kind::ModeOffer, "centralise ou decentralise"));

    // "choisir la mode centralisé", ACK6. Section 2.4.2 wants no text, the hex has one; MODE counts. "Invitation à la
    // messagerie privée" has number 8 in the original.
    sheng.sends_as(0x07, room_body(Kind::ChooseMode, Mode::Central, "centralise"));
    sheng.is_answered(0x07, ack(""));
    let asked = lucy.gets();
    let Body::Room { kind: Kind::Invite, private: true, mode: Mode::Central, text, .. } = &asked.body else {
        panic!("no invitation: {asked:?}")
    };
    assert_eq!(text, "Sheng vous invite messagerie");

    // "Accepter une invitation" under the number of the invitation, and "InvitationValide", which is not under that number:
    // it is a request to Sheng (S5).
    lucy.accepts(asked.seq);
    let seq = sheng.is_asked(plain(Kind::Granted, ""));
    sheng.acks(seq);

    // "envoyer un message3", ACK7; "diffuser un message3", ACK8. The original's "shen envoie" misspells its Sheng.
    sheng.sends_as(0x09, send(0, "Rebonjour"));
    sheng.is_answered(0x09, ack(""));
    let seq = lucy.is_asked(relay(to_sheng, 0, "Rebonjour\r\nSheng envoie"));
    lucy.acks(seq);

    // "envoyer un message4", ACK9; "diffuser un message4", ACK10.
    lucy.sends_as(0x0b, send(0, "Rebonjour"));
    lucy.is_answered(0x0b, ack(""));
    let seq = sheng.is_asked(relay(to_lucy, 0, "Rebonjour\r\nLucy envoie"));
    sheng.acks(seq);

    // "quitter la messagerie", ACK11. The server's "compter" (number 0E) is what it does, not a message: the figure has the
    // arrow come back to it. "fermer une messagerie".
    sheng.sends_as(0x0d, plain(Kind::Leave, ""));
    sheng.is_answered(0x0d, ack(""));
    let closed = "fermer cette messagerie car il reste seule personne";
    let seq = lucy.is_asked(plain(Kind::Closed, closed));
    lucy.acks(seq);

    // "Déconnexion", ACK12. Section 2.2.3 wants the name, the hex has no text; so neither counts.
    sheng.sends_as(0x10, plain(Kind::Disconnect, ""));
    sheng.is_answered(0x10, ack(""));
}

#[test]
fn s6_in_scenario_1_a_message_that_was_lost_is_sent_again_and_one_whose_answer_was_lost_is_not_carried_out_again()
 {
    let (table, [sheng, lucy]) = Table::of(["Sheng", "Lucy"]);
    let (to_lucy, to_sheng) = (sheng.handle_of("Lucy"), lucy.handle_of("Sheng"));
    sheng.sends_as(0x02, send(BOB, "Bonjour"));
    sheng.sends_as(0x02, send(BOB, "Bonjour"));
    for _ in 0..2 {
        sheng.is_answered(0x02, plain(Kind::NoSuchReceiver, "nom de recepteur n'existe pas"));
    }
    sheng.sends_as(0x04, send(to_lucy, "Bonjour"));
    sheng.sends_as(0x04, send(to_lucy, "Bonjour"));
    sheng.is_answered(0x04, ack(""));
    sheng.is_answered(0x04, ack(""));
    let seq = lucy.is_asked(relay(to_sheng, to_lucy, "Bonjour\r\nSheng envoie"));
    lucy.gets_nothing();

    // Lucy's ACK is lost: the server asks again after 2 s, five times in all.
    for _ in 1..5 {
        table.passes(Duration::from_millis(1_999));
        lucy.gets_nothing();
        table.passes(Duration::from_millis(1));
        assert_eq!(lucy.is_asked(relay(to_sheng, to_lucy, "Bonjour\r\nSheng envoie")), seq);
    }
    lucy.acks(seq);
    table.passes(Duration::from_secs(60));
    lucy.gets_nothing();
}

#[test]
fn s9_s10_s11_s13_scenario_2_communication_in_a_private_room() {
    let (table, [sheng, lucy, bob, tom]) = Table::of(["Sheng", "Lucy", "Bob", "Tom"]);
    let (to_lucy, to_sheng) = (sheng.handle_of("Lucy"), lucy.handle_of("Sheng"));
    let to_bob = sheng.handle_of("Bob");
    // Bob's room is "dota2" and needs a second member, whom the original does not mention: a room closes at one (S11).
    opens(&bob, "Bob", &tom, "Tom", "dota2");
    opens(&sheng, "Sheng", &lucy, "Lucy", "lol");

    // "envoyer un message1 à Lucy", ACK1; "diffuse un message1" (the original: "Noob,lol,sheng envoie"), ACK2.
    sheng.sends_as(0x00, send(to_lucy, "Noob,lol"));
    sheng.is_answered(0x00, ack(""));
    let seq = lucy.is_asked(relay(to_sheng, to_lucy, "Noob,lol\r\nSheng envoie"));
    lucy.acks(seq);

    // "changer la mode"; the figure gives it a text, section 2.4.3 and the hex none. "diffuse un message3": "vous être
    // d'accord", with a question mark in UTF-16; the server says it in plain French. There is no message2.
    sheng.sends_as(0x02, room_body(Kind::ChangeMode, Mode::Direct, ""));
    sheng.gets_nothing();
    let seq = lucy.is_told("manager change la mode vous êtes d'accord ?");
    // ACK3, ACK4. Then every other member gets 26 (S10), which the original leaves out.
    lucy.answers(seq, ack("je suis d'accord"));
    sheng.is_answered(0x02, ack(""));
    let seq = told_of_mode(&lucy);
    lucy.acks(seq);

    // "envoie un message4", ACK5: straight from one to the other (S13), so the server sees neither. It tells the address
    // (S4). The original's TEXT_LENGTH 04 for "ggwp" is a misprint (S1).
    let entries = sheng.lists();
    let line = entries.iter().find(|entry| entry.user == to_lucy).expect("Lucy is on the list");
    assert_eq!(line.text, format!("lol, Lucy, {}", lucy.address()));

    // "demande de participer à une messagerie privée": the hex has no text, section 2.2.8 wants the room's name.
    bob.sends_as(0x05, plain(Kind::Join, "lol"));
    bob.gets_nothing();
    let seq = sheng.is_told("Bob demande d'entrer");
    // ACK6, ACK7.
    sheng.answers(seq, ack("je suis d'accord"));
    bob.is_answered(0x05, ack("Bienvenue Bob"));
    // What the original leaves out: "dota2" closes behind Bob (S11), and the members of "lol" learn his address (S13).
    let seq = tom.is_asked(plain(Kind::Closed, "fermer cette messagerie car il reste seule personne"));
    tom.acks(seq);
    for member in [&sheng, &lucy] {
        let Message { seq, body: Body::List(entries) } = member.gets() else { panic!("no list") };
        let [entry] = entries.as_slice() else { panic!("one line: {entries:?}") };
        assert_eq!((entry.user, &*entry.text), (to_bob, &*format!("lol, Bob, {}", bob.address())));
        member.acks(seq);
    }

    // "dissoudre une messagerie privée", ACK8. The original's ACK9 is an ACK of something that the others never sent; they
    // get 17 with its words (S11).
    sheng.sends_as(0x07, plain(Kind::Dissolve, ""));
    sheng.is_answered(0x07, ack(""));
    for member in [&lucy, &bob] {
        let seq = member.is_asked(plain(Kind::Closed, "manager dissou cette messagerie privée"));
        member.acks(seq);
    }

    table.passes(Duration::from_secs(60));
    [&sheng, &lucy, &bob, &tom].iter().for_each(|client| client.gets_nothing());
}

/// What the second scenario takes for granted: `manager` and `guest` are in a centralised private room.
#[track_caller]
fn opens(manager: &Client, manager_name: &str, guest: &Client, guest_name: &str, room: &str) {
    manager.counts_from(0x3f0);
    manager.proposes(guest_name, Mode::Central, room);
    let seq = guest.is_invited(manager_name);
    guest.accepts(seq);
    let seq = manager.is_asked(plain(Kind::Granted, ""));
    manager.acks(seq);
}

/// The mode of one's room has changed to decentralised; says under which number that came.
#[track_caller]
fn told_of_mode(client: &Client) -> u16 {
    let got = client.gets();
    let Body::Room { kind: Kind::ChangeMode, private: true, mode: Mode::Direct, room, .. } = got.body else {
        panic!("no change of mode: {got:?}")
    };
    assert_ne!(room, 0);
    got.seq
}
