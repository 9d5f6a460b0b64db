//! Clients of Shen's protocol in the public room and in private ones, with a real server.
//!
//! In: what people want. Out: stories by ruling: S4, S8, S9, S10, S11, S12, S13. Must not know datagrams.

use palabre::client::{Answer, Ask, Event, Fate, Question, Why};
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
        hall.hears(0, &[Event::ModeOffered, answered(invite, Answer::Done)]);
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

#[test]
fn s9_a_manager_at_his_desk_lets_somebody_in_at_once_and_keeps_another_out() {
    let mut hall = Hall::of(&["sheng", "lucy", "bob"]);
    hall.opens(0, &[(1, "lucy")], "lol", Mode::Central);
    let join = hall.wants(2, Ask::Join("lol".into()));
    hall.passes(ms(200));
    let question = hall.question(0);
    let no = hall.answers(0, question, false);
    hall.hears(0, &[answered(no, Answer::Done)]);
    let told = hall.told(2);
    assert!(
        matches!(told.as_slice(), [Event::Answered { ticket, answer: Answer::Refused(_) }] if *ticket == join),
        "{told:?}"
    );
    let join = hall.wants(2, Ask::Join("lol".into()));
    hall.passes(ms(200));
    let question = hall.question(0);
    hall.answers(0, question, true);
    hall.hears(2, &[answered(join, Answer::In { room: "lol".into(), mode: Mode::Central })]);
}

#[test]
fn s10_all_agree_and_the_texts_of_the_room_travel_another_way() {
    let mut hall = Hall::of(&["sheng", "lucy", "bob"]);
    hall.opens(0, &[(1, "lucy"), (2, "bob")], "lol", Mode::Central);
    for (mode, wait) in [(Mode::Direct, 100), (Mode::Central, 3_000)] {
        let change = hall.wants(0, Ask::ChangeMode(mode));
        hall.passes(ms(wait));
        for who in [1, 2] {
            let told = hall.told(who);
            let [Event::Question { question, what }] = told.as_slice() else { panic!("{told:?}") };
            assert_eq!(*what, Question::ModeChange { mode });
            let agree = hall.answers(who, *question, true);
            assert_eq!(hall.told(who), [answered(agree, Answer::Done)]);
        }
        hall.hears(0, &[answered(change, Answer::Done)]);
        hall.hears(1, &[Event::ModeChanged(mode)]);
        hall.hears(2, &[Event::ModeChanged(mode)]);
        assert_eq!(hall.clients[0].room(), Some(("lol", mode)));
        let words = format!("do you hear me after {wait} ms?");
        let text = hall.says(1, &words);
        hall.hears(0, &[heard("lucy", &words)]);
        hall.hears(1, &[delivered(text)]);
        hall.hears(2, &[heard("lucy", &words)]);
    }
}

#[test]
fn s10_one_does_not_agree_and_nothing_changes() {
    let mut hall = Hall::of(&["sheng", "lucy", "bob"]);
    hall.opens(0, &[(1, "lucy"), (2, "bob")], "lol", Mode::Direct);
    let change = hall.wants(0, Ask::ChangeMode(Mode::Central));
    hall.passes(ms(2_500));
    hall.hears(0, &[]);
    let question = hall.question(1);
    hall.answers(1, question, false);
    hall.passes(ms(1_000));
    let told = hall.told(0);
    assert!(
        matches!(told.as_slice(), [Event::Answered { ticket, answer: Answer::Refused(_) }] if *ticket == change),
        "{told:?}"
    );
    assert_eq!(hall.clients[0].room(), Some(("lol", Mode::Direct)));
}

#[test]
fn s11_a_room_is_renamed_by_a_member_and_dissolved_by_its_manager() {
    let mut hall = Hall::of(&["sheng", "lucy", "bob"]);
    hall.opens(0, &[(1, "lucy"), (2, "bob")], "lol", Mode::Direct);
    let rename = hall.wants(1, Ask::Rename("dota2".into()));
    hall.hears(1, &[answered(rename, Answer::Done)]);
    hall.hears(0, &[Event::Renamed("dota2".into())]);
    let text = hall.says(2, "gg");
    hall.hears(2, &[Event::Renamed("dota2".into()), delivered(text)]);
    hall.forgets_all();
    let no = hall.wants(1, Ask::Dissolve);
    hall.passes(ms(1_000));
    assert!(
        matches!(hall.told(1).as_slice(), [Event::Answered { ticket, answer: Answer::Refused(_) }] if *ticket == no)
    );
    let dissolve = hall.wants(0, Ask::Dissolve);
    hall.hears(0, &[answered(dissolve, Answer::Left)]);
    for who in [1, 2] {
        hall.hears(who, &[Event::Closed("dota2".into())]);
        assert_eq!(hall.clients[who].room(), None);
    }
    let text = hall.says(1, "all in public again");
    hall.hears(1, &[delivered(text)]);
    hall.hears(2, &[heard("lucy", "all in public again")]);
}

#[test]
fn s8_nobody_comes() {
    let mut hall = Hall::of(&["sheng", "lucy"]);
    hall.wants(0, Ask::Invite("lucy".into()));
    hall.wants(0, Ask::ChooseMode(Mode::Central));
    hall.passes(ms(500));
    let question = hall.question(1);
    hall.forgets_all();
    let no = hall.answers(1, question, false);
    hall.hears(1, &[answered(no, Answer::Done)]);
    let told = hall.told(0);
    assert_eq!(told.last(), Some(&Event::NotOpened), "{told:?}");
    assert_eq!(hall.clients[0].room(), None);
}

#[test]
fn s12_a_text_for_one_person_is_heard_by_nobody_else_and_not_in_another_room() {
    let mut hall = Hall::of(&["sheng", "lucy", "bob", "alice"]);
    let tell = |user: &str, text: &str| Ask::Tell { user: user.into(), text: text.into() };
    let ticket = hall.wants(0, tell("bob", "psst"));
    hall.hears(0, &[delivered(ticket)]);
    hall.hears(2, &[heard("sheng", "psst")]);
    hall.hears(1, &[]);
    hall.opens(2, &[(3, "alice")], "lol", Mode::Central);
    for user in ["bob", "nobody"] {
        let ticket = hall.wants(0, tell(user, "psst"));
        hall.passes(ms(1_000));
        let told = hall.told(0);
        assert!(
            matches!(told.as_slice(), [Event::Text { ticket: of, fate: Fate::GivenUp(Why::Refused(..)) }] if *of == ticket),
            "{told:?}"
        );
    }
    hall.hears(2, &[]);
}

#[test]
fn s4_the_list_tells_rooms_and_users_however_many_there_are() {
    let names: Vec<String> = (0..60).map(|n| format!("somebody with number {n}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.extend(["sheng", "lucy"]);
    let mut hall = Hall::of(&names);
    hall.opens(60, &[(61, "lucy")], "lol", Mode::Direct);
    let ticket = hall.wants(60, Ask::ListUsers(None));
    hall.passes(ms(1_000));
    let told = hall.told(60);
    let [Event::Answered { ticket: of, answer: Answer::Users(listed) }] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!((*of, listed.len()), (ticket, 62));
    let ticket = hall.wants(60, Ask::ListUsers(Some("lol".into())));
    hall.hears(60, &[answered(ticket, Answer::Users(vec!["lucy".into(), "sheng".into()]))]);
    let ticket = hall.wants(60, Ask::ListRooms);
    hall.hears(60, &[answered(ticket, Answer::Rooms(vec![("lol".into(), Mode::Direct, 2)]))]);
}

#[test]
fn s13_members_of_both_protocols_reach_each_other_in_a_decentralised_room() {
    let mut hall = Hall::of(&["sheng", "lucy", "bob@"]);
    hall.opens(0, &[(1, "lucy"), (2, "bob")], "lol", Mode::Direct);
    for (who, name) in [(0, "sheng"), (1, "lucy"), (2, "bob")] {
        let text = hall.says(who, "bonjour");
        hall.passes(ms(2_000));
        for other in 0..3 {
            let expected = if other == who { delivered(text) } else { heard(name, "bonjour") };
            assert_eq!(hall.told(other), [expected], "{other} of {who}");
        }
    }
}

#[test]
fn s1_a_long_text_is_said_in_parts_and_has_one_fate() {
    let long: String = "é".repeat(2_000);
    for mode in [None, Some(Mode::Central), Some(Mode::Direct)] {
        let mut hall = Hall::of(&["sheng", "lucy", "bob@"]);
        if let Some(mode) = mode {
            hall.opens(0, &[(1, "lucy"), (2, "bob")], "lol", mode);
        }
        let ticket = hall.says(0, &long);
        hall.passes(ms(5_000));
        assert_eq!(hall.told(0), [delivered(ticket)]);
        for who in [1, 2] {
            let parts = hall.told(who).into_iter().map(|event| match event {
                Event::Heard { text, .. } => text,
                other => panic!("{other:?}"),
            });
            assert_eq!(parts.collect::<String>(), long, "{mode:?}");
        }
    }
}
