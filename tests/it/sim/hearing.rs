//! What the clients' and the server's events mean to the journal, and which of them must not be.
//!
//! In: events. Out: records; a panic at the first thing that is wrong: somebody hears what is not for him, or twice, or
//! out of order. Must not know the network.

use palabre::client::{Answer, Event, Fate, Speaker};
use palabre::engine::{self, Departure};
use palabre::rooms::RoomManager;
use palabre::time::{Duration, Instant};

use super::journal::{Accepted, Heard, Journal, Part, Program, Session, Stay, Via};

/// How long an author waits before he sends straight again after a relayed text.
const SETTLING: Duration = Duration::from_secs(10);

impl Journal {
    pub(crate) fn server_event(&mut self, now: Instant, event: &engine::Event) {
        self.note(now, || format!("  server: {event:?}"));
        match event {
            engine::Event::Arrived { id, from, dialect, .. } => {
                let n = self.node_at(*from).expect("only nodes register");
                let session = self.sessions.len() as u64;
                let program = (n, self.life_of(n));
                self.sessions.push(Session {
                    program,
                    dialect: *dialect,
                    id: id.expect("both dialects have numbers"),
                    since: now,
                    ended: None,
                    dropped: false,
                    told_of: 0,
                });
                self.current.insert(n, session);
            }
            engine::Event::Departed { name, why, .. } => {
                let n = self.node_called(name).expect("only nodes register");
                if let Some(session) = self.current.remove(&n) {
                    self.sessions[session as usize].ended = Some(now);
                }
                self.silent_departures += usize::from(*why == Departure::Silent);
            }
            engine::Event::TextsDropped { name } => {
                let n = self.node_called(name).expect("only nodes register");
                if let Some(session) = self.current.get(&n) {
                    self.sessions[*session as usize].dropped = true;
                }
            }
            _ => {}
        }
    }

    pub(crate) fn client_event(&mut self, now: Instant, by: Program, event: &Event, via: Via) {
        self.note(now, || format!("{by:?} is told {event:?}"));
        match event {
            Event::Heard { from, text } => self.heard(now, by, from, text, via),
            Event::Text { ticket, fate } if *fate != Fate::Delayed => {
                let said = self.text_of(by, *ticket);
                if let Some((_, first)) = &self.said[said].fate {
                    self.object(now, &format!("two fates of {ticket:?} of {by:?}: {first:?}, {fate:?}"));
                }
                self.said[said].fate = Some((now, fate.clone()));
            }
            Event::Joined(name) | Event::Left(name) => {
                if let Some(node) = self.node_called(name) {
                    self.moves.push((now, by, node, matches!(event, Event::Joined(_))));
                }
            }
            Event::Renamed(name) => {
                let here = self.staying.get(&by.0).and_then(|stay| self.stays[*stay].room);
                self.known.is_renamed(by, name, here);
            }
            Event::Answered { ticket, answer: Answer::In { room, .. } } => {
                self.known.came_into(by, *ticket, room);
            }
            _ => {}
        }
    }

    fn heard(&mut self, now: Instant, by: Program, from: &Speaker, text: &str, via: Via) {
        if *from == Speaker::Server {
            return self.told_of_drops(by, text);
        }
        let Some((n, part)) = self.find_text(text) else {
            self.object(now, &format!("{by:?} hears what nobody said: {text}"));
        };
        let author = self.said[n].by.0;
        let named_right = match from {
            Speaker::Named(name) => self.node_called(name) == Some(author),
            Speaker::Unnamed(id) => {
                // The numbers that people have in another protocol than their own are not known here.
                let is_his = |session: &Session| {
                    session.id == u16::from(*id) || session.dialect != engine::Dialect::Msp
                };
                self.sessions.iter().any(|session| session.program.0 == author && is_his(session))
            }
            Speaker::Server => false,
        };
        if !named_right || author == by.0 {
            self.object(now, &format!("{by:?} hears {text} from {from}"));
        }
        let overlaps = |heard: &&Heard| heard.by == by && heard.part.0 < part.1 && part.0 < heard.part.1;
        let before: Vec<Heard> = self.said[n].heard.iter().filter(overlaps).copied().collect();
        let session = match via {
            Via::Server => self.through_server(now, by, (n, part), &before),
            Via::Direct => self.straight(now, by, n, &before),
        };
        let Some(session) = session else {
            self.strays += 1;
            return;
        };
        if before.is_empty() {
            self.in_order(now, by, (n, part), session);
        } else {
            self.heard_twice += 1;
        }
        self.said[n].heard.push(Heard { at: now, by, via, part });
    }

    /// Each text that the server took for somebody is heard once from the server, and by nobody else (M10, M13, M21).
    fn through_server(
        &self,
        now: Instant,
        by: Program,
        (n, part): (usize, Part),
        before: &[Heard],
    ) -> Option<u64> {
        let said = &self.said[n];
        let for_him = said.accepted.iter().filter(|accepted| {
            accepted.part.0 <= part.0
                && part.1 <= accepted.part.1
                && accepted.hearers.iter().any(|(_, session)| self.sessions[*session as usize].program == by)
        });
        let times = before.iter().filter(|heard| heard.via == Via::Server).count();
        let Some(accepted) = for_him.clone().nth(times) else {
            if self.is_stray(by, n) {
                return None;
            }
            let wrong = if for_him.count() == 0 { "which is not for him" } else { "again" };
            self.object(now, &format!("{by:?} hears {:?} of {:?} {wrong}", said.ticket, said.by));
        };
        // M27: he got it straight and more than once, so he knows that the answers were lost.
        if let Some(first) = before.iter().find(|heard| heard.via == Via::Direct)
            && said.straight.iter().filter(|(at, to, p)| *to == by && *p == part && *at >= first.at).count()
                > 1
            && self.stayed(by.0, first.at)
            && self.stayed(said.by.0, first.at)
        {
            self.object(
                now,
                &format!("{by:?} hears {:?} of {:?} straight and relayed", said.ticket, said.by),
            );
        }
        Some(accepted.session)
    }

    /// Whether a text may be a copy of one that was for him under a registration that has just been replaced.
    fn is_stray(&self, by: Program, n: usize) -> bool {
        let Some(current) = self.current.get(&by.0).copied() else { return false };
        // It may have waited for the name of its author since.
        let since = self.sessions[current as usize].since;
        let just_after = |at: Instant| at >= since && at.since(since) < Duration::from_secs(1);
        let came_early = self.said[n].passed_on.iter().any(|(at, to)| *to == by && just_after(*at));
        let hearers = self.said[n].accepted.iter().flat_map(|accepted| &accepted.hearers);
        came_early && hearers.into_iter().any(|(node, session)| *node == by.0 && *session < current)
    }

    /// What comes straight comes from a fellow member of a room, and was meant for that room (M11).
    fn straight(&self, now: Instant, by: Program, n: usize, before: &[Heard]) -> Option<u64> {
        let said = &self.said[n];
        let stays_of =
            |node: usize| self.stays.iter().filter(move |stay| stay.node == node && stay.room.is_some());
        let fellows = stays_of(said.by.0).any(|his| {
            self.known.is(his.room, said.by, &said.means) && stays_of(by.0).any(|mine| mine.room == his.room)
        });
        if !fellows {
            self.object(
                now,
                &format!("{by:?} hears {:?} of {:?} straight, and is no member", said.ticket, said.by),
            );
        }
        if let Some(first) = before.iter().find(|heard| heard.via == Via::Direct)
            && self.stayed(by.0, first.at)
            && self.stayed(said.by.0, first.at)
        {
            self.object(now, &format!("{by:?} hears {:?} of {:?} straight twice", said.ticket, said.by));
        }
        let latest = self.sessions.iter().rposition(|session| session.program == said.by);
        latest.map(|session| session as u64)
    }

    /// M14: in the order its author said it, and the parts of a text one after the other.
    fn in_order(&mut self, now: Instant, by: Program, (n, part): (usize, Part), session: u64) {
        let said = &self.said[n];
        // What is said to one alone goes through the server, and may overtake what goes straight.
        let lane = said.to.filter(|_| said.means.is_some()).map(|_| "alone".into());
        let key = (by, said.by, session, lane.or_else(|| said.means.clone()));
        let last = self.order.insert(key, (said.ticket, part.1));
        // A relayed text that its receiver's mailbox holds back may be overtaken by one that goes straight, once its author
        // has waited for it: he is told only that the server has it (M11).
        // And a text that the mailbox lost may arrive late all the same, as a copy that was still under way.
        let lost = self.current.get(&by.0).is_some_and(|session| self.sessions[*session as usize].dropped);
        let overtaken =
            said.accepted.iter().any(|accepted| accepted.is_relay && now.since(accepted.at) >= SETTLING);
        let Some(last) = last.filter(|_| !overtaken && !lost) else { return };
        let object = |wrong: &str| {
            let (ticket, author) = (said.ticket, said.by);
            self.object(now, &format!("{by:?} hears {ticket:?} {part:?} of {author:?} {wrong} {last:?}"));
        };
        if last > (said.ticket, part.0) {
            object("after");
        }
        // What the server has taken as one comes without a gap.
        let is_torn = |one: &Accepted| !one.is_relay && one.part.0 <= last.1 && part.0 < one.part.1;
        if last.0 == said.ticket && last.1 < part.0 && said.accepted.iter().any(is_torn) {
            object("without what follows");
        }
    }

    /// Whether somebody has changed neither room nor registration since a while before `since`.
    fn stayed(&self, node: usize, since: Instant) -> bool {
        let lately = |at: Instant| at.as_micros() + 10_000_000 >= since.as_micros();
        !self
            .stays
            .iter()
            .any(|stay| stay.node == node && (lately(stay.from) || stay.until.is_some_and(lately)))
    }

    fn told_of_drops(&mut self, by: Program, text: &str) {
        let Some(session) = self.current.get(&by.0).copied() else { return };
        let mut words = text.split(' ');
        let (count, what) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let is_it = what.starts_with("text") && text.contains("dropped")
            || what.starts_with("message") && text.contains("perdu");
        let count = match count {
            _ if !is_it => return,
            "a" => 1,
            count => count.parse().expect("a number"),
        };
        self.sessions[session as usize].told_of += count;
    }

    /// Notes who came into which room and who left it, as the server has it.
    pub(crate) fn look_at_rooms(&mut self, now: Instant, rooms: &RoomManager) {
        for (id, room) in rooms.rooms() {
            self.known.look_at(id, room);
        }
        for node in 0..self.node_count() {
            let session = self.current.get(&node).copied();
            let user = rooms.find(self.name_of(node)).and_then(|user| rooms.user(user));
            let here = session.zip(user.map(|user| user.room));
            let was = self.staying.get(&node).map(|stay| &self.stays[*stay]);
            if was.map(|stay| (stay.session, stay.room)) == here {
                continue;
            }
            if let Some(stay) = self.staying.remove(&node) {
                self.stays[stay].until = Some(now);
            }
            if let Some((session, room)) = here {
                let name = room.and_then(|room| rooms.room(room)).map(|room| &room.name);
                self.note(now, || format!("  u{node} is in {name:?}"));
                self.staying.insert(node, self.stays.len());
                self.stays.push(Stay { node, session, room, from: now, until: None });
            }
        }
    }
}
