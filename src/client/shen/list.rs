//! Lists of users, page by page, and what can be read from them: who has a handle, which rooms there are, who is in ours.
//!
//! In: entries of type 29. Out: [`Said`] for the job we are at; members of our decentralised room. Must not know what
//! follows from a list: `replies` and `moves` do.
//!
//! A list may go on in further datagrams (S4), and nobody says which is the last. A page with room for one more entry is
//! the last one; after a fuller one more may follow, and the list counts as complete when none has come for 300 ms. What
//! comes later is taken too, for it is acknowledged and adds to what is known; only nobody is taken to be gone because a
//! long list leaves him out (a list may end after a full page while the pages of the one before are still on their way, S20).

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::client::jobs::Job;
use crate::client::tongue::{No, Said};
use crate::client::{Ask, Client, Doubt, Event};
use crate::dialect::shen::{self, Entry, MOST_TEXT};
use crate::time::{Duration, Instant};
use crate::vocab::Mode;

/// For how long no further page comes after the last.
const QUIET: Duration = Duration::from_millis(300);

/// No entry is longer than two names of 64 bytes, an address and what stands between them (S4, S15).
const LONGEST_ENTRY: usize = 160;

/// The private address that stands for none.
pub(super) const NOWHERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

/// Somebody on the server, as a list has him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) handle: u16,
    pub(super) user: String,
    pub(super) room: String,
    pub(super) room_handle: u16,
    pub(super) private: bool,
    /// Told for the members of our own decentralised room only.
    pub(super) address: Option<SocketAddrV4>,
}

/// The pages of a list that have come.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) listed: Vec<Listed>,
    /// Whether no other page can belong to it.
    whole: bool,
    /// When the list counts as complete.
    pub(super) quiet: Instant,
}

impl Client {
    /// The first page of the list that the job we are at needs.
    pub(super) fn first_page(&mut self, now: Instant, entries: &[Entry<'_>]) {
        let listed = self.read(entries);
        if let [only] = listed.as_slice()
            && self.names.has_others_than(&only.user)
            && !std::mem::replace(&mut self.shen.asked_again, true)
            && let Some(job) = self.current.take()
        {
            // News of somebody (S13), for which the server took this number while our request was on its way, looks the same.
            return self.go_on(job);
        }
        self.shen.asked_again = false;
        let pages = Pages { listed, whole: !is_full(entries), quiet: now + QUIET };
        if pages.whole {
            self.listed(now, pages);
        } else {
            self.shen.pages = Some(pages);
        }
    }

    /// A further page, or news of somebody who has come into our decentralised room (S13).
    pub(super) fn further_page(&mut self, now: Instant, entries: &[Entry<'_>]) {
        let listed = self.read(entries);
        if let Some(pages) = &mut self.shen.pages {
            pages.listed.extend(listed);
            pages.quiet = now + QUIET;
            return;
        }
        let is_asking = matches!(self.current, Some(Job::Refresh | Job::Find(_, Ask::Join(_))));
        // The list that is on its way may be older.
        self.news |= is_asking;
        let Some(room) = self.room.as_ref().filter(|room| room.mode == Mode::Direct) else { return };
        let ours = room.name.clone();
        let is_news = listed.len() == 1;
        for who in listed {
            if who.room == ours && who.private {
                if is_news && !self.members.names().contains(&who.user) {
                    self.tell(Event::Joined(who.user.clone()));
                }
                let address = who.address.unwrap_or(NOWHERE);
                self.learn_member(&who.user, address);
                if is_asking {
                    self.shen.newcomers.push((who.user, address));
                }
            } else if who.address.is_some() || self.members.names().contains(&who.user) {
                // A member has left, our room has another name by now, or this is late news of the one before: a list
                // decides (M36).
                self.members_changed();
            }
        }
    }

    /// The list is complete.
    pub(super) fn listed(&mut self, now: Instant, pages: Pages) {
        let Pages { listed, whole, .. } = pages;
        if let Some(proposal) = &mut self.shen.offered {
            let rooms = listed.iter().filter(|who| who.private).map(|who| who.room.clone());
            proposal.before = rooms.collect();
        }
        let said = match &self.current {
            Some(Job::Locate(_)) => return self.located(now, &listed),
            Some(Job::Directory(_) | Job::Find(_, Ask::Tell { .. })) => {
                Said::Directory(listed.into_iter().map(|who| (who.handle, who.user)).collect())
            }
            Some(Job::Find(ticket, Ask::Join(room))) => {
                let (ticket, room) = (*ticket, room.clone());
                if self.shen.admitted.take_if(|admitted| *admitted == ticket).is_some() {
                    // What was said meanwhile was said for where we were.
                    self.abandon_texts();
                }
                let former = self.shen.handle;
                let shown = self.shown_as(&room, &listed);
                let mut said = self.seen_inside(&shown, &listed);
                if let Some(ours) = &self.room
                    && former != 0
                    && former == self.shen.handle
                {
                    // We were inside before, and may have heard since that it is called otherwise: what we know of its
                    // members still holds.
                    self.current = Some(Job::Find(ticket, Ask::Join(ours.name.clone())));
                    if let Said::In { members, .. } = &mut said {
                        add_missing(members, std::mem::take(&mut self.shen.newcomers));
                    }
                }
                said
            }
            Some(Job::Refresh) => match self.our_room(&listed, whole) {
                Some(said) => said,
                // Nobody else is in a room of this name: it has another name, or nobody else.
                None => return self.refreshed_in_vain(),
            },
            Some(Job::Users(_, Ask::ListUsers(room))) => Said::Users(self.people(room.as_deref(), &listed)),
            Some(Job::Users(_, Ask::ListRooms)) => Said::Rooms(self.rooms(&listed)),
            Some(_) => Said::Done,
            None => return,
        };
        self.job_answered(now, Ok::<_, No>(said));
    }

    /// The room we have come into, as its list shows it. Nobody says how its texts travel but by giving addresses; where
    /// nobody has one, the server passes on what we say.
    pub(super) fn seen_inside(&mut self, room: &str, listed: &[Listed]) -> Said {
        self.learn_handle(room, listed);
        let members = members_of(room, &self.config.name, listed);
        let told = self.shen.told.as_ref().filter(|(name, _)| name == room).map(|(_, mode)| *mode);
        let mode = mode_of(&members).or(told).unwrap_or(Mode::Central);
        Said::In { mode, members: if mode == Mode::Direct { members } else { Vec::new() } }
    }

    /// What the room that we asked for is called in the list: if it is the one we were in before, it may have been renamed
    /// since, and its addresses show it.
    fn shown_as(&self, room: &str, listed: &[Listed]) -> String {
        let handle = self.shen.handle;
        let is_ours =
            |who: &&Listed| handle != 0 && who.private && who.address.is_some() && who.room_handle == handle;
        let shown = listed.iter().find(is_ours).filter(|_| self.room.is_some());
        shown.map_or(room, |who| who.room.as_str()).into()
    }

    /// Our room, if it is listed; adopts the name it has by now, and what was decided about its mode. If we are in another
    /// one, nobody can tell since when: then it is lost.
    fn our_room(&mut self, listed: &[Listed], whole: bool) -> Option<Said> {
        let (ours, mode) = self.room.as_ref().map(|room| (room.name.clone(), room.mode))?;
        // Addresses are told for the room we are in, whatever it is called by now: its former name may be another one's.
        let addressed = listed.iter().find(|who| who.private && who.address.is_some());
        let named = || listed.iter().find(|who| who.private && who.room == ours);
        let inside = addressed.or_else(named)?;
        if self.shen.handle != 0 && inside.room_handle != self.shen.handle {
            if addressed.is_some() {
                // The server has moved us; what was said for our room must not be said there (M28).
                self.lose_room(Doubt::Crossed);
            }
            return None;
        }
        let name = inside.room.clone();
        self.learn_handle(&name, listed);
        let mut members = members_of(&name, &self.config.name, listed);
        if let Some(room) = self.room.as_mut().filter(|room| room.name != name) {
            room.name.clone_from(&name);
            self.tell(Event::Renamed(name));
        }
        add_missing(&mut members, std::mem::take(&mut self.shen.newcomers));
        self.vote_seen(mode_of(&members).unwrap_or(Mode::Central));
        let mode = self.room.as_ref().map_or(mode, |room| room.mode);
        if mode == Mode::Central {
            return Some(Said::In { mode, members: Vec::new() });
        }
        if !whole {
            let listed: Vec<String> = members.iter().map(|(name, _)| name.clone()).collect();
            let missing = self.members.addresses().filter(|(name, _)| !listed.contains(name));
            members.extend(missing);
        }
        Some(Said::In { mode, members })
    }

    /// Which handle our room has.
    pub(super) fn learn_handle(&mut self, room: &str, listed: &[Listed]) {
        let inside = listed.iter().find(|who| who.private && who.room == room);
        self.shen.handle = inside.map_or(0, |who| who.room_handle);
    }

    /// What the entries say, and whose handles they tell.
    fn read(&mut self, entries: &[Entry<'_>]) -> Vec<Listed> {
        let listed: Vec<Listed> = entries.iter().filter_map(read).collect();
        for who in &listed {
            self.names.learn(who.handle, who.user.clone());
        }
        listed
    }

    /// Who is on the server, or in a room. The list may leave out the one who asks.
    fn people(&self, room: Option<&str>, listed: &[Listed]) -> Vec<String> {
        let wanted = |who: &&Listed| room.is_none_or(|room| who.private && who.room == room);
        let mut names: Vec<String> = listed.iter().filter(wanted).map(|who| who.user.clone()).collect();
        let is_ours = room.is_none() || self.room.as_ref().map(|ours| ours.name.as_str()) == room;
        if is_ours && !names.contains(&self.config.name) {
            names.push(self.config.name.clone());
        }
        names
    }

    fn rooms(&self, listed: &[Listed]) -> Vec<(String, Mode, u8)> {
        let mut rooms: Vec<(String, Mode, u8)> = Vec::new();
        for who in listed.iter().filter(|who| who.private && who.user != self.config.name) {
            match rooms.iter_mut().find(|(name, ..)| *name == who.room) {
                Some((_, _, members)) => *members = members.saturating_add(1),
                None => rooms.push((who.room.clone(), Mode::Central, 1)),
            }
        }
        if let Some(ours) = &self.room {
            match rooms.iter_mut().find(|(name, ..)| *name == ours.name) {
                Some((_, mode, members)) => (*mode, *members) = (ours.mode, members.saturating_add(1)),
                None => rooms.push((ours.name.clone(), ours.mode, 1)),
            }
        }
        rooms
    }
}

fn add_missing(members: &mut Vec<(String, SocketAddrV4)>, others: Vec<(String, SocketAddrV4)>) {
    for other in others {
        if members.iter().all(|(name, _)| *name != other.0) {
            members.push(other);
        }
    }
}

/// Those who are in `room`, but ourselves.
pub(super) fn members_of(room: &str, us: &str, listed: &[Listed]) -> Vec<(String, SocketAddrV4)> {
    let inside = |who: &&Listed| who.private && who.room == room && who.user != us;
    listed.iter().filter(inside).map(|who| (who.user.clone(), who.address.unwrap_or(NOWHERE))).collect()
}

/// Only the members of a decentralised room have addresses that are told.
fn mode_of(members: &[(String, SocketAddrV4)]) -> Option<Mode> {
    members.iter().any(|(_, address)| *address != NOWHERE).then_some(Mode::Direct)
}

fn read(entry: &Entry<'_>) -> Option<Listed> {
    let shen::Listed { room, user, address } = shen::listed(entry)?;
    Some(Listed {
        handle: entry.user,
        user: user.into(),
        room: room.into(),
        room_handle: entry.room,
        private: entry.private,
        address,
    })
}

/// Whether the next entry may have found no room on the page.
fn is_full(entries: &[Entry<'_>]) -> bool {
    entries.iter().map(|entry| entry.text.len()).sum::<usize>().saturating_add(LONGEST_ENTRY) > MOST_TEXT
}
