//! Scenes of one conversation in all five protocols.

use palabre::dialect::matou::{Kind, Message};
use palabre::engine::Dialect;
use palabre::time::Duration;

use super::Scene;
use super::msp::Msp;
use super::shen::{Shen, ack, send};
use super::stage::{Setup, Stage, bad};
use super::streams::{Matou, Stories, Stumtp};
use crate::talker::Talker;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "five-protocols",
        about: "Five people, five protocols, one public room: each says one thing, and all others hear it, each as his \
                protocol has it. Then the operator stops the server.",
        prepare: Setup::speaks_all,
        play: five,
    },
    Scene {
        name: "five-protocols-bad-links",
        about: "The same by `palabre chat`, five of them: the two of UDP over links that lose a fifth and double and reorder \
                some, the others over slow ones. What is heard is the same.",
        prepare: |setup| {
            setup.speaks_all();
            setup.faster(&[0, 1]);
        },
        play: five_chats,
    },
    Scene {
        name: "msp-bad-link",
        about: "Two of `palabre chat` over links that lose a third of all datagrams, both ways: ten texts each, each heard once \
                and in order. T is 20 ms and does not adapt.",
        prepare: |setup| {
            setup.speaks(Dialect::Msp);
            setup.faster(&[0]);
        },
        play: msp_chats,
    },
    Scene {
        name: "shen-bad-link",
        about: "The same in Shen's protocol, with a private room in which texts go straight from one to the other: they are \
                not here.",
        prepare: |setup| {
            setup.speaks(Dialect::Shen);
            setup.faster(&[0]);
        },
        play: shen_chats,
    },
];

fn five(stage: &Stage) {
    let alice = Msp::on(stage.at(0), "alice");
    let lucy = Shen::on(stage.at(1), "Lucy");
    let minou = Matou::on(stage.at(2), "Minou");
    let sam = Stories::barred(stage.at(3), "Sam");
    let tom = Stumtp::on(stage.at(4), "Tom");
    alice.says("I speak MSP");
    assert_eq!(lucy.asks(send(0, "I speak Shen's")), ack(""));
    minou.says(&Message::Say { text: "I speak Matou".into() });
    minou.hears(|message| matches!(message, Message::Said { text, .. } if text == "I speak Matou"));
    sam.says("MSG|I speak Stories");
    tom.hears("I speak Stories");
    tom.says("MSG \"public\" \"Tom\" \"I speak STUMTP\"");
    tom.hears("OK");
    for words in ["I speak Shen's", "I speak Matou", "I speak Stories", "I speak STUMTP"] {
        alice.gets(|message| message.body == super::msp::text(words));
    }
    lucy.hears("I speak STUMTP", "Tom");
    minou.hears(|message| matches!(message, Message::Said { author, .. } if author == "Tom"));
    sam.hears("MSG|Tom|I speak STUMTP");
    stage.stops();
    alice.is_told("stop");
    lucy.is_told(palabre::dialect::shen::words::STOPPING);
    minou.hears(|message| message.kind() == Kind::Said);
    sam.hears("ADMIN_BROADCAST");
    tom.hears("ADMIN_BROADCAST");
}

const NAMES: [&str; 5] = ["alice", "lucy", "minou", "sam", "tom"];
const QUICK: [&str; 2] = ["--retransmit-timer", "50ms"];

fn five_chats(stage: &Stage) {
    let mut talkers: Vec<_> = NAMES
        .iter()
        .zip(Dialect::ALL)
        .enumerate()
        .map(|(listener, (name, dialect))| {
            let (options, seed) = (["--protocol", dialect.name()], 20 + listener as u64);
            if dialect.is_streamed() {
                let link = stage.slow(listener, Duration::from_millis(20), seed);
                return Talker::with(link, name, &options);
            }
            let link = stage.over(listener, bad(), seed);
            Talker::with(link, name, &[&options[..], &QUICK].concat())
        })
        .collect();
    for speaker in 0..talkers.len() {
        let words = format!("number {speaker}");
        let name = NAMES.get(speaker).expect("five");
        talkers.get_mut(speaker).expect("five").types(&words);
        for (hearer, talker) in talkers.iter().enumerate() {
            if hearer != speaker {
                talker.hears(&format!("<{name}> {words}"));
            }
        }
    }
    talkers.into_iter().for_each(Talker::ends_well);
}

fn msp_chats(stage: &Stage) {
    let options = ["--retransmit-timer", "20ms", "--fixed-timer"];
    let mut pair = ["alice", "bob"].map(|name| Talker::with(stage.over(0, worse(), 31), name, &options));
    let [alice, bob] = &mut pair;
    talk(alice, bob, "alice", "bob");
    pair.into_iter().for_each(Talker::ends_well);
}

fn shen_chats(stage: &Stage) {
    let options = ["--protocol", "shen", "--retransmit-timer", "20ms", "--tries", "20"];
    let mut pair = ["sheng", "lucy"].map(|name| Talker::with(stage.over(0, worse(), 32), name, &options));
    let [sheng, lucy] = &mut pair;
    talk(sheng, lucy, "sheng", "lucy");
    sheng.types("/invite lucy\n/name tree\n/mode p2p");
    lucy.sees("/accept 1");
    lucy.types("/accept");
    sheng.sees("the room tree is open");
    pair.into_iter().for_each(Talker::ends_well);
}

/// Ten texts each.
fn talk(one: &mut Talker, other: &mut Talker, own: &str, others: &str) {
    let lines = |whose: &str| (1..=10).map(|number| format!("from {whose} {number}")).collect::<Vec<_>>();
    one.types(&lines(own).join("\n"));
    other.types(&lines(others).join("\n"));
    for (said, answered) in lines(own).into_iter().zip(lines(others)) {
        other.hears(&format!("<{own}> {said}"));
        one.hears(&format!("<{others}> {answered}"));
    }
}

fn worse() -> palabre::netsim::Conditions {
    palabre::netsim::Conditions { loss: 0.3, ..bad() }
}
