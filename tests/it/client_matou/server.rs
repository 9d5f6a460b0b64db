//! A server of Matou made by hand: just what the private connections need, and without any check.
//!
//! In: bytes of its clients. Out: bytes to them. What it is told to say wrong, it says wrong.

use std::collections::BTreeMap;
use std::net::IpAddr;

use palabre::dialect::matou::{ErrorCode, Frames, Message, Way, folded};
use palabre::wire::{Deframer, Scratch};

#[derive(Debug, Default)]
pub(crate) struct Server {
    clients: BTreeMap<usize, Client>,
    /// What is to be sent to whom.
    pub(crate) says: Vec<(usize, Vec<u8>)>,
    /// Does not answer any more.
    pub(crate) is_mute: bool,
    /// What files claim as their size, by name.
    pub(crate) sizes: BTreeMap<String, u64>,
    /// All that was asked of it.
    pub(crate) heard: Vec<(usize, Message<'static>)>,
}

#[derive(Debug)]
struct Client {
    name: Option<String>,
    ip: IpAddr,
    frames: Deframer<Frames>,
}

impl Server {
    pub(crate) fn arrives(&mut self, who: usize, ip: IpAddr) {
        let frames = Deframer::new(Frames { way: Way::ToServer });
        self.clients.insert(who, Client { name: None, ip, frames });
    }

    pub(crate) fn leaves(&mut self, who: usize) {
        if let Some(name) = self.clients.remove(&who).and_then(|client| client.name) {
            self.tell_all(&Message::Left { name: name.into() });
        }
    }

    pub(crate) fn hears(&mut self, who: usize, mut bytes: &[u8]) {
        let mut messages = Vec::new();
        let Some(client) = self.clients.get_mut(&who) else { return };
        while let Some(message) = client.frames.next(&mut bytes).unwrap() {
            messages.push(Message::decode(&message, &mut Scratch::new()).unwrap().into_owned());
        }
        for message in messages {
            self.heard.push((who, message.clone()));
            if !self.is_mute {
                self.answer(who, message);
            }
        }
    }

    pub(crate) fn to(&mut self, who: usize, message: &Message<'_>) {
        let mut bytes = Vec::new();
        message.encode(&mut bytes).unwrap();
        self.says.push((who, bytes));
    }

    fn answer(&mut self, who: usize, message: Message<'static>) {
        let ours = self.clients[&who].name.clone().unwrap_or_default();
        let ip = self.clients[&who].ip;
        match message {
            Message::Connect { name } => {
                let accepted = self.who(&name).is_none();
                self.to(who, &Message::Connected { accepted });
                if accepted {
                    self.clients.get_mut(&who).unwrap().name = Some(name.clone().into_owned());
                    self.tell_all(&Message::Arrived { name });
                }
            }
            Message::Say { text } => self.tell_all(&Message::Said { author: ours.into(), text }),
            Message::Ask { name } => match self.who(&name) {
                Some(other) => self.to(other, &Message::Asked { name: ours.into() }),
                None => self.to(who, &Message::Error(ErrorCode::NotConnected)),
            },
            Message::Accept { name } => match self.who(&name) {
                Some(other) => self.to(other, &Message::Expect { name: ours.into(), address: ip }),
                None => self.to(who, &Message::Error(ErrorCode::NotAsked)),
            },
            Message::Offer { name, ports } => match self.who(&name) {
                Some(other) => self.to(other, &Message::Meet { name: ours.into(), address: ip, ports }),
                None => self.to(who, &Message::Error(ErrorCode::NotAsked)),
            },
            Message::SignOut => self.leaves(who),
            other => panic!("{other:?} is not for a server"),
        }
    }

    fn who(&self, name: &str) -> Option<usize> {
        let is_his = |client: &Client| client.name.as_deref().map(folded) == Some(folded(name));
        self.clients.iter().find(|(_, client)| is_his(client)).map(|(who, _)| *who)
    }

    fn tell_all(&mut self, message: &Message<'_>) {
        let named = self.clients.iter().filter(|(_, client)| client.name.is_some());
        for who in named.map(|(who, _)| *who).collect::<Vec<_>>() {
            self.to(who, message);
        }
    }
}
