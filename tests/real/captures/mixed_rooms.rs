//! Scenes of rooms in which people of several protocols meet.

use palabre::dialect::msp::{Access, AccessStatus, Body, Event, Kind as Msg};
use palabre::dialect::shen::{Kind, words};
use palabre::vocab::Mode;

use super::Scene;
use super::msp::{Msp, create, invite, join};
use super::shen::{Shen, ack, plain, room_body, send};
use super::stage::{Setup, Stage};
use super::streams::{Matou, Stories, Stumtp};

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "rooms-of-msp",
        about: "A room made by MSP for three, and who comes into it: Lucy of Shen's protocol is invited, Sam of Stories joins; \
                then it is full (type 21, ERROR). Minou of Matou is invited too: the server declines for him (A12).",
        prepare: Setup::speaks_all,
        play: of_msp,
    },
    Scene {
        name: "rooms-of-shen",
        about: "A room made in Shen's protocol, with alice of MSP in it, who reads of its new name and of its new mode by \
                NOTIFICATION 5 and 4 (M12). Three votes: Lucy's no ends the first; before the second alice leaves; the third \
                takes 60 s, because alice has no word for yes and counts as agreeing then (S21).",
        prepare: Setup::speaks_all,
        play: of_shen,
    },
    Scene {
        name: "rooms-of-stories",
        about: "A configured room in which Tom of STUMTP, Sam of Stories, alice of MSP and Lucy meet, and one that ends when \
                it is empty. Who is not in the room hears nothing of it.",
        prepare: Setup::speaks_all,
        play: of_stories,
    },
    Scene {
        name: "names-across",
        about: "Names that not every protocol can carry: each shows an alias, which is understood when it comes back (M20, S16, \
                A14).",
        prepare: Setup::speaks_all,
        play: names,
    },
];

fn of_msp(stage: &Stage) {
    let alice = Msp::on(stage.at(0), "alice");
    let lucy = Shen::on(stage.at(1), "Lucy");
    let _minou = Matou::on(stage.at(2), "Minou");
    let sam = Stories::quoted(stage.at(3), "Sam");
    alice.says_hello();
    alice.asks(create("tree", Mode::Central, 3));
    alice.asks(invite("Minou"));
    alice.is_notified(|event| matches!(event, Event::Declined { .. }));
    alice.asks(invite("Lucy"));
    lucy.accepts(lucy.is_asked(Kind::Invite));
    alice.is_notified(|event| matches!(event, Event::Joined { .. }));
    alice.asks(invite("Sam"));
    sam.hears("alice vous invite");
    sam.says("JOIN_ROOM \"tree\"");
    sam.hears("OK");
    let tom = Stumtp::on(stage.at(4), "Tom");
    tom.says("JOIN_ROOM \"tree\"");
    tom.hears("KO \"cette room est pleine\"");
    let sheng = Shen::on(stage.at(1), "Sheng");
    assert_eq!(sheng.asks(plain(Kind::Join, "tree")).kind(), Kind::RoomFull);
    alice.says("under the tree");
    lucy.hears("under the tree", "alice");
    sam.hears("under the tree");
    alice.leaves();
    lucy.leaves();
    sam.hears("SYSTEM");
    sheng.leaves();
}

fn of_shen(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::on(stage.at(0), who));
    let [sheng, lucy] = ["Sheng", "Lucy"].map(|name| Shen::on(stage.at(1), name));
    alice.says_hello();
    sheng.proposes("Lucy, alice, bob", Mode::Central, "lol");
    lucy.accepts(lucy.is_asked(Kind::Invite));
    sheng.is_asked(Kind::Granted);
    alice.answers_offer(alice.is_invited(), false);
    assert_eq!(alice.asks(join("lol")), Body::JoinRoomReply(Access::Central(AccessStatus::Joined)));
    assert_eq!(lucy.asks(room_body(Kind::RenameRoom, Mode::Central, "rofl")), ack(""));
    alice.is_notified(|event| matches!(event, Event::Renamed { .. }));
    let change = || room_body(Kind::ChangeMode, Mode::Direct, "");
    let asked = sheng.counts();
    let vote = sheng.asks_until(asked, &change(), &lucy, words::VOTE);
    lucy.answers(vote, plain(Kind::Decline, ""));
    assert_eq!(sheng.asks_as(asked, change()), plain(Kind::Denied, ""));
    // Alice leaves for a moment, so that all who can vote have agreed.
    alice.asks(Body::LeaveRoom);
    let asked = sheng.counts();
    let vote = sheng.asks_until(asked, &change(), &lucy, words::VOTE);
    lucy.answers(vote, ack(words::AGREED));
    assert_eq!(sheng.asks_as(asked, change()), ack(""));
    lucy.is_asked(Kind::ChangeMode);
    assert_eq!(alice.asks(join("rofl")).kind(), Msg::JoinRoomReply);
    mode_back(&sheng, &lucy, &alice);
    sheng.leaves();
    alice.is_notified(|event| matches!(event, Event::Left { .. }));
    lucy.leaves();
    alice.is_notified(|event| matches!(event, Event::Closed { .. }));
    alice.leaves();
    bob.leaves();
}

/// The vote takes a minute, for alice cannot say yes.
fn mode_back(sheng: &Shen, lucy: &Shen, alice: &Msp) {
    let change = || room_body(Kind::ChangeMode, Mode::Central, "");
    let asked = sheng.counts();
    let vote = sheng.asks_until(asked, &change(), lucy, words::VOTE);
    lucy.answers(vote, ack(words::AGREED));
    alice.is_told("agrees");
    assert_eq!(sheng.asks_as(asked, change()), ack(""));
    let minute = std::time::Duration::from_secs(70);
    let changed = |event: &Event<'_>| matches!(event, Event::ModeChanged(Mode::Central));
    assert!(alice.gets_within(minute, |message| {
        matches!(&message.body, Body::Notification(event) if changed(event))
    }));
}

fn of_stories(stage: &Stage) {
    let alice = Msp::on(stage.at(0), "alice");
    let lucy = Shen::on(stage.at(1), "Lucy");
    let minou = Matou::on(stage.at(2), "Minou");
    let sam = Stories::barred(stage.at(3), "Sam");
    let tom = Stumtp::on(stage.at(4), "Tom");
    let other = Stories::quoted(stage.at(3), "Outside");
    sam.says("JOIN_ROOM|room1");
    sam.hears("SYSTEM|Sam a rejoint la room room1");
    assert_eq!(alice.asks(join("room1")), Body::JoinRoomReply(Access::Central(AccessStatus::Joined)));
    assert_eq!(lucy.asks(plain(Kind::Join, "room1")), ack("Bienvenue Lucy"));
    tom.says("JOIN_ROOM \"room1\"");
    tom.hears("OK");
    sam.says("MSG|a secret");
    lucy.hears("a secret", "Sam");
    tom.hears("MSG \"room1\" \"Sam\" \"a secret\"");
    alice.gets(|message| message.body == super::msp::text("a secret"));
    assert_eq!(lucy.asks(send(0, "another")), ack(""));
    sam.hears("MSG|Lucy|another");
    sam.says("ROOM|tree");
    sam.hears("SYSTEM|Sam a rejoint la room tree");
    tom.says("JOIN_ROOM \"tree\"");
    tom.hears("OK");
    for who in ["tree", "public"] {
        tom.says(&format!("BYE \"{who}\" \"Tom\""));
        tom.hears("OK");
    }
    sam.says("BYE|tree|Sam");
    other.says("MSG \"public\" \"Outside\" \"hello\"");
    sam.hears("MSG|Outside|hello");
    minou.hears(|message| matches!(message, palabre::dialect::matou::Message::Said { .. }));
    alice.leaves();
    lucy.leaves();
}

fn names(stage: &Stage) {
    let minou = Matou::on(stage.at(2), "Minou");
    let sam = Stories::quoted(stage.at(3), "Sam, the #1 of all Stories");
    let alice = Msp::on(stage.at(0), "alice");
    let lucy = Shen::on(stage.at(1), "Lucy of the long harbour wall");
    let answer = alice.asks(Body::ListUsers { room: super::msp::name("") });
    let Body::UserList(users) = &answer else { panic!("no list: {answer:?}") };
    let aliases: Vec<_> =
        users.iter().filter_map(|user| user.as_str()).filter(|name| name.len() == 10).collect();
    assert_eq!(aliases.len(), 2, "{users:?}");
    alice.asks(create("den", Mode::Central, 5));
    for alias in aliases {
        assert_eq!(alice.asks(invite(alias)), Body::InviteReply);
    }
    lucy.accepts(lucy.is_asked(Kind::Invite));
    sam.hears("alice vous invite");
    sam.says("JOIN_ROOM \"den\"");
    sam.hears("OK");
    let to_sam = lucy.handle_of("Sam_ the #1 of all Stories");
    assert_eq!(lucy.asks(send(to_sam, "to you alone")), ack(""));
    sam.hears("to you alone");
    minou.says(&palabre::dialect::matou::Message::SignOut);
    minou.is_ended();
    sam.says("QUIT");
    sam.line.is_ended();
    lucy.leaves();
    alice.leaves();
}
