//! Clients of Shen's protocol in the public room and in private ones, with a real server.
//!
//! In: what people want. Out: stories by ruling: S4, S8, S9, S10, S11, S12, S13. Must not know datagrams.

use palabre::client::{Answer, Ask, Event, Question};
use palabre::vocab::Mode;

use crate::shen_hall::{Hall, answered, delivered, heard, ms};

#[test]
fn s14_what_is_said_in_public_is_heard_with_the_name_of_its_author() {
    let mut hall = Hall::of(&["sheng", "lucy", "bob@"]);
    let ticket = hall.says(0, "bonjour, lucy");
    hall.hears(1, &[heard("sheng", "bonjour, lucy")]);
    hall.hears(2, &[heard("sheng", "bonjour, lucy")]);
    hall.hears(0, &[delivered(ticket)]);
}

#[test]
fn s8_somebody_is_invited_chooses_to_come_and_is_talked_to() {
    for mode in [Mode::Central, Mode::Direct] {
        let mut hall = Hall::of(&["sheng", "lucy", "bob"]);
        let invite = hall.wants(0, Ask::Invite("lucy".into()));
        hall.hears(0, &[answered(invite, Answer::Done), Event::ModeOffered]);
        let choose = hall.wants(0, Ask::ChooseMode(mode));
        hall.hears(0, &[answered(choose, Answer::Done)]);
        let question = hall.question(1);
        let accept = hall.answers(1, question, true);
        let room = "messagerie1".to_owned();
        hall.hears(1, &[answered(accept, Answer::In { room: room.clone(), mode })]);
        hall.hears(0, &[Event::Opened { room, mode }]);
        let first = hall.says(0, "rebonjour");
        hall.hears(1, &[heard("sheng", "rebonjour")]);
        let second = hall.says(1, "oui");
        hall.hears(0, &[delivered(first), heard("lucy", "oui")]);
        hall.hears(1, &[delivered(second)]);
        hall.hears(2, &[]);
    }
}

#[test]
fn s9_a_manager_who_takes_his_time_lets_somebody_in_who_is_heard_in_public_until_then() {
    let mut hall = Hall::of(&["sheng", "lucy", "bob"]);
    hall.opens(0, &[(1, "lucy")], "lol", Mode::Direct);
    let join = hall.wants(2, Ask::Join("lol".into()));
    hall.passes(ms(2_000));
    assert_eq!(hall.told(2), [Event::Undecided { ticket: join }]);
    let text = hall.says(2, "still here");
    hall.hears(2, &[delivered(text)]);
    let what = Question::Admission { user: "bob".into() };
    let told = hall.told(0);
    let [Event::Question { question, what: asked }] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(*asked, what);
    hall.answers(0, *question, true);
    let room = "lol".to_owned();
    hall.hears(2, &[answered(join, Answer::In { room, mode: Mode::Direct })]);
    hall.forgets_all();
    let text = hall.says(2, "bonjour");
    hall.hears(0, &[heard("bob", "bonjour")]);
    hall.hears(1, &[heard("bob", "bonjour")]);
    hall.hears(2, &[delivered(text)]);
}
