//! What the people do.
//!
//! In: nothing. Out: steps in order, each with the least time since the one before it. Must not know what becomes of them.

use palabre::time::Duration;
use palabre::vocab::Mode;

/// The people by number: see [`PEOPLE`](super::people::PEOPLE).
const ALICE: usize = 0;
const BJORN: usize = 1;
const CHIDI: usize = 2;
const DUNJA: usize = 3;
const EMRE: usize = 4;
const FATOU: usize = 5;
const GORAN: usize = 6;
const HANA: usize = 7;

/// One step of the story.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// How long after the step before it, at least.
    pub(super) after: Duration,
    /// Whether it waits until everything before it has come to its end.
    pub(super) settled: bool,
    pub(super) act: Act,
}

/// What happens in a step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// A line of the narrator.
    Tell(&'static str),
    Arrive(usize),
    Say(usize, &'static str),
    Create(usize, &'static str, Mode),
    Invite(usize, usize),
    /// Invites people to a room that opens when the first of them comes, in the way of Shen's protocol (S8).
    Propose(usize, &'static [usize], &'static str, Mode),
    /// Comes as soon as the invitation has.
    Accept(usize, &'static str),
    /// Comes without one.
    Join(usize, &'static str),
    Cut(usize),
    Heal(usize),
    Depart(usize),
}

const fn step(millis: u64, act: Act) -> Step {
    Step { after: Duration::from_millis(millis), settled: false, act }
}

const fn then(millis: u64, act: Act) -> Step {
    Step { after: Duration::from_millis(millis), settled: true, act }
}

/// The story. No text occurs twice: it is by its words that a text is recognized.
pub(super) const STORY: &[Step] = &[
    step(0, Act::Tell("Eight people of five protocols come to a server.")),
    step(200, Act::Arrive(ALICE)),
    then(100, Act::Arrive(BJORN)),
    then(100, Act::Arrive(CHIDI)),
    then(100, Act::Arrive(DUNJA)),
    then(100, Act::Arrive(EMRE)),
    then(100, Act::Arrive(FATOU)),
    then(100, Act::Arrive(GORAN)),
    then(100, Act::Arrive(HANA)),
    then(600, Act::Tell("They talk in the public room: the server passes each text on to seven.")),
    step(300, Act::Say(ALICE, "Bonjour! Is anybody here?")),
    step(350, Act::Say(BJORN, "Hej Alice, loud and clear.")),
    step(300, Act::Say(CHIDI, "Half of what I hear is rain on a roof.")),
    step(250, Act::Say(EMRE, "Merhaba! We are still at sea.")),
    step(350, Act::Say(DUNJA, "And nothing is lost. Ćao!")),
    step(300, Act::Say(FATOU, "My line stutters: lost words come late.")),
    step(250, Act::Say(GORAN, "And those behind them have to wait.")),
    step(350, Act::Say(HANA, "Hello from the hills!")),
    then(900, Act::Tell("Hana's connection breaks. Her session goes on with the next one.")),
    step(200, Act::Say(HANA, "The sky turns black behind the ridge.")),
    // Her words are on their way: the network is never as fast as that.
    step(15, Act::Cut(HANA)),
    step(200, Act::Say(ALICE, "Hana, is that thunder at your place?")),
    step(200, Act::Say(HANA, "Hello? Is the line dead?")),
    step(300, Act::Say(FATOU, "She will read it all in a moment.")),
    step(1_000, Act::Heal(HANA)),
    then(300, Act::Say(HANA, "A new line, and not a word is missing.")),
    then(900, Act::Tell("Three take a private room. The server still passes their texts on.")),
    step(200, Act::Create(BJORN, "terrace", Mode::Central)),
    step(100, Act::Invite(BJORN, CHIDI)),
    then(300, Act::Accept(CHIDI, "terrace")),
    then(200, Act::Join(GORAN, "terrace")),
    then(200, Act::Say(CHIDI, "Quiet out here.")),
    step(300, Act::Say(BJORN, "So, about the boat…")),
    step(200, Act::Say(BJORN, "It needs paint.")),
    step(200, Act::Say(CHIDI, "Blue, then.")),
    step(200, Act::Say(GORAN, "I will bring a brush.")),
    then(900, Act::Tell("Three take a decentralised room: texts go straight to whom they can.")),
    step(200, Act::Propose(EMRE, &[DUNJA, ALICE], "harbour", Mode::Direct)),
    step(300, Act::Accept(DUNJA, "harbour")),
    then(300, Act::Accept(ALICE, "harbour")),
    then(200, Act::Say(DUNJA, "No server between Alice and me now.")),
    step(300, Act::Say(EMRE, "I can see you from the deck!")),
    step(300, Act::Say(ALICE, "Wave back :-)")),
    then(600, Act::Tell("Two have stayed in the public room.")),
    step(200, Act::Say(FATOU, "Are we the last ones here?")),
    step(300, Act::Say(HANA, "We can keep the good chairs.")),
    then(900, Act::Tell("Alice's link is cut for two seconds. People talk on.")),
    step(200, Act::Cut(ALICE)),
    step(200, Act::Say(ALICE, "Can you hear me under the bridge?")),
    step(200, Act::Say(DUNJA, "Alice has gone silent.")),
    step(300, Act::Say(EMRE, "She will be back.")),
    step(1_300, Act::Heal(ALICE)),
    then(300, Act::Say(ALICE, "Back in the light. I have it all.")),
    then(600, Act::Tell("Emre leaves. The others stay.")),
    step(100, Act::Depart(EMRE)),
    then(300, Act::Say(DUNJA, "Good winds, Emre.")),
    then(300, Act::Tell("That was all.")),
];
