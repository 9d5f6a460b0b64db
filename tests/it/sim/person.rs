//! What somebody in front of a client knows from its events alone: where he is, what he is asked, what he waits for.
//!
//! In: what he asked, the events of his client. Out: which room a text of his is meant for. Must not know the server.

use std::collections::BTreeMap;

use palabre::client::{Answer, Ask, Event, Fate, Invitation, Ticket};

use super::known::unnamed;

/// A room by its name; `None` is the public one.
pub(crate) type Place = Option<String>;

/// How often people came to a decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decisions {
    /// Proposed rooms that opened when somebody came, and those of which nothing came.
    pub(crate) opened: usize,
    pub(crate) not_opened: usize,
    /// Whether somebody was let in, after a manager was asked.
    pub(crate) admitted: usize,
    pub(crate) turned_away: usize,
}

/// One user in front of one client.
#[derive(Debug, Default)]
pub(crate) struct Person {
    /// Where he is, as far as he was told.
    place: Place,
    /// Where he has asked to go, and was not answered yet.
    moves: Vec<(Ticket, Place)>,
    /// Invitations he has not answered.
    pub(crate) offers: Vec<(Invitation, String)>,
    /// Other questions he has not answered.
    pub(crate) questions: Vec<Invitation>,
    /// He has invited people, and may choose how the texts of the room travel.
    pub(crate) may_choose: bool,
    /// How many rooms he has proposed, and not been told what became of them.
    proposed: usize,
    /// The room at whose door he waits.
    applied: Option<Ticket>,
    /// What he asked and was given no last word on.
    open: BTreeMap<Ticket, Ask>,
    pub(crate) is_registered: bool,
    pub(crate) has_ended: bool,
}

impl Person {
    /// The room that a text is meant for if he says it now: the one he will be in when what he asked before is done.
    pub(crate) fn means(&self) -> Place {
        self.moves.last().map_or(&self.place, |(_, place)| place).clone()
    }

    /// Whether he waits for a last word.
    pub(crate) fn waits(&self) -> bool {
        !self.open.is_empty()
    }

    pub(crate) fn asks(&mut self, ticket: Ticket, ask: &Ask) {
        self.open.insert(ticket, ask.clone());
        let place = match ask {
            Ask::Create { room, .. } | Ask::Join(room) | Ask::Switch(room) => Some(room.clone()),
            Ask::Answer { invitation, accept: true } => {
                let Some((_, room)) = self.offers.iter().find(|(offer, _)| offer == invitation) else {
                    return;
                };
                Some(if room.is_empty() { unnamed(ticket) } else { room.clone() })
            }
            Ask::Leave | Ask::Dissolve => None,
            Ask::ChooseMode(_) => {
                self.proposed += 1;
                self.may_choose = false;
                return;
            }
            _ => return,
        };
        self.moves.push((ticket, place));
    }

    /// Learns from an event of his client; an error says what it must not have said.
    pub(crate) fn is_told(&mut self, event: &Event, decisions: &mut Decisions) -> Result<(), String> {
        match event {
            Event::Registered { .. } => {
                self.is_registered = true;
                self.place = None;
            }
            Event::Forgotten => {
                self.is_registered = false;
                self.place = None;
                self.offers.clear();
                self.questions.clear();
                (self.may_choose, self.proposed) = (false, 0);
            }
            Event::Closed(room) => {
                if self.place.as_ref() != Some(room) {
                    return Err(format!("{room} has closed, but he is in {:?}", self.place));
                }
                self.place = None;
            }
            Event::Invited { invitation, room, .. } => self.offers.push((*invitation, room.clone())),
            Event::Question { question, .. } => self.questions.push(*question),
            Event::ModeOffered => self.may_choose = true,
            Event::Undecided { ticket } => {
                self.moves.retain(|(asked, _)| asked != ticket);
                self.applied = Some(*ticket);
            }
            Event::Opened { room, .. } => {
                self.proposal_ends()?;
                decisions.opened += 1;
                self.place = Some(room.clone());
            }
            Event::NotOpened => {
                self.proposal_ends()?;
                decisions.not_opened += 1;
            }
            Event::Renamed(room) if self.place.is_some() => self.place = Some(room.clone()),
            Event::Text { fate: Fate::Delayed, .. } => {}
            Event::Text { ticket, .. } => _ = self.has_last_word(*ticket)?,
            Event::Answered { ticket, answer } => {
                let asked = self.has_last_word(*ticket)?;
                self.moves.retain(|(asked, _)| asked != ticket);
                let waited = self.applied.take_if(|applied| applied == ticket).is_some();
                match (asked, answer) {
                    (_, Answer::In { room, .. }) => {
                        decisions.admitted += usize::from(waited);
                        self.place = Some(room.clone());
                    }
                    (_, Answer::Left) => self.place = None,
                    (Ask::ChooseMode(_), Answer::Refused(_)) => self.proposal_ends()?,
                    (Ask::Rename(room), Answer::Done) if self.place.is_some() => self.place = Some(room),
                    (_, Answer::Refused(_)) => decisions.turned_away += usize::from(waited),
                    _ => {}
                }
            }
            Event::Disconnected | Event::NotRegistered { .. } => self.has_ended = true,
            _ => {}
        }
        if matches!(event, Event::Disconnected) {
            self.open.retain(|_, ask| !matches!(ask, Ask::Disconnect));
        }
        Ok(())
    }

    fn has_last_word(&mut self, ticket: Ticket) -> Result<Ask, String> {
        self.open.remove(&ticket).ok_or_else(|| format!("two last words on {ticket:?}"))
    }

    /// What became of a room that he proposed is told once.
    fn proposal_ends(&mut self) -> Result<(), String> {
        self.proposed = self.proposed.checked_sub(1).ok_or("he has proposed no room")?;
        Ok(())
    }
}
