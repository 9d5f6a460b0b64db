//! What people do: talk, move about, invite, answer, decide.
//!
//! In: chance. Out: requests to clients. Must not know the network, nor what is right.

use palabre::client::{Ask, Invitation, Protocol};
use palabre::vocab::Mode;

use super::scenario::{Deed, Scenario};
use super::setting::Cast;

/// Lengths of texts that Shen's clients and the server split at different places; each last part is long enough to be
/// recognised.
const LENGTHS: [usize; 4] = [950, 1_100, 2_000, 2_500];

impl Scenario {
    pub(super) fn says(&mut self, n: usize) {
        let is_long = self.cast == Cast::Mixed && self.chance.u8(..12) == 0;
        let length = if is_long { LENGTHS[self.chance.usize(..LENGTHS.len())] } else { 0 };
        let text = self.world.unique_text(n, length);
        let is_for_one = self.world.nodes[n].protocol == Protocol::Shen && self.chance.u8(..6) == 0;
        let ask = match self.somebody_else(n).filter(|_| is_for_one) {
            Some(user) => Ask::Tell { user, text },
            None => Ask::Say(text),
        };
        self.world.ask(n, ask);
    }

    pub(super) fn moves_about(&mut self, n: usize) {
        match self.world.nodes[n].protocol {
            Protocol::Msp => self.msp_moves(n),
            Protocol::Shen => self.shen_moves(n),
        }
    }

    fn msp_moves(&mut self, n: usize) {
        let room = format!("{}{}", if self.chance.bool() { 'c' } else { 'd' }, self.chance.u8(..2));
        let mode = if room.starts_with('d') { Mode::Direct } else { Mode::Central };
        let capacity = if self.chance.u8(..4) == 0 { 2 } else { 20 };
        let other = self.anybody(n);
        let ask = match self.chance.u8(..10) {
            0..=1 => Ask::Create { room, mode, capacity },
            2..=4 => Ask::Join(self.some_room(room)),
            5 => Ask::Switch(self.some_room(room)),
            6 => Ask::Leave,
            _ => Ask::Invite(other),
        };
        self.world.ask(n, ask);
    }

    fn shen_moves(&mut self, n: usize) {
        let person = &self.world.nodes[n].person;
        if person.may_choose && self.chance.u8(..3) > 0 {
            return self.chooses(n);
        }
        let new_name = format!("r{}", self.chance.u8(..4));
        let mode = self.some_mode();
        let ask = match self.chance.u8(..20) {
            0..=5 => {
                let guests: Vec<_> = (0..self.chance.usize(1..4)).map(|_| self.anybody(n)).collect();
                let wait = self.chance.u64(300..5_000);
                self.do_later(wait, Deed::Choose(n));
                Ask::Invite(guests.join(", "))
            }
            6..=9 => Ask::Join(self.some_room(new_name)),
            10 => Ask::Switch(self.some_room(new_name)),
            11 => Ask::Leave,
            12..=13 => Ask::Name(new_name),
            14 => Ask::Rename(new_name),
            15..=18 => Ask::ChangeMode(mode),
            _ => Ask::Dissolve,
        };
        self.world.ask(n, ask);
    }

    /// He decides how the texts of the room travel that he has invited to.
    pub(super) fn chooses(&mut self, n: usize) {
        if self.world.nodes[n].person.may_choose {
            let mode = self.some_mode();
            self.world.ask(n, Ask::ChooseMode(mode));
        }
    }

    pub(super) fn answers(&mut self, n: usize, invitation: Invitation) {
        let accept = self.chance.u8(..4) > 0;
        let person = &mut self.world.nodes[n].person;
        let is_asked = person.offers.iter().any(|(offer, _)| *offer == invitation);
        if is_asked || person.questions.contains(&invitation) {
            self.world.ask(n, Ask::Answer { invitation, accept });
            let person = &mut self.world.nodes[n].person;
            person.offers.retain(|(offer, _)| *offer != invitation);
            person.questions.retain(|question| *question != invitation);
        }
    }

    pub(super) fn lists(&mut self, n: usize) {
        let ask = match self.chance.u8(..3) {
            0 => Ask::ListRooms,
            1 => Ask::ListUsers(None),
            _ => Ask::ListUsers(Some("c0".into())),
        };
        self.world.ask(n, ask);
    }

    /// What he is asked and has not answered.
    pub(super) fn open_question(&mut self, n: usize) -> Option<Invitation> {
        let person = &self.world.nodes[n].person;
        let offer = person.offers.last().map(|(offer, _)| *offer);
        offer.into_iter().chain(person.questions.last().copied()).max()
    }

    /// Somebody's name, as this protocol has it; maybe one's own.
    fn anybody(&mut self, n: usize) -> String {
        let other = self.chance.usize(..self.world.nodes.len());
        self.world.nodes[other].shown_to(self.world.nodes[n].protocol)
    }

    fn somebody_else(&mut self, n: usize) -> Option<String> {
        let other = self.chance.usize(..self.world.nodes.len());
        (other != n).then(|| self.world.nodes[other].name.clone())
    }

    /// A room that there is, where people of both protocols may meet, or this one.
    fn some_room(&mut self, or: String) -> String {
        if self.cast == Cast::Msp || self.chance.u8(..3) == 0 {
            return or;
        }
        let rooms: Vec<_> =
            self.world.server.rooms().rooms().map(|(_, room)| room.name.to_string()).collect();
        if rooms.is_empty() { or } else { rooms[self.chance.usize(..rooms.len())].clone() }
    }

    fn some_mode(&mut self) -> Mode {
        if self.chance.bool() { Mode::Central } else { Mode::Direct }
    }
}
