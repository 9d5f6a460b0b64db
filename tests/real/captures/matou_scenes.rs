//! Scenes of Matou.

use palabre::dialect::matou::{ErrorCode, Kind, Message};
use palabre::engine::Dialect;

use super::Scene;
use super::stage::Stage;
use super::streams::Matou;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "matou-every-message",
        about: "Minou and Felix: names that are taken, texts and their echo, somebody who comes and goes, and a private \
                connection step by step (A4): who asks, who accepts, both addresses, the ports. What they say there is not \
                here.",
        prepare: |setup| _ = setup.speaks(Dialect::Matou),
        play: every_message,
    },
    Scene {
        name: "matou-between-clients",
        about: "The three messages of private connections (PVMSG, PVFILE, PVDISCO), each sent to the server, where it is a \
                fault: ERROR 0, and the end of the connection (A6).",
        prepare: |setup| _ = setup.speaks(Dialect::Matou),
        play: between_clients,
    },
    Scene {
        name: "matou-byte-by-byte",
        about: "The network may cut a stream anywhere: here it is cut behind every byte, over IPv6. The private connection's \
                addresses have 16 bytes.",
        prepare: |setup| _ = setup.speaks_at("::1", Dialect::Matou),
        play: byte_by_byte,
    },
];

fn every_message(stage: &Stage) {
    let minou = Matou::on(stage.at(0), "Minou");
    let other = Matou::stranger(stage.at(0));
    for (name, accepted) in [("mINOU", false), ("Felix", true)] {
        other.says(&Message::Connect { name: name.into() });
        other.hears(|message| *message == Message::Connected { accepted });
    }
    let felix = other;
    minou.hears(|message| matches!(message, Message::Arrived { name } if name == "Felix"));
    felix.says(&Message::Say { text: "miaou".into() });
    [&minou, &felix].into_iter().for_each(|who| who.hears_kind(Kind::Said));
    let error = |code| move |message: &Message<'_>| *message == Message::Error(code);
    minou.says(&Message::Ask { name: "nobody".into() });
    minou.hears(error(ErrorCode::NotConnected));
    minou.says(&Message::Accept { name: "Felix".into() });
    minou.hears(error(ErrorCode::NotAsked));
    meet(&minou, &felix);
    felix.says(&Message::SignOut);
    felix.is_ended();
    minou.hears(|message| matches!(message, Message::Left { name } if name == "Felix"));
}

/// Minou asks, Felix accepts, and both learn where.
fn meet(minou: &Matou, felix: &Matou) {
    minou.says(&Message::Ask { name: "Felix".into() });
    felix.hears_kind(Kind::Asked);
    felix.says(&Message::Accept { name: "Minou".into() });
    minou.hears_kind(Kind::Expect);
    minou.says(&Message::Offer { name: "Felix".into(), ports: (40_001, 40_002).into() });
    felix.hears_kind(Kind::Meet);
}

fn between_clients(stage: &Stage) {
    for (name, message) in [
        ("Minou", Message::Private { text: "psst".into() }),
        ("Felix", Message::File { name: "photo.png".into(), size: 3 }),
        ("Kitty", Message::PrivateSignOut),
    ] {
        let cat = Matou::on(stage.at(0), name);
        cat.says(&message);
        cat.hears(|message| *message == Message::Error(ErrorCode::Unknown));
        cat.is_ended();
    }
}

fn byte_by_byte(stage: &Stage) {
    let minou = Matou::stranger(stage.at(0));
    let mut bytes = Vec::new();
    Message::Connect { name: "Minou".into() }.encode(&mut bytes).expect("a message");
    bytes.iter().for_each(|byte| minou.sends(&[*byte]));
    minou.hears_kind(Kind::Arrived);
    let felix = Matou::on(stage.at(0), "Felix");
    minou.hears_kind(Kind::Arrived);
    let mut bytes = Vec::new();
    Message::Say { text: "miaou à tous".into() }.encode(&mut bytes).expect("a message");
    bytes.iter().for_each(|byte| felix.sends(&[*byte]));
    minou.hears_kind(Kind::Said);
    meet(&minou, &felix);
}
