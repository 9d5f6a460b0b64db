//! Those who come in datagrams.

use palabre::dialect::msp::Body;
use palabre::dialect::shen::{self, Kind, said};
use palabre::ids::ListenerId;

use super::{Person, start};
use crate::engine_words::{join, text as msp_text};
use crate::served::{Served, Way};
use crate::shen_client::{ack, plain, send};
use crate::{msp_client, shen_client};

/// The longest text that MSP's server takes (M25).
const LONGEST: usize = 60_000;
/// What certainly fits a message of Shen's protocol with what stands around it (S14).
const LONGEST_OF_SHEN: usize = 900;

pub(super) struct Msp {
    client: msp_client::Client,
    _table: msp_client::Table,
}

impl Msp {
    pub(super) fn new(served: &Served, at: ListenerId, name: &str) -> Self {
        let table = msp_client::Table::at(served, at);
        Self { client: table.joins(name), _table: table }
    }
}

impl Person for Msp {
    fn can_say(&self, text: &str) -> String {
        start(text, LONGEST)
    }

    fn says(&self, text: &str) {
        assert_eq!(self.client.asks(msp_text(text)), Body::TextReply);
    }

    fn joins(&self, room: &str) {
        assert!(matches!(self.client.asks(join(room)), Body::JoinRoomReply(_)));
    }

    fn hears(&self, _: &str) -> String {
        let mut heard = String::new();
        let mut authors = Vec::new();
        for message in self.client.takes_all() {
            let Body::Text { text, order: None } = message.body else { panic!("{message:?}") };
            heard.push_str(&text);
            authors.push(message.user);
        }
        authors.dedup();
        assert!(authors.len() <= 1 && !authors.contains(&0), "one author: {authors:?}");
        heard
    }

    fn carries(&self, text: &str) -> String {
        text.into()
    }

    fn is_quiet(&self) {
        self.client.forgets();
        self.client.gets_nothing();
    }
}

pub(super) struct Shen {
    client: shen_client::Client,
    _table: shen_client::Table,
}

impl Shen {
    pub(super) fn new(served: &Served, at: ListenerId, name: &str) -> Self {
        let table = shen_client::Table::at(served, at);
        let client = table.joins(name);
        client.is(Way::Open);
        Self { client, _table: table }
    }
}

impl Person for Shen {
    fn can_say(&self, text: &str) -> String {
        // What ends a line ends a message (S2).
        start(text, LONGEST_OF_SHEN).trim_end_matches(['\r', '\n']).into()
    }

    fn says(&self, text: &str) {
        assert_eq!(self.client.asks(send(0, text)), ack(""));
    }

    fn joins(&self, room: &str) {
        assert_eq!(self.client.asks(plain(Kind::Join, room)).kind(), Kind::Ack);
    }

    fn hears(&self, author: &str) -> String {
        let mut heard = String::new();
        for message in self.client.takes_all() {
            let shen::Body::Speech { kind: Kind::Relay, text, emitter, receiver: 0 } = message.body else {
                panic!("{message:?}")
            };
            assert_ne!(emitter, 0, "not the server");
            let (text, by) = said(&text);
            assert_eq!(by, Some(author));
            heard.push_str(text);
        }
        heard
    }

    fn carries(&self, text: &str) -> String {
        text.into()
    }

    fn is_quiet(&self) {
        self.client.takes_all();
        self.client.gets_nothing();
    }
}
