//! A server and clients of both protocols around it, over a network that may lose: virtual time, so that tests read like
//! a story.
//!
//! In: what each of them wants. Out: what each is told, in order. Must not know what is in a datagram.

use std::net::SocketAddr;

use palabre::client::{Answer, Ask, Client, Config, Event, Fate, Input, Invitation, Output, Speaker, Ticket};
use palabre::engine::{self, Listener, Server};
use palabre::ids::ListenerId;
use palabre::netsim::{Conditions, Network};
use palabre::time::{Duration, Instant};
use palabre::vocab::Mode;

/// Where the server listens: MSP and Shen's protocol.
fn server(listener: usize) -> SocketAddr {
    ([192, 0, 2, 1], if listener == 0 { 7401 } else { 7403 }).into()
}

fn place(n: usize) -> SocketAddr {
    ([192, 0, 2, 100 + n as u8], 40_000).into()
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// All of them, and what they were told and nobody has looked at.
pub(crate) struct Hall {
    server: Server,
    pub(crate) clients: Vec<Client>,
    told: Vec<Vec<Event>>,
    pub(crate) net: Network,
    pub(crate) now: Instant,
    tickets: u64,
}

impl Hall {
    /// Clients of these names, registered; a name that ends with '@' is one of MSP, without the '@'.
    pub(crate) fn of(names: &[&str]) -> Self {
        let mut hall = Self::unregistered(names, 1);
        hall.passes(ms(3_000));
        for told in &mut hall.told {
            assert!(matches!(told.as_slice(), [Event::Registered { .. }]), "{told:?}");
            told.clear();
        }
        hall
    }

    pub(crate) fn unregistered(names: &[&str], seed: u64) -> Self {
        let config = engine::Config::new(vec![Listener::msp(), Listener::shen()]);
        let now = Instant::from_secs(1);
        let mut net = Network::new(seed);
        net.set_default(Conditions { delay: ms(20), ..Conditions::default() });
        let clients = names.iter().zip(1..).map(|(name, n)| {
            let config = match name.strip_suffix('@') {
                Some(name) => Config::new(name, server(0)),
                None => Config::shen(name, server(1)),
            };
            Client::new(config, seed * 100 + n, now)
        });
        let clients: Vec<_> = clients.collect();
        let told = clients.iter().map(|_| Vec::new()).collect();
        let mut hall = Self { server: Server::new(config, seed), clients, told, net, now, tickets: 0 };
        hall.drain();
        hall
    }

    pub(crate) fn wants(&mut self, who: usize, ask: Ask) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.clients[who].handle_input(self.now, Input::Ask(ticket, ask));
        self.drain();
        ticket
    }

    pub(crate) fn says(&mut self, who: usize, text: &str) -> Ticket {
        self.wants(who, Ask::Say(text.into()))
    }

    /// Time passes, and all that is due happens.
    pub(crate) fn passes(&mut self, wait: Duration) {
        let end = self.now + wait;
        loop {
            let clients = self.clients.iter().filter_map(Client::poll_timeout).min();
            let due = [self.net.poll_timeout(), self.server.poll_timeout(), clients];
            let Some(due) = due.into_iter().flatten().min().filter(|due| *due <= end) else { break };
            self.now = self.now.max(due);
            while let Some(arrived) = self.net.poll(self.now) {
                self.arrives(arrived.from, arrived.to, &arrived.bytes);
            }
            self.server.handle_timeout(self.now);
            for client in &mut self.clients {
                if client.poll_timeout().is_some_and(|due| due <= self.now) {
                    client.handle_timeout(self.now);
                }
            }
            self.drain();
        }
        self.now = end;
    }

    fn arrives(&mut self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        if let Some(listener) = (0..2).find(|n| server(*n) == to) {
            let listener = ListenerId(listener);
            self.server.handle_input(self.now, engine::Input::Datagram { listener, from, bytes });
        } else if let Some(who) = (0..self.clients.len()).find(|who| place(*who) == to) {
            self.clients[who].handle_input(self.now, Input::Datagram { from, bytes });
        }
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.server.poll_output() {
            if let engine::Output::Datagram(sent) = output {
                self.net.send(self.now, server(sent.listener.0), sent.to, &sent.payload.to_vec());
            }
        }
        for who in 0..self.clients.len() {
            while let Some(output) = self.clients[who].poll_output() {
                match output {
                    Output::Event(event) => self.told[who].push(event),
                    Output::Datagram { to, payload } => {
                        self.net.send(self.now, place(who), to, &payload.to_vec());
                    }
                }
            }
        }
    }

    /// What somebody was told since the last time.
    pub(crate) fn told(&mut self, who: usize) -> Vec<Event> {
        std::mem::take(&mut self.told[who])
    }

    /// What somebody was told, once it has had time to come.
    #[track_caller]
    pub(crate) fn hears(&mut self, who: usize, expected: &[Event]) {
        self.passes(ms(1_000));
        assert_eq!(self.told(who), expected);
    }

    pub(crate) fn forgets_all(&mut self) {
        self.told.iter_mut().for_each(Vec::clear);
    }

    /// The question or invitation that somebody was told last.
    #[track_caller]
    pub(crate) fn question(&mut self, who: usize) -> Invitation {
        let told = self.told(who);
        let found = told.iter().rev().find_map(|event| match event {
            Event::Invited { invitation, .. } => Some(*invitation),
            Event::Question { question, .. } => Some(*question),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("nothing was asked: {told:?}"))
    }

    pub(crate) fn answers(&mut self, who: usize, invitation: Invitation, accept: bool) -> Ticket {
        self.wants(who, Ask::Answer { invitation, accept })
    }

    /// `who` invites `guests` into a room of this name, and all of them come.
    #[track_caller]
    pub(crate) fn opens(&mut self, who: usize, guests: &[(usize, &str)], room: &str, mode: Mode) {
        let names: Vec<&str> = guests.iter().map(|(_, name)| *name).collect();
        self.wants(who, Ask::Invite(names.join(", ")));
        self.wants(who, Ask::Name(room.into()));
        self.wants(who, Ask::ChooseMode(mode));
        self.passes(ms(500));
        for (guest, _) in guests {
            let question = self.question(*guest);
            self.answers(*guest, question, true);
            self.passes(ms(1_000));
            assert_eq!(self.clients[*guest].room(), Some((room, mode)), "{:?}", self.told[*guest]);
        }
        assert_eq!(self.clients[who].room(), Some((room, mode)), "{:?}", self.told[who]);
        self.passes(ms(1_000));
        self.forgets_all();
    }
}

pub(crate) fn heard(from: &str, text: &str) -> Event {
    Event::Heard { from: Speaker::Named(from.into()), text: text.into() }
}

pub(crate) const fn delivered(ticket: Ticket) -> Event {
    Event::Text { ticket, fate: Fate::Delivered }
}

pub(crate) const fn answered(ticket: Ticket, answer: Answer) -> Event {
    Event::Answered { ticket, answer }
}
