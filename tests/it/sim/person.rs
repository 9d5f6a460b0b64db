//! What somebody in front of a client knows from its events alone: where he is, what he is asked, what he waits for.
//!
//! In: what he asked, the events of his client. Out: which room a text of his is meant for. Must not know the server.

use std::collections::BTreeMap;

use palabre::client::{Answer, Ask, Event, Fate, Invitation, Ticket};

/// A room by its name; `None` is the public one.
pub(crate) type Place = Option<String>;

/// One user in front of one client.
#[derive(Debug, Default)]
pub(crate) struct Person {
    /// Where he is, as far as he was told.
    place: Place,
    /// Where he has asked to go, and was not answered yet.
    moves: Vec<(Ticket, Place)>,
    /// Invitations he has not answered.
    pub(crate) offers: Vec<(Invitation, String)>,
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
                Some(room.clone())
            }
            Ask::Leave => None,
            _ => return,
        };
        self.moves.push((ticket, place));
    }

    /// Learns from an event of his client; an error says what it must not have said.
    pub(crate) fn is_told(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::Registered { .. } => {
                self.is_registered = true;
                self.place = None;
            }
            Event::Forgotten => {
                self.is_registered = false;
                self.place = None;
                self.offers.clear();
            }
            Event::Closed(room) => {
                if self.place.as_ref() != Some(room) {
                    return Err(format!("{room} has closed, but he is in {:?}", self.place));
                }
                self.place = None;
            }
            Event::Invited { invitation, room, .. } => self.offers.push((*invitation, room.clone())),
            Event::Text { fate: Fate::Delayed, .. } => {}
            Event::Text { ticket, .. } => self.has_last_word(*ticket)?,
            Event::Answered { ticket, answer } => {
                self.has_last_word(*ticket)?;
                self.moves.retain(|(asked, _)| asked != ticket);
                match answer {
                    Answer::In { room, .. } => self.place = Some(room.clone()),
                    Answer::Left => self.place = None,
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

    fn has_last_word(&mut self, ticket: Ticket) -> Result<(), String> {
        self.open.remove(&ticket).map(|_| ()).ok_or_else(|| format!("two last words on {ticket:?}"))
    }
}
