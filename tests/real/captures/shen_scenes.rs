//! Scenes of Shen's protocol: the two worked scenarios of its original text, and what else people do every day.

use palabre::dialect::shen::{Body, Kind, Message, words};
use palabre::engine::Dialect;
use palabre::time::Duration;
use palabre::vocab::Mode;
use palabre::wire::Integrity;

use super::Scene;
use super::shen::{Shen, ack, invite, plain, room_body, send};
use super::stage::{Setup, Stage, bad, damaging};

/// The handle of nobody.
const BOB: u16 = 1_000;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "shen-scenario-1",
        about: "Scenario 1 of the original text (5.1), message by message, over a link that loses a fifth of all datagrams, \
                doubles, delays and reorders some: a name that is taken, a text to somebody who is not there, the list, \
                texts both ways, a private room from its invitation to its end. T is 2 s, as in the original.",
        prepare: |setup| _ = setup.speaks(Dialect::Shen),
        play: scenario_1,
    },
    Scene {
        name: "shen-scenario-2",
        about: "Scenario 2 (5.2), over such a link: a text inside the private room lol, a vote on its mode, the addresses \
                of a decentralised room, Bob who asks to be let in, and the manager who dissolves it all.",
        prepare: |setup| _ = setup.speaks(Dialect::Shen),
        play: scenario_2,
    },
    Scene {
        name: "shen-every-message",
        about: "The messages that the scenarios do not have: counts, names of rooms, refusals, a room that is full, one that \
                has ended (there are 99 configured rooms, and a private one is the hundredth), and a type 11 that a \
                client sends, who never should.",
        prepare: |setup| {
            setup.speaks(Dialect::Shen);
            setup.speaks(Dialect::Stories);
            setup.rooms = (1..100).map(|number| format!("r{number}")).collect();
        },
        play: every_message,
    },
    Scene {
        name: "shen-people-think",
        about: "Answers that take longer than 1.5 s (S9, S10): an ACK without text comes at once, and what was decided later \
                as a request of the server. Yes and no are said under numbers of the client's own (S5).",
        prepare: quick,
        play: people_think,
    },
    Scene {
        name: "shen-managers",
        about: "The manager leaves, and the one who was longest in the room manages it (S11); who is not may not dissolve it.",
        prepare: quick,
        play: managers,
    },
    Scene {
        name: "shen-checksums",
        about: "Datagrams with a CRC-32 over a link that changes a bit in a fifth of them: dropped, repeated, and nothing is \
                said wrongly. T is 300 ms here.",
        prepare: |setup| {
            let listener = setup.speaks(Dialect::Shen);
            listener.integrity = Integrity::Crc32;
            listener.timing.timer = Duration::from_millis(300);
        },
        play: checksums,
    },
    Scene {
        name: "shen-stop",
        about: "The operator stops the server: it says so by a 23, which one acknowledges. The other has gone without a word \
                and is asked five times in vain. T is 300 ms here.",
        prepare: quick,
        play: stop,
    },
];

/// Quicker than the protocol has it: nobody need wait for minutes.
fn quick(setup: &mut Setup) {
    setup.speaks(Dialect::Shen).timing.timer = Duration::from_millis(300);
}

fn scenario_1(stage: &Stage) {
    let far = stage.over(0, bad(), 11);
    let lucy = Shen::on(far, "Lucy");
    let sheng = Shen::stranger(far, Integrity::None);
    // The numbers are those of the original.
    let taken = plain(Kind::ConnectRefused, words::NAME_TAKEN);
    assert_eq!(sheng.asks_as(0x00, plain(Kind::Connect, "Lucy")), taken);
    assert_eq!(sheng.asks_as(0x01, plain(Kind::Connect, "Sheng")), ack(""));
    let answer = sheng.asks_as(0x02, send(BOB, "Bonjour"));
    assert_eq!(answer.kind(), Kind::NoSuchReceiver);
    let answer = sheng.asks_as(0x03, plain(Kind::ListUsers, ""));
    let Body::List(entries) = &answer else { panic!("no list: {answer:?}") };
    assert_eq!(entries.iter().map(|entry| &*entry.text).collect::<Vec<_>>(), ["publique, Lucy"]);
    let to_lucy = entries.first().expect("one").user;
    lucy.counts_from(0x100);
    let to_sheng = lucy.handle_of("Sheng");
    assert_eq!(sheng.asks_as(0x04, send(to_lucy, "Bonjour")), ack(""));
    lucy.hears("Bonjour", "Sheng");
    assert_eq!(lucy.asks_as(0x05, send(to_sheng, "Bonjour, Sheng!")), ack(""));
    sheng.hears("Bonjour, Sheng!", "Lucy");
    // From the invitation on.
    assert_eq!(sheng.asks_as(0x06, invite("Sheng,Lucy")), plain(Kind::ModeOffer, words::MODES));
    let choice = room_body(Kind::ChooseMode, Mode::Central, "centralise");
    assert_eq!(sheng.asks_as(0x07, choice), ack(""));
    lucy.accepts(lucy.is_asked(Kind::Invite));
    sheng.is_asked(Kind::Granted);
    assert_eq!(sheng.asks_as(0x09, send(0, "Rebonjour")), ack(""));
    lucy.hears("Rebonjour", "Sheng");
    assert_eq!(lucy.asks_as(0x0b, send(0, "Rebonjour")), ack(""));
    sheng.hears("Rebonjour", "Lucy");
    assert_eq!(sheng.asks_as(0x0d, plain(Kind::Leave, "")), ack(""));
    lucy.is_asked(Kind::Closed);
    assert_eq!(sheng.asks_as(0x10, plain(Kind::Disconnect, "")), ack(""));
    lucy.leaves();
}

fn scenario_2(stage: &Stage) {
    let far = stage.over(0, bad(), 12);
    let [sheng, lucy, bob, tom] = ["Sheng", "Lucy", "Bob", "Tom"].map(|name| Shen::on(far, name));
    // Before the scenario begins: numbers that it does not use.
    [&sheng, &lucy, &bob].into_iter().for_each(|who| who.counts_from(0x180));
    bob.opens(&tom, "Tom", Mode::Central, "dota2");
    sheng.opens(&lucy, "Lucy", Mode::Central, "lol");
    let to_lucy = sheng.handle_of("Lucy");
    assert_eq!(sheng.asks_as(0x00, send(to_lucy, "Noob,lol")), ack(""));
    lucy.hears("Noob,lol", "Sheng");
    let change = || room_body(Kind::ChangeMode, Mode::Direct, "");
    let vote = sheng.asks_until(0x02, &change(), &lucy, words::VOTE);
    lucy.answers(vote, ack(words::AGREED));
    assert_eq!(sheng.asks_as(0x02, change()), ack(""));
    lucy.is_asked(Kind::ChangeMode);
    // "envoie un message4" goes straight from one to the other (S13): the server tells the address, and sees no more.
    let Body::List(entries) = sheng.asks(plain(Kind::ListUsers, "")) else { panic!("no list") };
    let of_lucy = entries.iter().find(|entry| entry.user == to_lucy).expect("Lucy is on the list");
    assert!(of_lucy.text.starts_with("lol, Lucy, 127.0.0.1:"), "{}", of_lucy.text);
    let door = bob.asks_until(0x05, &plain(Kind::Join, "lol"), &sheng, "Bob demande d'entrer");
    sheng.answers(door, ack(words::AGREED));
    // In time, "Bienvenue Bob"; an ACK without text and 14 if the link took too long (S9).
    if bob.asks_as(0x05, plain(Kind::Join, "lol")) == ack("") {
        bob.is_asked(Kind::Granted);
    }
    tom.is_asked(Kind::Closed);
    [&sheng, &lucy].into_iter().for_each(|member| _ = member.is_asked(Kind::UserList));
    assert_eq!(sheng.asks_as(0x07, plain(Kind::Dissolve, "")), ack(""));
    [&lucy, &bob].into_iter().for_each(|member| _ = member.is_asked(Kind::Closed));
    [sheng, lucy, bob, tom].iter().for_each(Shen::leaves);
}

fn every_message(stage: &Stage) {
    let [sheng, lucy, tom] = ["Sheng", "Lucy", "Tom"].map(|name| Shen::on(stage.at(0), name));
    assert_eq!(sheng.asks(plain(Kind::CountRooms, "")), ack("99"));
    assert_eq!(sheng.asks(plain(Kind::CountMembers, "")), ack("3"));
    // Refused.
    sheng.proposes("Lucy", Mode::Central, "dota2");
    let seq = lucy.is_asked(Kind::Invite);
    lucy.answers(seq, plain(Kind::Decline, ""));
    sheng.is_asked(Kind::Denied);
    // The hundredth room; Tom's would be one too many by the time he is accepted.
    tom.proposes("Lucy", Mode::Central, "lol");
    let first = lucy.is_asked(Kind::Invite);
    let alice = super::streams::Stories::quoted(stage.at(1), "alice");
    alice.says("ROOM \"tree\"");
    alice.hears("OK");
    lucy.accepts(first);
    tom.is_asked(Kind::Denied);
    lucy.is_asked(Kind::Ended);
    alice.says("BYE \"tree\" \"alice\"");
    alice.hears("OK");
    sheng.opens(&lucy, "Lucy", Mode::Central, "lol");
    let to_lucy = tom.handle_of("Lucy");
    assert_eq!(tom.asks(send(to_lucy, "Are you there?")).kind(), Kind::Elsewhere);
    assert_eq!(tom.asks(plain(Kind::Join, "nowhere")).kind(), Kind::NoSuchReceiver);
    assert_eq!(tom.asks(plain(Kind::Dissolve, "")), plain(Kind::Denied, ""));
    assert_eq!(lucy.asks(room_body(Kind::RenameRoom, Mode::Central, "rofl")), ack(""));
    sheng.is_told(&words::renamed("rofl"));
    let wrong = plain(Kind::NoSuchUser, "a client never says so");
    tom.sends_raw(&super::shen::encoded(800, wrong));
    // Nobody has to tell people who are in a room that it is renamed by its own name.
    assert_eq!(lucy.asks(room_body(Kind::NameRoom, Mode::Central, "r1")), plain(Kind::Denied, ""));
    assert_eq!(sheng.asks(plain(Kind::Dissolve, "")), ack(""));
    lucy.is_asked(Kind::Closed);
    [sheng, lucy, tom].iter().for_each(Shen::leaves);
}

fn people_think(stage: &Stage) {
    let [sheng, lucy, tom] = ["Sheng", "Lucy", "Tom"].map(|name| Shen::on(stage.at(0), name));
    // Lucy says that the invitation came, and yes later, as a request of her own.
    sheng.proposes("Lucy", Mode::Central, "lol");
    let seq = lucy.is_asked(Kind::Invite);
    lucy.answers(seq, ack(""));
    assert_eq!(lucy.asks(plain(Kind::Accept, "")), ack(""));
    sheng.is_asked(Kind::Granted);
    // Tom waits at the door for more than 1.5 s, twice.
    for (answer, told) in [(Kind::Decline, Kind::Denied), (Kind::Accept, Kind::Granted)] {
        let asked = tom.counts();
        let door = tom.asks_until(asked, &plain(Kind::Join, "lol"), &sheng, "Tom demande d'entrer");
        sheng.answers(door, ack(""));
        assert_eq!(tom.asks_as(asked, plain(Kind::Join, "lol")), ack(""));
        assert_eq!(sheng.asks(plain(answer, "")), ack(""));
        tom.is_asked(told);
    }
    // One agrees at once, the other thinks, and disagrees; then both agree.
    for (answer, told) in [(Kind::Decline, Kind::Denied), (Kind::Accept, Kind::ChangeMode)] {
        let asked = sheng.counts();
        let change = || room_body(Kind::ChangeMode, Mode::Direct, "");
        let vote = sheng.asks_until(asked, &change(), &lucy, words::VOTE);
        lucy.answers(vote, ack(words::AGREED));
        let vote = tom.is_told(words::VOTE);
        tom.answers(vote, ack(""));
        assert_eq!(sheng.asks_as(asked, change()), ack(""));
        assert_eq!(tom.asks(plain(answer, "")), ack(""));
        sheng.is_asked(told);
    }
    [&lucy, &tom].into_iter().for_each(|who| _ = who.is_asked(Kind::ChangeMode));
    [sheng, lucy, tom].iter().for_each(Shen::leaves);
}

fn managers(stage: &Stage) {
    let [sheng, lucy, tom] = ["Sheng", "Lucy", "Tom"].map(|name| Shen::on(stage.at(0), name));
    sheng.proposes("Lucy, Tom", Mode::Central, "lol");
    lucy.accepts(lucy.is_asked(Kind::Invite));
    sheng.is_asked(Kind::Granted);
    tom.accepts(tom.is_asked(Kind::Invite));
    assert_eq!(sheng.asks(plain(Kind::CountMembers, "")).kind(), Kind::Ack);
    assert_eq!(sheng.asks(plain(Kind::Leave, "")), ack(""));
    lucy.is_told(words::MANAGER);
    assert_eq!(tom.asks(plain(Kind::Dissolve, "")), plain(Kind::Denied, ""));
    assert_eq!(lucy.asks(plain(Kind::Dissolve, "")), ack(""));
    tom.is_asked(Kind::Closed);
    [sheng, lucy, tom].iter().for_each(Shen::leaves);
}

fn checksums(stage: &Stage) {
    let far = stage.over(0, damaging(), 13);
    let [sheng, lucy] = ["Sheng", "Lucy"].map(|name| Shen::with(far, name, Integrity::Crc32));
    for number in 0..4 {
        assert_eq!(sheng.asks(send(0, &format!("à Lucy {number}"))), ack(""));
        lucy.hears(&format!("à Lucy {number}"), "Sheng");
        assert_eq!(lucy.asks(send(0, &format!("à Sheng {number}"))), ack(""));
        sheng.hears(&format!("à Sheng {number}"), "Lucy");
    }
    [sheng, lucy].iter().for_each(Shen::leaves);
}

fn stop(stage: &Stage) {
    let [sheng, lucy] = ["Sheng", "Lucy"].map(|name| Shen::on(stage.at(0), name));
    lucy.is(super::packets::Attention::Mute);
    stage.stops();
    sheng.is_told(words::STOPPING);
    (0..5).for_each(|_| _ = lucy.gets(is_goodbye));
}

fn is_goodbye(message: &Message<'_>) -> bool {
    matches!(&message.body, Body::Speech { text, .. } if *text == words::STOPPING)
}
