//! Many words at once, and those who read slowly or not at all, whatever they speak (A6, B1, U5).

use palabre::dialect::matou::Message;
use palabre::dialect::stories::json::FileBytes;
use palabre::engine::{Config, Dialect, DropReason, Listener};
use palabre::ids::ListenerId;
use palabre::time::Duration;

use crate::matou_client::{Client as Matou, encoded};
use crate::served::Served;
use crate::stories_client::{Client as Stories, Marks};
use crate::stumtp_client::Talker;

/// More than a mebibyte in all, as 10,000 texts.
const TEXTS: usize = 10_000;
const STORIES: ListenerId = ListenerId(1);
const MATOU: ListenerId = ListenerId(2);

fn served() -> Served {
    let dialects = [Dialect::Stumtp, Dialect::Stories, Dialect::Matou];
    Served::new(Config::new(dialects.map(Listener::of).to_vec()))
}

fn text(number: usize) -> String {
    format!("{number:0>120}")
}

/// What each of them says, in one piece.
fn burst(author: &str) -> Vec<u8> {
    let all = 0..TEXTS;
    match author {
        "Minou" => all.flat_map(|number| encoded(&Message::Say { text: text(number).into() })).collect(),
        "bar" => all
            .flat_map(|number| crate::stories_client::framed(format!("MSG|{}", text(number)).as_bytes()))
            .collect(),
        _ => all
            .flat_map(|number| {
                let id = number + 1;
                format!("\u{1}{id}\u{2}MSG \"public\" \"{author}\" \"{}\"\u{3}", text(number)).into_bytes()
            })
            .collect(),
    }
}

#[test]
fn u5_a6_ten_thousand_texts_in_one_piece_reach_all_who_read_once_and_in_order() {
    for author in ["Minou", "bar", "num"] {
        let served = served();
        let minou = Matou::joins(&served, MATOU, "Minou");
        let bar = Stories::bar_at(&served, STORIES, "bar");
        let num = Talker::signed_in(&served, "num");
        let lines = [("Minou", &minou.line), ("bar", &bar.line), ("num", &num.line)];
        lines.iter().for_each(|(_, line)| drop(line.heard()));
        let (_, own) = lines.iter().find(|(name, _)| *name == author).unwrap();
        own.sends(&burst(author));
        // Nobody acknowledges at once (U4).
        served.passes(Duration::from_millis(40));
        for (name, line) in &lines {
            assert!(!line.is_closed(), "{author} speaks, {name} hears");
            let heard = String::from_utf8_lossy(&line.heard()).into_owned();
            let mut rest = heard.as_str();
            for number in (0..TEXTS).filter(|_| *name != author || author == "Minou") {
                let Some((_, after)) = rest.split_once(&text(number)) else {
                    panic!("{name} has not heard the text {number} of {author}")
                };
                rest = after;
            }
        }
    }
}

#[test]
fn a6_one_who_asks_and_never_reads_is_let_go_after_two_minutes() {
    let served = served();
    let bob = Stories::quoted_at(&served, STORIES, "bob");
    let alice = Stories::at(&served, STORIES, Marks::Lengths);
    alice.line.reads(false);
    alice.sends("LOGIN \"alice\"");
    let nonsense = alice.bytes(&format!("BEGIN_SEQUENCE \"{}\"", "x".repeat(500)));
    alice.line.sends(&nonsense.repeat(2_000));
    assert!(!alice.line.is_read() && !alice.line.is_closed());
    served.passes(Duration::from_secs(119));
    alice.line.takes(1);
    served.passes(Duration::from_secs(119));
    assert!(!alice.line.is_closed(), "he reads, slowly");
    served.passes(Duration::from_secs(121));
    assert!(alice.line.is_closed());
    assert_eq!(served.dropped(DropReason::IdleReader), 1);
    assert!(bob.hears().iter().any(|words| words.contains("alice a quitté le chat")));
}

#[test]
fn a5_the_end_of_one_who_never_reads_what_he_asked_for_comes_all_the_same() {
    let served = served();
    let bob = Stories::quoted_at(&served, STORIES, "bob");
    let alice = Stories::bar_at(&served, STORIES, "alice");
    alice.line.reads(false);
    let sequence = alice.bytes(&format!("BEGIN_SEQUENCE|{}", "x".repeat(500)));
    alice.line.sends(&sequence.repeat(1_000));
    alice.line.ends();
    served.passes(Duration::from_secs(121));
    assert!(alice.line.is_closed());
    assert!(bob.hears().iter().any(|words| words.contains("alice a quitté le chat")));
}

#[test]
fn b1_half_a_frame_does_not_age_while_its_author_is_not_read() {
    let served = served();
    let (alice, bob) = (Stories::bar_at(&served, STORIES, "alice"), Stories::bar_at(&served, STORIES, "bob"));
    let text = alice.bytes(&format!("MSG|{}", "x".repeat(50_000)));
    let last = bob.bytes("MSG|enfin");
    bob.line.sends(&last[..6]);
    bob.line.reads(false);
    alice.line.sends(&text.repeat(8));
    // He is not read any more as soon as he says something.
    bob.line.sends(&last[6..7]);
    assert!(!bob.line.is_read());
    served.passes(Duration::from_secs(90));
    assert!(!bob.line.is_closed(), "it is not his fault");
    bob.line.reads(true);
    bob.line.sends(&last[7..]);
    assert_eq!(alice.hears().last().map(String::as_str), Some("MSG|bob|enfin"));
}

#[test]
fn b5_files_on_their_way_to_those_who_do_not_read_have_a_bound_and_no_copies() {
    let mut config = Config::new([Dialect::Stumtp, Dialect::Stories].map(Listener::of).to_vec());
    config.limits.files_on_the_way = 3 << 20;
    let served = Served::new(config);
    let people: Vec<_> =
        (0..5).map(|number| Stories::bar_at(&served, STORIES, &format!("reader{number}"))).collect();
    let file = |seq: u32, byte: u8| {
        let data = FileBytes::text(&vec![byte; 2 << 20]);
        format!(
            r#"{{"type":"SEND_FILE","seq":{seq},"room":"public","meta":{{"filename":"f"}},"data":"{data}"}}"#
        )
    };
    people[0].sends(&file(1, 1));
    people[0].sends(&file(2, 2));
    people.iter().for_each(Stories::forgets);
    let get = |seq| format!(r#"{{"type":"GET_FILE","seq":{seq},"filename":"{seq}_f"}}"#);
    people[..4].iter().for_each(|reader| reader.line.reads(false));
    people[..4].iter().for_each(|reader| reader.sends(&get(1)));
    assert_eq!(
        people[4].asks(&get(2)),
        ["ERROR|trop de fichiers en cours d'envoi, réessayez plus tard"],
        "the four have a share in the same 2.7 MiB"
    );
    assert!(people[4].asks(&get(1))[0].contains("SEND_FILE"));
    people[..4].iter().for_each(|reader| reader.line.reads(true));
    assert!(people[..4].iter().all(|reader| reader.hears()[0].contains("SEND_FILE")));
    assert!(people[4].asks(&get(2))[0].contains("SEND_FILE"), "all have arrived");
}

#[test]
fn a6_who_reads_slowly_but_all_the_time_is_not_let_go_however_much_others_say() {
    let served = served();
    let minou = Matou::joins(&served, MATOU, "Minou");
    let slow = Matou::joins(&served, MATOU, "Felix");
    slow.line.reads(false);
    let text = encoded(&Message::Say { text: "x".repeat(512).into() });
    minou.line.sends(&text.repeat(10_000));
    for _ in 0..20 {
        served.passes(Duration::from_secs(9));
        slow.line.takes(1_000);
    }
    assert!(!slow.line.is_closed());
    assert_eq!(minou.heard().len(), 10_001, "and nobody waits for him");
    served.passes(Duration::from_secs(20));
    assert!(slow.line.is_closed());
}
