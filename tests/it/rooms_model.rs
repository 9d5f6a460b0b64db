//! Any story at all, told to the rooms and to their shadow: both must answer the same, tell the same to the same people,
//! and end up with the same people in the same rooms under the same managers, asked the same questions (M7, M8, M9, M10,
//! M11, M21, S8, S9, S10, S11, S12).
//!
//! In: stories made up by proptest. Out: the shortest story on which the two differ. Must not know how rooms are kept.

use palabre::ids::{QuestionId, UserId};
use palabre::rooms::{Room, User};
use palabre::time::{Duration, Instant};
use palabre::vocab::{Command, Mode, Outcome};
use proptest::prelude::*;
use proptest::sample::select;

use super::rooms_hall::{Hall, say};
use super::rooms_shadow::{Chamber, Person, Shadow};
use super::rooms_shadow_commands::ability;
use super::rooms_story::{Answer, Given, Step};

const PEOPLE: [&str; 7] = ["ann", "ben", "cyd", "dan", "guy", "eve", "fay"];
const ROOMS: [&str; 5] = ["red", "green", "blue", "messagerie1", "messagerie2"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn every_story_goes_as_its_shadow_says(scenes in prop::collection::vec(scene(), 1..60)) {
        let (mut hall, mut shadow) = (Hall::with(&[]), Shadow::default());
        for person in PEOPLE {
            shadow.take(Step::Enter(person));
            hall.enters_as(person, ability(person)).unwrap();
        }
        hall.effects.clear();
        for step in scenes.into_iter().flatten() {
            let (expected_answer, mut expected_told) = shadow.take(step);
            let answer = take(&mut hall, step);
            let mut told = hall.told_each();
            told.sort();
            expected_told.sort();
            prop_assert_eq!(&answer, &expected_answer, "answer to {:?}", step);
            prop_assert_eq!(&told, &expected_told, "told after {:?}", step);
            // A refused command of the shadow changed nothing, so one of the rooms must not have either.
            prop_assert_eq!(people(&hall), shadow_people(&shadow), "people after {:?}", step);
            prop_assert_eq!(rooms(&hall), shadow_rooms(&shadow), "rooms after {:?}", step);
            prop_assert_eq!(questions(&hall), shadow_questions(&shadow), "questions after {:?}", step);
            let due = hall.rooms.poll_timeout();
            prop_assert_eq!(due, shadow.next_deadline().map(Instant::from_secs), "due after {:?}", step);
            prop_assert!(due.is_none_or(|due| due > hall.now));
        }
    }
}

/// Mostly a single step. What a manager does is rare if chance has to make him one first, so some scenes help it along.
fn scene() -> impl Strategy<Value = Vec<Step>> {
    let who = || select(&PEOPLE[..]);
    let mode = || prop_oneof![Just(Mode::Central), Just(Mode::Direct)];
    let opening = (who(), who(), who(), mode()).prop_map(|(by, a, b, mode)| {
        let answers = [a, b].map(|guest| Step::AnswerOldest(guest, true));
        vec![Step::Propose(by, [a, b], 5, 100), Step::Choose(by, mode), answers[0], answers[1]]
    });
    let somebody_wants_a_mode =
        mode().prop_map(|mode| PEOPLE.into_iter().map(|by| Step::ChangeMode(by, mode)).collect());
    let all_are_told = Just(PEOPLE.into_iter().map(Step::Told).collect());
    let all_agree = Just(PEOPLE.into_iter().map(|by| Step::AnswerOldest(by, true)).collect());
    prop_oneof![
        20 => step().prop_map(|step| vec![step]),
        3 => opening,
        2 => somebody_wants_a_mode,
        1 => all_are_told,
        1 => all_agree,
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let who = || select(&PEOPLE[..]);
    let room = || select(&ROOMS[..]);
    let mode = || prop_oneof![Just(Mode::Central), Just(Mode::Direct)];
    let size = || prop_oneof![1 => Just(1), 12 => 2..6_u8, 6 => Just(254), 1 => Just(255)];
    let most = prop_oneof![1 => 0..3_usize, 6 => Just(100)];
    let happens_anyway = prop_oneof![
        6 => who().prop_map(Step::Enter),
        2 => who().prop_map(Step::Exit),
        3 => who().prop_map(Step::Told),
        4 => select(&[0, 1, 5, 20, 30, 59, 60][..]).prop_map(Step::Wait),
    ];
    let moves = prop_oneof![
        1 => (who(), room(), mode(), size()).prop_map(|(by, room, mode, size)| Step::Create(by, room, mode, size)),
        14 => (who(), room()).prop_map(|(by, room)| Step::Join(by, room)),
        2 => who().prop_map(Step::Leave),
        3 => (who(), who()).prop_map(|(by, to)| Step::Invite(by, to)),
        2 => (who(), 0..4_usize, any::<bool>()).prop_map(|(by, back, yes)| Step::Answer(by, back, yes)),
        12 => (who(), prop::bool::weighted(0.8)).prop_map(|(by, yes)| Step::AnswerOldest(by, yes)),
    ];
    let manages = prop_oneof![
        2 => (who(), who(), who(), size(), most)
            .prop_map(|(by, a, b, size, most)| Step::Propose(by, [a, b], size, most)),
        3 => (who(), mode()).prop_map(|(by, mode)| Step::Choose(by, mode)),
        2 => (who(), room()).prop_map(|(by, room)| Step::Name(by, room)),
        2 => (who(), room()).prop_map(|(by, room)| Step::Rename(by, room)),
        4 => (who(), mode()).prop_map(|(by, mode)| Step::ChangeMode(by, mode)),
        1 => who().prop_map(Step::Dissolve),
    ];
    let speaks =
        prop_oneof![who().prop_map(Step::Say), (who(), who()).prop_map(|(by, to)| Step::SayTo(by, to)),];
    prop_oneof![3 => happens_anyway, 8 => moves, 3 => manages, 1 => speaks]
}

/// Takes a step in the real rooms.
fn take(hall: &mut Hall, step: Step) -> Option<Answer> {
    let (by, command) = match step {
        Step::Enter(name) => return Some(hall.enters_as(name, ability(name)).map(|_| Given::Done)),
        Step::Wait(seconds) => {
            hall.waits_until((hall.now + Duration::from_secs(seconds)).as_micros() / 1_000_000);
            return None;
        }
        Step::Exit(name) => {
            hall.rooms.find(name)?;
            hall.exits(name);
            return None;
        }
        Step::Told(name) => {
            let id = hall.rooms.find(name)?;
            hall.rooms.told(id);
            return None;
        }
        Step::Propose(by, users, capacity, most_rooms) => {
            let users: Vec<UserId> = users.into_iter().filter_map(|user| hall.rooms.find(user)).collect();
            return does(hall, by, Command::Propose { users: &users, capacity, most_rooms });
        }
        Step::Say(by) => (by, say("hm")),
        Step::SayTo(by, to) => (by, Command::SayTo { to: hall.rooms.find(to)?, text: "hm" }),
        Step::Create(by, room, mode, capacity) => (by, Command::Create { room, mode, capacity }),
        Step::Choose(by, mode) => (by, Command::Choose { mode }),
        Step::Name(by, room) => (by, Command::Name { room }),
        Step::Rename(by, room) => (by, Command::Rename { room }),
        Step::ChangeMode(by, mode) => (by, Command::ChangeMode { mode }),
        Step::Dissolve(by) => (by, Command::Dissolve),
        Step::Join(by, room) => (by, Command::Join { room: hall.rooms.find_room(room)? }),
        Step::Leave(by) => (by, Command::Leave),
        Step::Invite(by, to) => (by, Command::Invite { user: hall.rooms.find(to)? }),
        Step::Answer(by, back, accept) => {
            let nth = hall.questions.iter().rev().nth(back).copied();
            (by, Command::Answer { question: nth.unwrap_or(QuestionId(u64::MAX)), accept })
        }
        Step::AnswerOldest(by, accept) => {
            let question = hall.rooms.oldest_question(hall.rooms.find(by)?)?;
            (by, Command::Answer { question, accept })
        }
    };
    does(hall, by, command)
}

fn does(hall: &mut Hall, by: &str, command: Command<'_>) -> Option<Answer> {
    hall.rooms.find(by)?;
    Some(hall.does(by, command).map(|outcome| match outcome {
        Outcome::Done => Given::Done,
        Outcome::Undecided => Given::Undecided,
        Outcome::In(id) => Given::In(hall.room_name(id)),
    }))
}

/// Name, room and awareness of everybody, in the order they came.
type People = Vec<(String, String, bool)>;

fn people(hall: &Hall) -> People {
    let each = |user: &User| (user.name.to_string(), hall.room_of(&user.name), user.is_unaware());
    hall.rooms.users().map(|(_, user)| each(user)).collect()
}

fn shadow_people(shadow: &Shadow) -> People {
    let each = |person: &Person| (person.name.to_owned(), shadow.room_of(person), person.unaware);
    shadow.people.iter().map(each).collect()
}

/// Each room with its mode, its capacity, its manager and its members in order, by name; the public one first.
type Rooms = Vec<(String, Option<(Mode, Option<u8>, Option<String>)>, String)>;

fn rooms(hall: &Hall) -> Rooms {
    let each = |room: &Room| {
        let manager = room.manager().map(|id| hall.rooms.user(id).unwrap().name.to_string());
        (room.name.to_string(), Some((room.mode, room.capacity, manager)), hall.members_of(&room.name))
    };
    let mut rooms: Rooms = hall.rooms.rooms().map(|(_, room)| each(room)).collect();
    rooms.sort_by(|a, b| a.0.cmp(&b.0));
    rooms.insert(0, ("public".to_owned(), None, hall.members_of("public")));
    rooms
}

fn shadow_rooms(shadow: &Shadow) -> Rooms {
    let each = |room: &Chamber| {
        let manager = room.manager.map(|serial| shadow.by_serial(serial).unwrap().name.to_owned());
        let members = shadow.members(Some(room.serial)).join(", ");
        (room.name.clone(), Some((room.mode, Some(room.capacity), manager)), members)
    };
    let mut rooms: Rooms = shadow.chambers.iter().map(each).collect();
    rooms.sort_by(|a, b| a.0.cmp(&b.0));
    rooms.insert(0, ("public".to_owned(), None, shadow.members(None).join(", ")));
    rooms
}

/// Which questions were put to whom and wait, by the order in which they were put, and whether a yes can still lead
/// somewhere; last, everybody's oldest.
type Questions = (Vec<(usize, String, bool)>, Vec<Option<usize>>);

fn questions(hall: &Hall) -> Questions {
    let asked = |(nth, &question): (usize, &QuestionId)| {
        let (_, to) = hall.rooms.users().find(|&(id, _)| hall.rooms.is_open(id, question))?;
        Some((nth, to.name.to_string(), hall.rooms.leads_somewhere(question)))
    };
    let oldest = |(id, _): (UserId, &User)| {
        let question = hall.rooms.oldest_question(id)?;
        hall.questions.iter().position(|&asked| asked == question)
    };
    (hall.questions.iter().enumerate().filter_map(asked).collect(), hall.rooms.users().map(oldest).collect())
}

fn shadow_questions(shadow: &Shadow) -> Questions {
    let open = shadow.asked.iter().enumerate().filter(|(_, asked)| asked.open);
    let asked = |nth: usize, to| (nth, to, shadow.leads_somewhere(nth));
    let open = open.map(|(nth, it)| asked(nth, shadow.by_serial(it.to).unwrap().name.to_owned())).collect();
    (open, shadow.people.iter().map(|person| shadow.oldest(person)).collect())
}
