//! By which numbers people are known in the other dialect: M20, S3, S16.
//!
//! In: more people than numbers. Out: ids that are nobody else's, and those who learn it when one changes hands. Must not know
//! how numbers are kept.

use palabre::dialect::msp::{Body as Msp, Event as Happening, NOBODY, RegisterStatus};
use palabre::dialect::shen::Kind;
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::crossing_talk::{both, reads, sits};
use crate::engine_words::{KEEP_ALIVE, connect, join, kept_alive, name, registered, text};
use crate::msp_client::Client;
use crate::served::Way;
use crate::shen_client::{ack, plain, send};

/// Ids and names in one's room.
fn directory(client: &Client) -> Vec<(u8, String)> {
    let Msp::DirectoryReply(entries) = client.asks(Msp::Directory { user: NOBODY }) else {
        panic!("no directory")
    };
    entries.into_iter().map(|entry| (entry.id, entry.user.to_string())).collect()
}

/// Who is on the server, as MSP has it.
fn users(client: &Client) -> usize {
    let Msp::UserList(names) = client.asks(Msp::ListUsers { room: name("") }) else { panic!("no list") };
    names.len()
}

#[test]
fn m20_people_of_other_dialects_have_at_most_100_ids_and_a_list_takes_none_from_those_who_talk() {
    let (served, msp, shen) = both();
    let alice = reads(&msp, "alice");
    let people: Vec<_> = (0..120).map(|n| sits(&shen, &format!("s{n}"))).collect();
    served.forgets_all();
    // The last 100 have ids now, as MSP was told of each who came.
    let known = directory(&alice);
    assert_eq!(known.len(), 101);
    let mut ids: Vec<u8> = known.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 101, "no two have the same");
    for _ in 0..3 {
        assert_eq!(directory(&alice), known);
    }
    // The names are all in the list of users.
    assert_eq!(users(&alice), 121);
    for (id, name) in known.iter().skip(1).take(3) {
        let speaker = name.trim_start_matches('s').parse::<usize>().unwrap();
        people[speaker].asks(send(0, "mine"));
        let got = alice.gets();
        assert_eq!((got.user, got.body), (*id, text("mine")));
    }
    alice.gets_nothing();
}

#[test]
fn m20_when_an_id_changes_hands_those_who_read_notifications_learn_it_before_the_text() {
    let (served, msp, shen) = both();
    let (alice, plain_one) = (reads(&msp, "alice"), msp.joins("plain"));
    let people: Vec<_> = (0..101).map(|n| sits(&shen, &format!("s{n}"))).collect();
    // s0 has lost his id to s100: he was silent longest.
    let known = directory(&alice);
    assert!(known.iter().all(|(_, name)| name != "s0"));
    served.forgets_all();
    served.passes(Duration::from_secs(1));
    people
        .iter()
        .enumerate()
        .filter(|(n, _)| *n != 7)
        .for_each(|(_, who)| drop(who.asks(plain(Kind::CountRooms, ""))));
    let (id, _) = known.iter().find(|(_, name)| name == "s7").unwrap();
    served.forgets_all();
    people[0].asks(send(0, "it is me"));
    alice.is_notified(Happening::Joined { id: *id, address: "0.0.0.0:0".parse().unwrap(), user: name("s0") });
    let got = alice.gets();
    assert_eq!((got.user, got.body), (*id, text("it is me")));
    let got = plain_one.gets();
    assert_eq!((got.user, got.body), (*id, text("it is me")), "nothing he cannot read");
    // Once.
    people[0].asks(send(0, "still me"));
    assert_eq!(alice.gets().body, text("still me"));
    assert!(directory(&alice).contains(&(*id, "s0".into())));
}

#[test]
fn m20_a_guest_who_takes_an_id_when_he_is_announced_is_introduced_to_those_who_were_not_there() {
    let (served, msp, shen) = both();
    let (alice, bob) = (reads(&msp, "alice"), reads(&msp, "bob"));
    let people: Vec<_> = (0..101).map(|n| sits(&shen, &format!("s{n}"))).collect();
    let known = directory(&bob);
    let (id, _) = known.iter().find(|(_, name)| name == "s1").cloned().unwrap();
    alice.creates("den", Mode::Central);
    served.passes(Duration::from_secs(1));
    people.iter().skip(2).for_each(|who| drop(who.asks(plain(Kind::CountRooms, ""))));
    // s0 has no id; he gets that of s1 when alice is told that he comes into her room, of which bob is not told.
    assert_eq!(people[0].asks(plain(Kind::Join, "den")), ack("Bienvenue s0"));
    bob.asks(join("den"));
    served.forgets_all();
    people[0].asks(send(0, "it is me"));
    bob.is_notified(Happening::Joined { id, address: "0.0.0.0:0".parse().unwrap(), user: name("s0") });
    assert_eq!(bob.gets().user, id);
}

#[test]
fn m20_a_newcomer_of_msp_gets_the_id_of_the_guest_who_was_silent_longest() {
    let (served, msp, shen) = both();
    let people: Vec<_> = (0..100).map(|n| sits(&shen, &format!("s{n}"))).collect();
    let readers: Vec<_> = (0..154).map(|n| reads(&msp, &format!("m{n}"))).collect();
    let known = directory(&readers[0]);
    assert_eq!(known.len(), 254);
    served.passes(Duration::from_secs(1));
    people
        .iter()
        .enumerate()
        .filter(|(n, _)| *n != 42)
        .for_each(|(_, who)| drop(who.asks(plain(Kind::CountRooms, ""))));
    let (id, _) = known.iter().find(|(_, name)| name == "s42").unwrap();
    let late = msp.joins("late");
    assert_eq!(late.id(), *id);
    assert_eq!(directory(&readers[0]).len(), 254, "s42 has none now");
    // All the ids can be MSP's people's in the end.
    let more: Vec<_> = (0..99).map(|n| msp.joins(&format!("n{n}"))).collect();
    assert!(more.iter().all(|who| who.id() > 0));
    let spoke = readers.iter().chain(&more).chain([&late]);
    spoke.for_each(|who| assert_eq!(who.asks(KEEP_ALIVE), kept_alive(false)));
    served.passes(Duration::from_secs(11));
    assert_eq!(msp.stranger().asks(connect("x")), registered(RegisterStatus::ServerFull, 0));
    // Who has no id is heard all the same: the server says it for him. Whom he hears does not depend on it.
    served.forgets_all();
    people[0].asks(send(0, "still here"));
    readers[0].is_told("s0: still here");
    readers[0].says("so am I");
    assert_eq!(people[0].gets().kind(), Kind::Relay);
    assert_eq!(people[0].asks(plain(Kind::CountMembers, "")), ack("354"));
}

#[test]
fn s16_people_of_msp_have_handles_from_the_same_1023_and_give_them_up_for_shen_s() {
    let (served, msp, shen) = both();
    let (alice, bob) = (msp.joins("alice"), msp.joins("bob"));
    alice.is(Way::Mute);
    bob.is(Way::Mute);
    let seat = |n: u32| shen.stranger_at(&format!("10.0.{}.{}:7000", n / 250, n % 250 + 1));
    let first = seat(0);
    first.registers("u0");
    let handles = [first.handle_of("alice"), first.handle_of("bob")];
    assert_eq!(handles, [2, 3]);
    for n in 1..1_021 {
        let who = seat(n);
        who.registers(&format!("u{n}"));
        who.asks(plain(Kind::CountRooms, ""));
    }
    bob.asks(KEEP_ALIVE);
    // All are taken: alice was silent longest.
    let late = seat(1_021);
    late.registers("late");
    assert_eq!(first.handle_of_in_pages("late"), 2);
    assert_eq!(first.handle_of_in_pages("bob"), 3);
    late.asks(plain(Kind::CountRooms, ""));
    // Who is heard gets one, as long as there is a guest's.
    late.takes_all();
    alice.says("hello");
    late.hears("hello", ("alice", 3), 0);
    served.forgets_all();
}

#[test]
fn m20_s3_a_guest_s_number_rests_when_he_has_left() {
    let (served, msp, shen) = both();
    let alice = reads(&msp, "alice");
    let sheng = sits(&shen, "Sheng");
    let id = |client: &Client, who: &str| {
        directory(client).into_iter().find(|(_, name)| name == who).map(|(id, _)| id)
    };
    let before = id(&alice, "Sheng").unwrap();
    sheng.asks(plain(Kind::Disconnect, ""));
    let others: Vec<_> = (0..252).map(|n| msp.joins(&format!("m{n}"))).collect();
    assert!(others.iter().all(|who| who.id() != before));
    let late = msp.stranger();
    let keep_alive = || others.iter().for_each(|who| assert_eq!(who.asks(KEEP_ALIVE), kept_alive(false)));
    keep_alive();
    served.passes(Duration::from_millis(59_999));
    assert_eq!(late.asks(connect("late")), registered(RegisterStatus::ServerFull, 0));
    served.passes(Duration::from_millis(1));
    late.registers("late");
    assert_eq!(late.id(), before);
}
