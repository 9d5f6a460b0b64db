//! Scenes of Shen's protocol: names, strangers, what is too much or cannot be read.

use palabre::dialect::shen::{Kind, words};
use palabre::engine::Dialect;
use palabre::wire::Integrity;

use super::Scene;
use super::shen::{Shen, ack, plain, send};
use super::stage::Stage;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "shen-names",
        about: "A name belongs to the address that used it first, also after its owner has left (S7): from 127.0.0.2 Lucy is \
                refused, from 127.0.0.1 she may come again, from another port. A name with a comma is none (S15).",
        prepare: |setup| _ = setup.speaks(Dialect::Shen),
        play: names,
    },
    Scene {
        name: "shen-strangers",
        about: "Who is not registered gets four bytes (S18), and one who has left the same answer again when he repeats his \
                last request.",
        prepare: |setup| _ = setup.speaks(Dialect::Shen),
        play: strangers,
    },
    Scene {
        name: "shen-long-list",
        about: "Sixteen people with long names: the list has more than one page (S4). The first is the answer, the others are \
                requests of the server, each acknowledged.",
        prepare: |setup| _ = setup.speaks(Dialect::Shen),
        play: long_list,
    },
];

fn names(stage: &Stage) {
    let lucy = Shen::on(stage.at(0), "Lucy");
    lucy.leaves();
    let other = Shen::stranger_from("127.0.0.2", stage.at(0), Integrity::None);
    let taken = plain(Kind::ConnectRefused, words::NAME_TAKEN);
    assert_eq!(other.asks(plain(Kind::Connect, "Lucy")), taken);
    let none = plain(Kind::ConnectRefused, words::BAD_NAME);
    assert_eq!(other.asks(plain(Kind::Connect, "Lu,cy")), none);
    let lucy = Shen::on(stage.at(0), "Lucy");
    assert_eq!(lucy.asks(plain(Kind::CountMembers, "")), ack("1"));
    lucy.leaves();
}

fn strangers(stage: &Stage) {
    let other = Shen::stranger(stage.at(0), Integrity::None);
    assert_eq!(other.asks(plain(Kind::ListUsers, "")), plain(Kind::ConnectRefused, ""));
    assert_eq!(other.asks(send(0, "hello?")), plain(Kind::ConnectRefused, ""));
    let lucy = Shen::on(stage.at(0), "Lucy");
    for _ in 0..2 {
        assert_eq!(lucy.asks_as(9, plain(Kind::Disconnect, "")), ack(""));
    }
    assert_eq!(lucy.asks_as(10, plain(Kind::Leave, "")), plain(Kind::ConnectRefused, ""));
}

fn long_list(stage: &Stage) {
    let people: Vec<_> =
        (0..16).map(|number| Shen::on(stage.at(0), &format!("{}{number:02}", "漢".repeat(20)))).collect();
    let asker = people.first().expect("sixteen");
    let first = asker.asks(plain(Kind::ListUsers, ""));
    assert_eq!(first.kind(), Kind::UserList);
    asker.is_asked(Kind::UserList);
    asker.leaves();
}
