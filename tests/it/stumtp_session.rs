//! U2 to U5 for both ends: numbers, the queue, acknowledgements that ride, connections that break.
//!
//! In: a story of sayings, deliveries and cuts. Out: each message once and in order. The frames are the real ones.

use palabre::dialect::stumtp::{FRAMING, Frame, decode};
use palabre::reliable::{ACK_DELAY, Arrival, MOST_WAITING, NeverSent, Session};
use palabre::time::{Duration, Instant};
use palabre::wire::{Deframer, Terminated};
use proptest::collection::vec;
use proptest::prelude::*;

/// One end, with what it was told.
struct End {
    session: Session<String>,
    deframer: Deframer<Terminated>,
    /// Bytes on their way to the other end.
    out: Vec<u8>,
    is_client: bool,
    /// The handshake of this connection is over.
    is_up: bool,
    taken: Vec<String>,
    said: Vec<String>,
}

impl End {
    fn new(is_client: bool) -> Self {
        let (session, deframer) = (Session::new(), Deframer::new(FRAMING));
        Self { session, deframer, out: Vec::new(), is_client, is_up: false, taken: vec![], said: vec![] }
    }

    /// A new connection; the client speaks first.
    fn connected(&mut self) {
        self.session.disconnected();
        self.deframer = Deframer::new(FRAMING);
        self.out.clear();
        self.is_up = false;
        if self.is_client {
            self.handshake();
        }
    }

    fn put(&mut self, frame: Frame<'_>) {
        frame.encode(&mut self.out).unwrap();
    }

    fn handshake(&mut self) {
        let ack = Some(self.session.seen());
        self.put(Frame::Numbered { id: 0, ack, text: "RESUME" });
    }

    fn say(&mut self) {
        let text = format!("{}{}", if self.is_client { 'c' } else { 's' }, self.said.len());
        self.said.push(text.clone());
        let size = text.len();
        let id = self.session.send(text.clone(), size).unwrap();
        if self.is_up {
            let ack = self.session.ride();
            self.put(Frame::Numbered { id, ack, text: &text });
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let Some(ack) = self.session.handle_timeout(now) {
            self.put(Frame::Ack(ack));
        }
    }

    fn handle_input(&mut self, now: Instant, mut bytes: &[u8]) {
        let mut units = Vec::new();
        while let Some(unit) = self.deframer.next(&mut bytes).unwrap() {
            units.push(unit.into_owned());
        }
        for unit in units {
            match decode(&unit).unwrap() {
                Frame::Numbered { id: 0, ack, .. } => self.resumed(ack.unwrap()),
                Frame::Numbered { id, ack, text } => {
                    ack.into_iter().for_each(|ack| self.acknowledged(ack));
                    match self.session.receive(now, id) {
                        Arrival::New => self.taken.push(text.into()),
                        Arrival::Seen => {}
                        Arrival::Gap => panic!("a connection keeps order"),
                    }
                }
                Frame::Ack(ack) => self.acknowledged(ack),
                Frame::Plain(text) => panic!("{text}"),
            }
        }
    }

    fn acknowledged(&mut self, number: u64) {
        assert!(self.session.acknowledged(number).is_ok(), "no end acknowledges what was never sent");
    }

    fn resumed(&mut self, ack: u64) {
        self.acknowledged(ack);
        if !self.is_client {
            self.handshake();
        }
        self.is_up = true;
        let again: Vec<_> = self.session.unacknowledged().map(|(id, text)| (id, text.clone())).collect();
        for (id, text) in again {
            self.put(Frame::Numbered { id, ack: None, text: &text });
        }
    }
}

/// Two ends and what lies between them.
struct World {
    ends: [End; 2],
    now: Instant,
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Say(usize),
    /// So many bytes of what this end wrote arrive.
    Deliver(usize, usize),
    /// The connection breaks; what did not arrive never will.
    Cut,
    Wait(u64),
}

impl World {
    fn new() -> Self {
        let mut world = Self { ends: [End::new(true), End::new(false)], now: Instant::ZERO };
        world.cut();
        world
    }

    fn cut(&mut self) {
        self.ends.iter_mut().for_each(End::connected);
    }

    fn deliver(&mut self, from: usize, count: usize) {
        let out = &mut self.ends[from].out;
        let bytes: Vec<u8> = out.drain(..count.min(out.len())).collect();
        self.ends[1 - from].handle_input(self.now, &bytes);
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
        let now = self.now;
        self.ends.iter_mut().for_each(|end| end.handle_timeout(now));
    }

    fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Say(end) => self.ends[end].say(),
            Deed::Deliver(from, count) => self.deliver(from, count),
            Deed::Cut => self.cut(),
            Deed::Wait(millis) => self.wait(millis),
        }
    }

    /// The connection holds from now on.
    fn settle(&mut self) {
        for _ in 0..4 {
            (0..2).for_each(|from| self.deliver(from, usize::MAX));
            self.wait(50);
        }
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0..2_usize).prop_map(Deed::Say),
        8 => (0..2_usize, 1..40_usize).prop_map(|(from, count)| Deed::Deliver(from, count)),
        1 => Just(Deed::Cut),
        2 => (1..80_u64).prop_map(Deed::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn u3_everything_arrives_once_and_in_order_over_connections_that_break(deeds in vec(deed(), 0..300)) {
        let mut world = World::new();
        for deed in deeds {
            world.act(deed);
            for end in 0..2 {
                let (taken, said) = (&world.ends[1 - end].taken, &world.ends[end].said);
                prop_assert_eq!(&taken[..], &said[..taken.len()]);
            }
        }
        world.settle();
        for end in 0..2 {
            prop_assert_eq!(&world.ends[1 - end].taken, &world.ends[end].said);
            prop_assert_eq!(world.ends[end].session.bytes(), 0, "all is acknowledged");
            prop_assert_eq!(world.ends[end].session.poll_timeout(), None);
        }
    }
}

#[test]
fn u3_the_connection_may_break_before_every_single_byte() {
    for cut in 0..200 {
        let mut world = World::new();
        world.ends[0].say();
        world.settle();
        (0..2).for_each(|end| (0..3).for_each(|_| world.ends[end].say()));
        let first = cut.min(world.ends[0].out.len());
        world.deliver(0, first);
        world.deliver(1, cut - first);
        world.cut();
        world.settle();
        assert_eq!(world.ends[1].taken, ["c0", "c1", "c2", "c3"], "{cut}");
        assert_eq!(world.ends[0].taken, ["s0", "s1", "s2"], "{cut}");
    }
}

#[test]
fn u2_numbers_begin_with_1_and_an_acknowledgement_takes_all_up_to_it() {
    let mut session = Session::new();
    assert_eq!((session.send("a", 1), session.send("b", 1), session.send("c", 1)), (Ok(1), Ok(2), Ok(3)));
    assert_eq!(session.acknowledged(2).unwrap().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(session.acknowledged(1).unwrap().count(), 0, "an old one changes nothing");
    assert_eq!(session.unacknowledged().collect::<Vec<_>>(), [(3, &"c")]);
    assert_eq!(session.send("d", 1), Ok(4));
    assert!(matches!(session.acknowledged(5), Err(NeverSent)));
    assert_eq!(session.bytes(), 2);
}

#[test]
fn u2_the_last_number_of_all_is_no_trouble() {
    let mut session: Session<()> = Session::new();
    assert_eq!(session.receive(Instant::ZERO, u64::MAX), Arrival::Gap);
    assert!(session.acknowledged(u64::MAX).is_err());
    assert!(session.acknowledged(0).is_ok());
}

#[test]
fn u3_a_number_is_new_once_and_a_gap_changes_nothing() {
    let mut session: Session<()> = Session::new();
    let now = Instant::ZERO;
    assert_eq!(session.receive(now, 2), Arrival::Gap);
    assert_eq!((session.seen(), session.poll_timeout()), (0, None));
    assert_eq!((session.receive(now, 1), session.receive(now, 1)), (Arrival::New, Arrival::Seen));
    assert_eq!((session.receive(now, 3), session.receive(now, 2)), (Arrival::Gap, Arrival::New));
    assert_eq!(session.ride(), Some(2));
}

#[test]
fn u4_an_acknowledgement_rides_or_goes_alone_after_50_ms() {
    let mut session = Session::new();
    let at = Instant::from_millis;
    assert_eq!((session.ride(), session.poll_timeout()), (None, None), "nothing came");
    session.receive(at(0), 1);
    session.receive(at(30), 2);
    assert_eq!(session.poll_timeout(), Some(at(0) + ACK_DELAY));
    assert_eq!(session.handle_timeout(at(49)), None);
    assert_eq!(session.handle_timeout(at(50)), Some(2));
    assert_eq!((session.handle_timeout(at(100)), session.poll_timeout()), (None, None));
    session.receive(at(100), 2);
    assert!(session.send("b", 1).is_ok());
    assert_eq!((session.ride(), session.ride()), (Some(2), None), "what was seen before is said again, once");
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn u5_at_most_a_mebibyte_waits() {
    let mut session = Session::new();
    assert_eq!(session.send("half", MOST_WAITING / 2), Ok(1));
    assert_eq!(session.send("rest", MOST_WAITING / 2), Ok(2));
    assert_eq!(session.send("more", 1).map_err(|full| full.0), Err("more"));
    assert_eq!((session.last(), session.bytes()), (2, MOST_WAITING));
    assert_eq!(session.acknowledged(1).map(Iterator::count), Ok(1));
    assert_eq!(session.send("more", 1), Ok(3));
}
