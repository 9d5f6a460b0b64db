//! What people say on connections in a story that nobody thought of.
//!
//! In: bytes. Out: messages of each dialect, mostly sensible. Must not know what the server makes of them.

use palabre::dialect::matou::{Message, Ports};
use palabre::dialect::stories::{Form, frame};
use palabre::dialect::stumtp::{Frame, carried};
use palabre::engine::Dialect;

use super::said_in_datagrams;

/// The bytes of the story; zeros when they are used up.
pub(crate) struct Story<'a> {
    left: &'a [u8],
}

const NAMES: [&str; 6] = ["ann", "Bob", "bob", "Zoé", "a|b", "far too long a name for most of the dialects"];
const TEXTS: [&str; 6] = ["hello", "é|\"\\", "a\nb", "", "{\"type\":", "MSG|x"];

/// Commands of Stories, in both styles, and its JSON; `@` is a name, `#` a text, `%` a token.
const REQUESTS: [&str; 40] = [
    "LOGIN \"@\"",
    "LOGIN|@",
    "login|@",
    "JOIN_ROOM \"room1\"",
    "JOIN_ROOM \"nowhere\"",
    "JOIN_ROOM|room2",
    "ROOM|den",
    "ROOM|public",
    "ROOM|@",
    "MSG \"public\" \"@\" \"hi\"",
    "MSG \"room1\" \"@\" \"#\"",
    "MSG|#",
    "MSG|",
    "BYE \"public\" \"@\"",
    "BYE \"room1\" \"@\"",
    "QUIT",
    "FILE \"room1\" \"@\" \"f\"",
    "BEGIN_SEQUENCE|7",
    "NONSENSE",
    "",
    "{\"type\":\"SEND_FILE\",\"seq\":1,\"room\":\"public\",\"meta\":{\"filename\":\"f\",\"size\":3},\"data\":\"YWJj\"}",
    "{\"type\":\"SEND_FILE\",\"seq\":\"x\",\"room\":\"room1\",\"meta\":{\"filename\":\"../f\",\"size\":9},\"data\":\"Y\"}",
    "{\"type\":\"GET_FILE\",\"seq\":1,\"filename\":\"1_f\"}",
    "{\"type\":\"GET_FILE\",\"seq\":1,\"filename\":\"f\"}",
    "{\"type\":\"BEGIN_SEQUENCE\",\"seq\":5,\"action\":\"VOTE\",\"room\":\"public\",\"details\":{},\"timeout\":9}",
    "{\"type\":\"BEGIN_SEQUENCE\",\"seq\":5,\"action\":\"CONFIRM\",\"to\":\"@\",\"room\":\"public\"}",
    "{\"type\":\"VOTE\",\"seq\":5,\"vote\":\"yes\"}",
    "{\"type\":\"VOTE\",\"seq\":5,\"vote\":\"no\",\"from\":\"@\"}",
    "{\"type\":\"CONFIRM\",\"seq\":5,\"ok\":true}",
    "{\"type\":\"P2P_REQUEST\",\"to\":\"@\",\"port\":4000}",
    "{\"type\":\"P2P_ACCEPT\",\"from\":\"@\",\"port\":4001}",
    "{\"type\":\"P2P_REFUSE\",\"from\":\"@\"}",
    "{\"type\":\"P2P_READY\",\"token\":\"%\"}",
    "{\"type\":\"P2P_FAILED\",\"token\":\"%\"}",
    "{\"type\":\"P2P_RELAY\",\"token\":\"%\",\"data\":\"x\"}",
    "{\"type\":\"P2P_HELLO\",\"token\":\"%\"}",
    "{\"type\":5}",
    "{\"seq\":1e99,\"type\":\"VOTE\"}",
    "{}",
    "[[[[",
];

impl<'a> Story<'a> {
    pub(crate) const fn new(data: &'a [u8]) -> Self {
        Self { left: data }
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    pub(crate) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, left) = self.left.split_at(len.min(self.left.len()));
        self.left = left;
        taken
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.below(NAMES.len())]
    }

    fn text(&mut self) -> String {
        let text = TEXTS[self.below(TEXTS.len())];
        if self.below(16) == 0 { text.repeat(90) } else { text.into() }
    }

    /// A message of Matou, of any type: those that only servers send, too.
    pub(crate) fn matou(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let message = match self.below(12) {
            0..=2 => Message::Connect { name: self.name().into() },
            3..=5 => Message::Say { text: self.text().into() },
            6 => Message::Ask { name: self.name().into() },
            7 => Message::Accept { name: self.name().into() },
            8 => {
                let ports = Ports { messages: i32::from(self.byte()), files: i32::from(self.byte()) - 9 };
                Message::Offer { name: self.name().into(), ports }
            }
            9 => Message::SignOut,
            10 => Message::Private { text: self.text().into() },
            _ => Message::Arrived { name: self.name().into() },
        };
        // What cannot be written is too long for its message: its start is sent as it is.
        if message.encode(&mut bytes).is_err() {
            bytes.extend([0, 0, 0, 4, 0, 0, 2, 1]);
        }
        bytes
    }

    /// A request of Stories' language.
    fn request(&mut self, token: &str) -> String {
        let template = REQUESTS[self.below(REQUESTS.len())];
        let (name, text) = (self.name(), self.text());
        template.replace('@', name).replace('#', &text).replace('%', token)
    }

    pub(crate) fn stories(&mut self) -> Vec<u8> {
        let form = if self.below(4) == 0 { Form::Lines } else { Form::Prefixed };
        let mut bytes = Vec::new();
        let request = self.request("00000000000000000000000000000000");
        frame(form, &request, &mut bytes);
        bytes
    }

    pub(crate) fn stumtp(&mut self, id: u64, seen: u64, token: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let request = self.request(token);
        let request = carried(&request);
        let login = format!("LOGIN \"{}\"", self.name());
        let resume = format!("RESUME \"{token}\"");
        let ack = Some(seen).filter(|_| self.below(2) == 0);
        let frame = match self.below(12) {
            0..=2 => Frame::Numbered { id: 0, ack, text: &login },
            3 => Frame::Numbered { id: 0, ack, text: &resume },
            4 => Frame::Plain(&login),
            5 => Frame::Plain(&request),
            6 => Frame::Ack(seen),
            7 => Frame::Numbered { id: id + 3, ack, text: &request },
            _ => Frame::Numbered { id, ack, text: &request },
        };
        assert!(frame.encode(&mut bytes).is_ok(), "the story writes what can be written");
        bytes
    }

    pub(crate) fn msp(&mut self) -> Vec<u8> {
        let (name, seq) = (["ann", "Bob", "eve"][self.below(3)], self.u16());
        said_in_datagrams(Dialect::Msp, name, "from afar", seq)
    }

    pub(crate) fn shen(&mut self) -> Vec<u8> {
        let (name, seq) = (["Sheng", "bob", "Lucy"][self.below(3)], self.u16());
        said_in_datagrams(Dialect::Shen, name, "de loin", seq)
    }
}
