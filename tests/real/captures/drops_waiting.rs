//! One scene for each reason why something is dropped: those of what waits for somebody.

use palabre::engine::Dialect;

use super::Scene;
use super::msp::Msp;
use super::packets::Attention;
use super::shen::Shen;
use super::stage::Stage;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "drop-mailbox-full",
        about: "`mailbox full`: three texts may wait for one who is silent here. Six are said; the oldest go, and when bob is \
                back he is told how many (M17, M31).",
        prepare: |setup| {
            setup.speaks(Dialect::Msp);
            setup.limits.mailbox.items = 3;
        },
        play: mailbox_full,
    },
    Scene {
        name: "drop-receiver-gone",
        about: "`receiver gone`: texts wait for bob, who does not acknowledge them, and who leaves the server then.",
        prepare: |setup| _ = setup.speaks(Dialect::Msp),
        play: receiver_gone,
    },
    Scene {
        name: "drop-unanswered",
        about: "`unanswered`: the server stops and says so to alice, ten times, and to Lucy, five times, every 200 ms here. \
                Neither acknowledges it, and it ends all the same.",
        prepare: |setup| {
            setup.speaks(Dialect::Msp);
            setup.speaks(Dialect::Shen).timing.timer = palabre::time::Duration::from_millis(200);
        },
        play: unanswered,
    },
];

fn mailbox_full(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::on(stage.at(0), who));
    bob.is(Attention::Mute);
    for number in 1..=6 {
        alice.says(&format!("text {number}"));
    }
    bob.is(Attention::Awake);
    bob.is_told("dropped");
    bob.hears("text 6", alice.id());
    alice.leaves();
    bob.leaves();
}

fn receiver_gone(stage: &Stage) {
    let [alice, bob] = ["alice", "bob"].map(|who| Msp::on(stage.at(0), who));
    bob.is(Attention::Mute);
    alice.says("one");
    alice.says("two");
    bob.gets(|message| message.user == alice.id());
    bob.leaves();
    alice.leaves();
}

fn unanswered(stage: &Stage) {
    let (alice, lucy) = (Msp::on(stage.at(0), "alice"), Shen::on(stage.at(1), "Lucy"));
    alice.is(Attention::Mute);
    lucy.is(Attention::Mute);
    stage.stops();
    (0..10).for_each(|_| alice.is_told("stop"));
    (0..5).for_each(|_| _ = lucy.is_told(palabre::dialect::shen::words::STOPPING));
}
