//! A conversation of all five protocols is captured and checked: it is equal.
//!
//! In: what people of each do, good and bad. Out: a capture, for the other tests of the check, too. Must not know how it is
//! compared.

use palabre::capture::{Event, Header, Seen};
use palabre::dialect::msp::Body;
use palabre::dialect::shen::Kind;
use palabre::dialect::stumtp::Frame;
use palabre::engine::{Config, Dialect, Input, Integrity, Listener};
use palabre::ids::ListenerId;
use palabre::replay::check::{Check, Equal, Trouble};
use palabre::time::Duration;
use palabre::vocab::Mode;

use crate::served::{Served, Way};
use crate::streamed::Line;
use crate::{matou_client, msp_client, shen_client, stories_client};

/// The order of the listeners.
const MSP: ListenerId = ListenerId(0);
const SHEN: ListenerId = ListenerId(1);
const MATOU: ListenerId = ListenerId(2);
const STORIES: ListenerId = ListenerId(3);
const STUMTP: ListenerId = ListenerId(4);

/// Everybody of all five comes and talks; some things are lost, some come twice, some are nonsense; connections break; all
/// are told when the server stops.
pub(crate) fn conversation(seed: u64) -> (Header, Vec<Event>) {
    let mut config = Config::new(Dialect::ALL.map(Listener::of).into());
    config.listeners[SHEN.0].integrity = Integrity::Crc32;
    let served = Served::captured(config, seed);
    let msp = msp_client::Table::at(&served, MSP);
    let shen = shen_client::Table::at(&served, SHEN);
    let (alice, bob) = (msp.joins("alice"), msp.joins("bob"));
    let lucy = shen.joins("Lucy");
    lucy.is(Way::Open);
    let minou = matou_client::Client::joins(&served, MATOU, "Minou");
    let ann = stories_client::Client::bar_at(&served, STORIES, "ann");
    let line = Line::new(&served, STUMTP);
    let mut login = Vec::new();
    Frame::Numbered { id: 0, ack: None, text: "LOGIN \"bea\"" }.encode(&mut login).unwrap();
    line.sends(&login);

    alice.says("bonjour à tous");
    minou.says("miaou");
    ann.sends("MSG|salut");
    lucy.asks(shen_client::send(0, "de loin"));
    alice.creates("den", Mode::Central);
    bob.says("among those who are left");
    lucy.asks(shen_client::plain(Kind::Join, "den"));
    nobody_answers(&served, &alice, &bob);
    nonsense(&served, &alice, &lucy);
    breaks(&served, &minou);
    line.dies();
    served.passes(Duration::from_secs(20));
    served.stops();
    served.passes(Duration::from_secs(60));
    served.capture()
}

/// What is asked is asked again, and given up.
fn nobody_answers(served: &Served, alice: &msp_client::Client, bob: &msp_client::Client) {
    alice.asks(Body::LeaveRoom);
    bob.is(Way::Mute);
    alice.says("are you there?");
    served.passes(Duration::from_millis(350));
    bob.is(Way::Open);
    served.passes(Duration::from_secs(3));
    bob.is(Way::Cut);
    alice.says("and now?");
    served.passes(Duration::from_secs(30));
    bob.is(Way::Open);
    bob.says("I was away");
}

/// Each of these is dropped.
fn nonsense(served: &Served, alice: &msp_client::Client, lucy: &shen_client::Client) {
    served.receives_as_it_is((SHEN, lucy.address()), b"no checksum");
    alice.sends_raw(&[0x18]);
    let again = alice.sends(Body::Text { text: "twice".into(), order: None });
    alice.sends_as(alice.id(), again, Body::Text { text: "twice".into(), order: None });
    alice.sends_as(alice.id(), again.wrapping_sub(900), Body::LeaveRoom);
}

/// Connections that end in each way.
fn breaks(served: &Served, minou: &matou_client::Client) {
    let slow = Line::new(served, STORIES);
    slow.sends(b"LOGIN|slow\n");
    slow.reads(false);
    minou.says("does he read?");
    slow.takes(3);
    slow.ends();
    let mute = Line::new(served, STUMTP);
    mute.dribbles(b"half a frame");
    let stranger = Line::new(served, MATOU);
    let wrong = Line::new(served, MATOU);
    wrong.sends(&[0, 0]);
    wrong.dies();
    stranger.sends(&[0xff; 40]);
}

/// The check of such a capture.
pub(crate) fn check<'a>(
    header: &Header,
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<Equal, Trouble> {
    let mut check = Check::new(std::slice::from_ref(header))?;
    events.into_iter().try_for_each(|event| check.event(event))?;
    check.finish()
}

#[test]
fn a_captured_conversation_of_five_protocols_is_equal_with_the_same_seed_and_with_no_other() {
    for seed in [0, 7, u64::MAX] {
        let (header, events) = conversation(seed);
        let equal = check(&header, &events).unwrap();
        assert_eq!(equal.packets, events.len() as u64);
        assert_eq!(equal.inputs + equal.outputs, equal.packets);
        assert!(equal.span > Duration::from_secs(60), "{equal:?}");
        let other = Header { seed: seed ^ 1, ..header };
        assert!(matches!(check(&other, &events), Err(Trouble::Differs(_))), "tokens are another's");
    }
}

#[test]
fn the_conversation_has_all_there_is() {
    let (_, events) = conversation(7);
    let notes = |what: &str| events.iter().filter(|event| event.seen == Seen::Note(what.into())).count();
    assert!(notes("timer") > 10 && notes("stop") == 1);
    let count = |is: fn(&Seen) -> bool| events.iter().filter(|event| is(&event.seen)).count();
    assert!(count(|seen| matches!(seen, Seen::Datagram { .. })) > 50);
    assert_eq!(count(|seen| matches!(seen, Seen::Opened { .. })), 7);
    assert!(count(|seen| matches!(seen, Seen::Bytes { .. })) > 20);
    assert!(count(|seen| matches!(seen, Seen::Acknowledged { bytes: 3, .. })) > 0);
    assert!(count(|seen| matches!(seen, Seen::Ended { .. })) > 2);
    assert!(count(|seen| matches!(seen, Seen::Reset { .. })) > 0);
    for reason in ["bad checksum", "too short", "unanswered"] {
        let comment = format!("dropped: {reason}");
        assert!(events.iter().any(|event| event.comments.contains(&comment)), "{reason}");
    }
}

#[test]
fn what_a_server_knew_when_it_started_is_told_to_the_other_one() {
    let config = Config::new(vec![Listener::shen()]);
    let names = [("Lucy".into(), "198.51.100.9".parse().unwrap())].into_iter().collect();
    let mut tape = crate::taped::Tape::with_registry(config, 3, names);
    tape.keep();
    let from = "192.0.2.1:4000".parse().unwrap();
    let bytes = shen_client::encoded(1, shen_client::plain(Kind::Connect, "Lucy"));
    let now = palabre::time::Instant::from_secs(1);
    tape.handle_input(now, Input::Datagram { listener: ListenerId(0), from, bytes: &bytes });
    while tape.poll_output(now).is_some() {}
    let (header, events) = tape.capture();
    assert!(check(&header, &events).is_ok());
    let other = Header { names: [].into(), ..header };
    assert!(matches!(check(&other, &events), Err(Trouble::Differs(_))), "she may have her name there");
}

#[test]
fn who_is_reached_by_one_interface_is_the_same_without_it() {
    let mut tape = crate::taped::Tape::new(Config::new(vec![Listener::shen()]), 3);
    tape.keep();
    let from = "[fe80::1%4]:4000".parse().unwrap();
    let bytes = shen_client::encoded(1, shen_client::plain(Kind::Connect, "Lucy"));
    let now = palabre::time::Instant::from_secs(1);
    tape.handle_input(now, Input::Datagram { listener: ListenerId(0), from, bytes: &bytes });
    while tape.poll_output(now).is_some() {}
    // Packets do not say the interface.
    let (header, mut events) = tape.capture();
    for event in &mut events {
        match &mut event.seen {
            Seen::Datagram { from, to, .. } => {
                for end in [from, to] {
                    *end = std::net::SocketAddr::new(end.ip(), end.port());
                }
            }
            Seen::Note(note) => assert!(!note.contains('%'), "{note}"),
            _ => {}
        }
    }
    assert!(check(&header, &events).is_ok());
}
