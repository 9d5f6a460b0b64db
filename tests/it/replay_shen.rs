//! Conversations of Shen's protocol, told: there the type alone does not say what answers what (S5).

use palabre::capture::Seen;
use palabre::dialect::shen::{Body, Kind, Message};
use palabre::replay::{Mark, What};

use crate::replayed::{Tale, of_shen, who};

const SERVER: &str = "192.0.2.9:7403";
const SHENG: &str = "192.0.2.1:41000";

const fn answers(packet: u64, after: u64, tries: u32) -> Mark {
    Mark::Answers { packet, after, tries, is_late: false }
}

fn question(seq: u16, text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let body = Body::Speech { kind: Kind::Relay, emitter: 0, receiver: 1, text: text.into() };
    Message { seq, body }.encode(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_client_has_his_name_from_the_ack_to_his_connexion() {
    let mut tale = Tale::new();
    let told = tale.datagram(0, SHENG, SERVER, &of_shen(1, Kind::Connect, "Sheng"));
    assert_eq!(who(&told.from), SHENG);
    let told = tale.datagram(300, SERVER, SHENG, &of_shen(1, Kind::Ack, ""));
    assert_eq!((who(&told.to), &told.marks[..]), ("Sheng".into(), &[answers(1, 300, 1)][..]));
}

#[test]
fn s5_the_same_type_is_a_request_at_one_time_and_an_answer_at_another() {
    let mut tale = Tale::new();
    tale.datagram(0, SHENG, SERVER, &of_shen(4, Kind::Join, "dota2"));
    assert_eq!(tale.marks(100, SERVER, SHENG, &of_shen(4, Kind::Denied, "")), [answers(1, 100, 1)]);
    assert_eq!(tale.marks(200, SERVER, SHENG, &of_shen(9, Kind::Denied, "")), [], "a request");
    assert_eq!(tale.marks(300, SHENG, SERVER, &of_shen(9, Kind::Ack, "")), [answers(3, 100, 1)]);
    tale.datagram(400, SHENG, SERVER, &of_shen(5, Kind::ListUsers, ""));
    let page = |seq| {
        let mut bytes = Vec::new();
        Message { seq, body: Body::List(vec![]) }.encode(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(tale.marks(500, SERVER, SHENG, &page(5)), [answers(5, 100, 1)]);
    assert_eq!(tale.marks(600, SERVER, SHENG, &page(10)), [], "a further page is a request (S4)");
    let twice = Mark::AnswersAgain { packet: 5, count: 2 };
    assert_eq!(tale.marks(700, SERVER, SHENG, &page(5)), [twice]);
}

#[test]
fn s5_a_person_may_take_his_time_after_an_ack() {
    let mut tale = Tale::new();
    tale.datagram(0, SERVER, SHENG, &question(6, "Bob demande d'entrer"));
    assert_eq!(tale.marks(100, SHENG, SERVER, &of_shen(6, Kind::Ack, "")), [answers(1, 100, 1)]);
    assert_eq!(
        tale.marks(30_000_000, SHENG, SERVER, &of_shen(6, Kind::Accept, "")),
        [answers(1, 30_000_000, 1)],
        "under the number of the question it is what he says to it"
    );
    assert_eq!(tale.marks(30_000_100, SHENG, SERVER, &of_shen(77, Kind::Accept, "")), [], "a request");
    assert_eq!(tale.marks(30_000_200, SERVER, SHENG, &of_shen(77, Kind::Ack, "")), [answers(4, 100, 1)]);
}

#[test]
fn s6_copies_come_no_sooner_than_the_timer() {
    let mut tale = Tale::new();
    let text = of_shen(1, Kind::CountMembers, "");
    tale.datagram(0, SHENG, SERVER, &text);
    assert_eq!(tale.marks(900_000, SHENG, SERVER, &text), [Mark::Doubled { packet: 1, after: 900_000 }]);
    let again = Mark::Again { packet: 1, attempt: 2, after: 2_000_000 };
    assert_eq!(tale.marks(2_000_000, SHENG, SERVER, &text), [again]);
    let items = tale.seen(60_000_000, Seen::Note("timer".into()));
    let What::Unanswered(told) = &items[0].what else { panic!("{items:?}") };
    assert_eq!((told.tries, told.waited), (2, 10_000_000), "M x T");
}

#[test]
fn s6_after_many_others_a_number_means_another_request() {
    let mut tale = Tale::new();
    let first = of_shen(1, Kind::CountMembers, "");
    tale.datagram(0, SHENG, SERVER, &first);
    tale.datagram(10, SERVER, SHENG, &of_shen(1, Kind::Ack, "3"));
    for number in 0..600_u16 {
        tale.datagram(2_000 + u64::from(number), SHENG, SERVER, &of_shen(2 + number, Kind::CountMembers, ""));
    }
    assert_eq!(tale.marks(3_000_000, SHENG, SERVER, &first), []);
}

#[test]
fn s13_members_of_a_decentralised_room_acknowledge_each_other() {
    let mut tale = Tale::new();
    let lucy = "192.0.2.2:41000";
    for (client, name) in [(SHENG, "Sheng"), (lucy, "Lucy")] {
        tale.datagram(0, client, SERVER, &of_shen(1, Kind::Connect, name));
        tale.datagram(1, SERVER, client, &of_shen(1, Kind::Ack, ""));
    }
    let mut text = Vec::new();
    let body = Body::Speech { kind: Kind::Send, emitter: 1, receiver: 2, text: "salut".into() };
    Message { seq: 5, body }.encode(&mut text).unwrap();
    let told = tale.datagram(10, lucy, SHENG, &text);
    assert_eq!((who(&told.from), who(&told.to)), ("Lucy".into(), "Sheng".into()));
    assert_eq!(tale.marks(20, SHENG, lucy, &of_shen(5, Kind::Ack, "")), [answers(5, 10, 1)]);
}
