//! Any story at all, told to the rooms and to their shadow: both must answer the same, tell the same to the same people,
//! and end up with the same people in the same rooms (M7, M8, M9, M10, M11, M21).
//!
//! In: stories made up by proptest. Out: the shortest story on which the two differ. Must not know how rooms are kept.

use palabre::ids::QuestionId;
use palabre::rooms::{Room, User};
use palabre::time::{Duration, Instant};
use palabre::vocab::{Command, Mode, Outcome};
use proptest::prelude::*;
use proptest::sample::select;

use super::rooms_hall::{Hall, invite, join, say};
use super::rooms_shadow::{Answer, Chamber, Person, Shadow, Step};

const PEOPLE: [&str; 6] = ["ann", "ben", "cyd", "dan", "eve", "fay"];
const ROOMS: [&str; 3] = ["red", "green", "blue"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_story_goes_as_its_shadow_says(steps in prop::collection::vec(step(), 1..80)) {
        let (mut hall, mut shadow) = (Hall::with(&[]), Shadow::default());
        for person in PEOPLE {
            shadow.take(Step::Enter(person));
            hall.enters(person).unwrap();
        }
        hall.effects.clear();
        for step in steps {
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
            let due = hall.rooms.poll_timeout();
            prop_assert!(due.is_none_or(|due| due > hall.now));
            if let Some(expiry) = shadow.next_expiry() {
                prop_assert!(due.is_some_and(|due| due <= Instant::from_secs(expiry)));
            }
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let who = || select(&PEOPLE[..]);
    let room = || select(&ROOMS[..]);
    let mode = prop_oneof![Just(Mode::Central), Just(Mode::Direct)];
    let size = prop_oneof![1 => Just(1), 8 => 2..5_u8, 3 => Just(254), 1 => Just(255)];
    prop_oneof![
        4 => who().prop_map(Step::Enter),
        1 => who().prop_map(Step::Exit),
        4 => who().prop_map(Step::Say),
        3 => (who(), who()).prop_map(|(by, to)| Step::SayTo(by, to)),
        4 => (who(), room(), mode, size).prop_map(|(by, room, mode, size)| Step::Create(by, room, mode, size)),
        8 => (who(), room()).prop_map(|(by, room)| Step::Join(by, room)),
        4 => who().prop_map(Step::Leave),
        6 => (who(), who()).prop_map(|(by, to)| Step::Invite(by, to)),
        8 => (who(), 0..4_usize, any::<bool>()).prop_map(|(by, back, yes)| Step::Answer(by, back, yes)),
        6 => who().prop_map(Step::Told),
        3 => select(&[0, 1, 20, 30, 59, 60][..]).prop_map(Step::Wait),
    ]
}

/// Takes a step in the real rooms.
fn take(hall: &mut Hall, step: Step) -> Option<Answer> {
    let (by, command) = match step {
        Step::Enter(name) => return Some(hall.enters(name).map(|_| None)),
        Step::Exit(name) => {
            if hall.rooms.find(name).is_some() {
                hall.exits(name);
            }
            return None;
        }
        Step::Told(name) => {
            let id = hall.rooms.find(name)?;
            hall.rooms.told(id);
            return None;
        }
        Step::Wait(seconds) => {
            hall.now = hall.now + Duration::from_secs(seconds);
            hall.rooms.handle_timeout(hall.now, &mut hall.effects);
            return None;
        }
        Step::Say(by) => (by, say("hm")),
        Step::SayTo(by, to) => (by, Command::SayTo { to: hall.rooms.find(to)?, text: "hm" }),
        Step::Create(by, room, mode, capacity) => (by, Command::Create { room, mode, capacity }),
        Step::Join(by, room) => (by, join(room)),
        Step::Leave(by) => (by, Command::Leave),
        Step::Invite(by, to) => (by, invite(to)),
        Step::Answer(by, back, accept) => {
            let nth = hall.invitations.iter().rev().nth(back).copied();
            let invitation = nth.unwrap_or(QuestionId(u64::MAX));
            (by, Command::Answer { invitation, accept })
        }
    };
    hall.rooms.find(by)?;
    Some(hall.does(by, command).map(|outcome| match outcome {
        Outcome::Done => None,
        Outcome::In(id) => ROOMS.into_iter().find(|&room| hall.rooms.find_room(room) == Some(id)),
    }))
}

/// Name, room and awareness of everybody, in the order they came.
type People = Vec<(String, String, bool)>;

fn people(hall: &Hall) -> People {
    let each = |user: &User| (user.name.to_string(), hall.room_of(&user.name), user.is_unaware());
    hall.rooms.users().map(|(_, user)| each(user)).collect()
}

fn shadow_people(shadow: &Shadow) -> People {
    let each = |person: &Person| (person.name.to_owned(), shadow.room_of(person).to_owned(), person.unaware);
    shadow.people.iter().map(each).collect()
}

/// Each room with its mode, its capacity and its members in order, by name; the public one first.
type Rooms = Vec<(String, Option<(Mode, u8)>, String)>;

fn rooms(hall: &Hall) -> Rooms {
    let each =
        |room: &Room| (room.name.to_string(), Some((room.mode, room.capacity)), hall.members_of(&room.name));
    let mut rooms: Rooms = hall.rooms.rooms().map(|(_, room)| each(room)).collect();
    rooms.sort_by(|a, b| a.0.cmp(&b.0));
    rooms.insert(0, ("public".to_owned(), None, hall.members_of("public")));
    rooms
}

fn shadow_rooms(shadow: &Shadow) -> Rooms {
    let each = |room: &Chamber| {
        let members = shadow.members(Some(room.name)).join(", ");
        (room.name.to_owned(), Some((room.mode, room.capacity)), members)
    };
    let mut rooms: Rooms = shadow.chambers.iter().map(each).collect();
    rooms.sort_by(|a, b| a.0.cmp(&b.0));
    rooms.insert(0, ("public".to_owned(), None, shadow.members(None).join(", ")));
    rooms
}
