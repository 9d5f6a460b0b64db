//! Invitations, admission and votes in Shen's protocol: S8, S9, S10, S19, S26, through the wire.
//!
//! In: what each client asks and answers. Out: what the others are asked and told. Must not know the rooms' insides.

use palabre::dialect::shen::{Body, Kind, words};
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::served::Way;
use crate::shen_client::{Client, Table, ack, invite, plain, room_body};

const DENIED: Body<'static> = Body::Plain { kind: Kind::Denied, text: std::borrow::Cow::Borrowed("") };
const GRANTED: Body<'static> = Body::Plain { kind: Kind::Granted, text: std::borrow::Cow::Borrowed("") };

fn asks_for(mode: Mode) -> Body<'static> {
    room_body(Kind::ChooseMode, mode, "")
}

fn changes_to(mode: Mode) -> Body<'static> {
    room_body(Kind::ChangeMode, mode, "")
}

fn invite_here(room: u16, users: &str) -> Body<'_> {
    Body::Room { kind: Kind::Invite, private: true, mode: Mode::Central, room, text: users.into() }
}

/// Sheng manages the room "lol" with Lucy in it; Tom and Bob are outside. All acknowledge what is no question.
fn four() -> (Table, [Client; 4]) {
    let (table, clients) = Table::of(["Sheng", "Lucy", "Tom", "Bob"]);
    clients.iter().for_each(|client| client.is(Way::Open));
    let [sheng, lucy, ..] = &clients;
    sheng.proposes("Lucy", Mode::Central, "lol");
    lucy.accepts(lucy.is_invited("Sheng"));
    sheng.is_asked(GRANTED);
    (table, clients)
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn s8_the_first_who_accepts_opens_the_room_and_others_come_later() {
    let (table, [sheng, lucy, tom, bob]) = Table::of(["Sheng", "Lucy", "Tom", "Bob"]);
    [&sheng, &lucy, &tom, &bob].iter().for_each(|client| client.is(Way::Open));
    assert_eq!(
        sheng.asks(invite("Sheng,Lucy, Tom,,nobody , Bob,Lucy")),
        plain(Kind::ModeOffer, words::MODES)
    );
    lucy.gets_nothing();
    assert_eq!(sheng.asks(asks_for(Mode::Direct)), ack(""));
    let asked = lucy.gets();
    let Body::Room { kind: Kind::Invite, private: true, mode: Mode::Direct, room: 0, text } = asked.body
    else {
        panic!("no invitation: {asked:?}")
    };
    assert_eq!(text, "Sheng vous invite messagerie");
    let (to_tom, to_bob) = (tom.is_invited("Sheng"), bob.is_invited("Sheng"));
    tom.answers(to_tom, plain(Kind::Decline, ""));
    sheng.gets_nothing();
    assert_eq!(bob.asks(plain(Kind::CountRooms, "")), ack("0"));
    lucy.accepts(asked.seq);
    sheng.is_asked(GRANTED);
    assert_eq!(bob.asks(plain(Kind::CountRooms, "")), ack("1"));
    table.passes(ms(59_000));
    bob.takes_all();
    bob.accepts(to_bob);
    assert_eq!(bob.asks(plain(Kind::CountMembers, "")), ack("3"));
    assert_eq!(tom.lists()[0].text, "messagerie1, Sheng");
}

#[test]
fn s8_nobody_comes_when_all_refuse_or_do_not_answer_in_60_s_or_none_was_left_to_ask() {
    let (table, [sheng, lucy, tom]) = Table::of(["Sheng", "Lucy", "Tom"]);
    [&sheng, &lucy, &tom].iter().for_each(|client| client.is(Way::Open));
    sheng.proposes("Lucy, Tom", Mode::Central, "lol");
    lucy.answers(lucy.is_invited("Sheng"), plain(Kind::Decline, ""));
    tom.is_invited("Sheng");
    // While that is open there is no other.
    assert_eq!(sheng.asks(invite("Lucy")), DENIED);
    table.passes(ms(59_999));
    sheng.gets_nothing();
    table.passes(ms(1));
    sheng.is_asked(DENIED);
    assert_eq!(sheng.asks(plain(Kind::CountRooms, "")), ack("0"));

    for users in ["", "nobody", "Sheng"] {
        sheng.asks(invite(users));
        let seq = sheng.sends(asks_for(Mode::Central));
        let mut got = sheng.takes_all();
        got.sort_by_key(|got| got.seq != seq);
        assert_eq!(got.iter().map(|got| got.body.clone()).collect::<Vec<_>>(), [ack(""), DENIED], "{users}");
    }
    // The one asked goes.
    sheng.proposes("Lucy", Mode::Central, "lol");
    lucy.asks(plain(Kind::Disconnect, ""));
    sheng.is_asked(DENIED);
}

#[test]
fn s8_a_mode_has_to_be_chosen_in_60_s_and_a_newer_intention_replaces_an_older_one() {
    let (table, [sheng, lucy, tom]) = Table::of(["Sheng", "Lucy", "Tom"]);
    sheng.asks(invite("Lucy"));
    table.passes(ms(59_999));
    sheng.asks(invite("Tom"));
    table.passes(ms(59_999));
    assert_eq!(sheng.asks(asks_for(Mode::Central)), ack(""));
    tom.is_invited("Sheng");
    lucy.gets_nothing();
    assert_eq!(lucy.asks(invite("Sheng")), plain(Kind::ModeOffer, words::MODES));
    table.passes(ms(60_000));
    assert_eq!(lucy.asks(asks_for(Mode::Central)), DENIED);
}

#[test]
fn s8_a_name_is_taken_as_soon_as_somebody_wants_it_and_free_when_nothing_comes_of_it() {
    let (table, [sheng, lucy, tom]) = Table::of(["Sheng", "Lucy", "Tom"]);
    let name = |name| room_body(Kind::NameRoom, Mode::Central, name);
    [&sheng, &lucy].iter().for_each(|who| drop(who.asks(invite("Tom"))));
    assert_eq!(sheng.asks(name("lol")), ack(""));
    assert_eq!(lucy.asks(name("lol")), DENIED);
    assert_eq!(sheng.asks(name("dota")), ack(""));
    assert_eq!(lucy.asks(name("lol")), ack(""));
    sheng.asks(asks_for(Mode::Central));
    // Also between the choice and the first who comes.
    assert_eq!(sheng.asks(name("sumo")), ack(""));
    tom.accepts(tom.is_invited("Sheng"));
    assert_eq!(sheng.asks(room_body(Kind::RenameRoom, Mode::Central, "lol")), DENIED, "Lucy wants it");
    table.passes(ms(60_000));
    assert_eq!(sheng.asks(room_body(Kind::RenameRoom, Mode::Central, "lol")), ack(""));
}

#[test]
fn s9_a_manager_who_answers_within_1500_ms_decides_the_answer() {
    let (table, [sheng, _lucy, tom, bob]) = four();
    for (accept, answer) in [(false, DENIED), (true, ack("Bienvenue Tom"))] {
        let seq = tom.sends(plain(Kind::Join, "lol"));
        let question = sheng.is_told("Tom demande d'entrer");
        table.passes(ms(1_499));
        tom.gets_nothing();
        sheng.answers(question, plain(if accept { Kind::Accept } else { Kind::Decline }, ""));
        tom.is_answered(seq, answer);
        table.passes(ms(5_000));
        tom.gets_nothing();
    }
    assert_eq!(tom.asks(plain(Kind::CountMembers, "")), ack("3"));
    assert_eq!(bob.asks(plain(Kind::CountMembers, "")), ack("1"));
}

#[test]
fn s9_who_waits_longer_gets_an_empty_answer_and_the_decision_later() {
    let (table, [sheng, _lucy, tom, bob]) = four();
    for (who, name, verdict) in [(&tom, "Tom", Kind::Accept), (&bob, "Bob", Kind::Decline)] {
        let seq = who.sends(plain(Kind::Join, "lol"));
        let question = sheng.is_told(&format!("{name} demande d'entrer"));
        table.passes(ms(1_499));
        who.gets_nothing();
        table.passes(ms(1));
        who.is_answered(seq, ack(""));
        // A repetition gets the same, whatever was decided.
        table.passes(ms(50_000));
        sheng.takes_all();
        sheng.answers(question, plain(verdict, ""));
        who.is_asked(if verdict == Kind::Accept { GRANTED } else { DENIED });
        who.sends_as(seq, plain(Kind::Join, "lol"));
        who.is_answered(seq, ack(""));
        who.gets_nothing();
    }
    assert_eq!(tom.asks(plain(Kind::CountMembers, "")), ack("3"));
}

#[test]
fn s9_no_answer_in_60_s_is_a_no() {
    let (table, [sheng, _lucy, tom, _bob]) = four();
    let seq = tom.sends(plain(Kind::Join, "lol"));
    let question = sheng.is_told("Tom demande d'entrer");
    sheng.acks(question);
    table.passes(ms(59_999));
    tom.is_answered(seq, ack(""));
    tom.gets_nothing();
    table.passes(ms(1));
    tom.is_asked(DENIED);
    sheng.answers(question, plain(Kind::Accept, ""));
    sheng.is_answered(question, ack(""));
    assert_eq!(tom.asks(plain(Kind::CountMembers, "")), ack("2"));
    sheng.gets_nothing();
}

#[test]
fn s9_who_asks_is_told_when_the_room_closes_and_asks_the_next_manager_when_the_first_leaves() {
    let (table, [sheng, lucy, tom, bob]) = four();
    bob.sends(plain(Kind::Join, "lol"));
    sheng.accepts(sheng.is_told("Bob demande d'entrer"));
    bob.takes_all();
    let seq = tom.sends(plain(Kind::Join, "lol"));
    sheng.is_told("Tom demande d'entrer");
    sheng.asks(plain(Kind::Leave, ""));
    lucy.is_told(words::MANAGER);
    lucy.is_told("Tom demande d'entrer");
    table.passes(ms(1_500));
    tom.is_answered(seq, ack(""));
    assert_eq!(lucy.asks(plain(Kind::Dissolve, "")), ack(""));
    assert_eq!(tom.gets().kind(), Kind::Denied);
    bob.is_asked(plain(Kind::Closed, words::DISSOLVED));
}

#[test]
fn s10_all_have_to_agree_and_then_the_mode_is_another() {
    let (table, [sheng, lucy, tom, _bob]) = four();
    tom.sends(plain(Kind::Join, "lol"));
    sheng.accepts(sheng.is_told("Tom demande d'entrer"));
    tom.takes_all();
    // One refuses: nothing changes, and the others need not answer.
    let seq = sheng.sends(changes_to(Mode::Direct));
    let (of_lucy, of_tom) = (lucy.is_told(words::VOTE), tom.is_told(words::VOTE));
    assert_eq!(sheng.asks(changes_to(Mode::Direct)), DENIED, "they are being asked already");
    lucy.answers(of_lucy, ack("non"));
    sheng.is_answered(seq, DENIED);
    tom.answers(of_tom, ack("je suis d'accord"));
    sheng.gets_nothing();

    let seq = sheng.sends(changes_to(Mode::Direct));
    lucy.answers(lucy.is_told(words::VOTE), ack("je suis d'accord"));
    table.passes(ms(1_499));
    sheng.gets_nothing();
    tom.accepts(tom.takes_all()[0].seq);
    sheng.is_answered(seq, ack(""));
    for who in [&lucy, &tom] {
        let got = who.gets();
        let Body::Room { kind: Kind::ChangeMode, private: true, mode: Mode::Direct, room: 1, .. } = got.body
        else {
            panic!("{got:?}")
        };
    }
    sheng.gets_nothing();
}

#[test]
fn s10_a_decision_that_takes_longer_comes_as_26_or_15() {
    let (table, [sheng, lucy, _tom, _bob]) = four();
    let seq = sheng.sends(changes_to(Mode::Direct));
    let question = lucy.is_told(words::VOTE);
    lucy.acks(question);
    table.passes(ms(1_500));
    sheng.is_answered(seq, ack(""));
    lucy.sends_as(77, plain(Kind::Accept, ""));
    lucy.is_answered(77, ack(""));
    let direct =
        Body::Room { kind: Kind::ChangeMode, private: true, mode: Mode::Direct, room: 1, text: "".into() };
    sheng.is_asked(direct.clone());
    lucy.is_asked(direct);

    // Back again; nobody answers in 60 s.
    let seq = sheng.sends(changes_to(Mode::Central));
    lucy.acks(lucy.is_told(words::VOTE));
    table.passes(ms(59_999));
    sheng.is_answered(seq, ack(""));
    sheng.gets_nothing();
    table.passes(ms(1));
    sheng.is_asked(DENIED);
    lucy.gets_nothing();
}

#[test]
fn s10_who_leaves_does_not_count_any_more() {
    let (_table, [sheng, lucy, tom, _bob]) = four();
    tom.sends(plain(Kind::Join, "lol"));
    sheng.accepts(sheng.is_told("Tom demande d'entrer"));
    tom.takes_all();
    let seq = sheng.sends(changes_to(Mode::Direct));
    tom.accepts(tom.is_told(words::VOTE));
    lucy.is_told(words::VOTE);
    lucy.asks(plain(Kind::Leave, ""));
    sheng.is_answered(seq, ack(""));
    assert_eq!(tom.gets().kind(), Kind::ChangeMode);
}

#[test]
fn s19_s26_who_is_invited_into_a_room_comes_in_at_once_whichever_way_he_takes() {
    let (_table, [sheng, lucy, tom, bob]) = four();
    // Any member may invite; somebody else's room, or none, is a proposal.
    assert_eq!(lucy.asks(invite_here(1, "Tom, Bob, Sheng")), ack(""));
    assert_eq!(lucy.asks(invite_here(1, "Sheng, nobody")), DENIED);
    assert_eq!(lucy.asks(invite_here(2, "Tom")), plain(Kind::ModeOffer, words::MODES));
    let asked = tom.gets();
    assert!(matches!(asked.body, Body::Room { kind: Kind::Invite, private: true, room: 1, .. }), "{asked:?}");
    tom.accepts(asked.seq);
    assert_eq!(tom.asks(plain(Kind::CountMembers, "")), ack("3"));
    bob.is_invited("Lucy");
    assert_eq!(bob.asks(plain(Kind::Join, "lol")), ack("Bienvenue Bob"));
    sheng.gets_nothing();
    assert_eq!(bob.asks(plain(Kind::CountMembers, "")), ack("4"));
}

#[test]
fn s19_who_declines_an_invitation_into_a_room_is_named_to_the_one_who_invited() {
    let (table, [sheng, lucy, tom, bob]) = four();
    assert_eq!(lucy.asks(invite_here(1, "Tom, Bob")), ack(""));
    tom.answers(tom.is_invited("Lucy"), plain(Kind::Decline, ""));
    lucy.is_told("Tom ne vient pas");
    bob.is_invited("Lucy");
    table.passes(ms(60_000));
    lucy.is_told("Bob ne vient pas");
    sheng.gets_nothing();
}
