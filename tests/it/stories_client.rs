//! A client of Stories driven by hand, one frame at a time. It is written from the rulings, not from the codec.
//!
//! In: texts to send. Out: the texts of the frames that came. Must not know what a command does.

use palabre::engine::{Config, Dialect, Listener};
use palabre::ids::ListenerId;

use crate::served::Served;
use crate::streamed::Line;

/// How the ends of texts are marked (B1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marks {
    Lengths,
    Lines,
}

pub(crate) struct Client {
    pub(crate) line: Line,
    marks: Marks,
}

/// A server where Stories is spoken, and nothing else.
pub(crate) fn server() -> Served {
    Served::new(Config::new(vec![Listener::of(Dialect::Stories)]))
}

/// The bytes of a frame.
pub(crate) fn framed(text: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(text.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(text);
    bytes
}

impl Client {
    /// A connection to the first listener.
    pub(crate) fn new(served: &Served, marks: Marks) -> Self {
        Self::at(served, ListenerId(0), marks)
    }

    pub(crate) fn at(served: &Served, listener: ListenerId, marks: Marks) -> Self {
        Self { line: Line::new(served, listener), marks }
    }

    /// Somebody who has signed in between bars.
    #[track_caller]
    pub(crate) fn bar(served: &Served, name: &str) -> Self {
        Self::bar_at(served, ListenerId(0), name)
    }

    #[track_caller]
    pub(crate) fn bar_at(served: &Served, listener: ListenerId, name: &str) -> Self {
        let client = Self::at(served, listener, Marks::Lengths);
        assert_eq!(
            client.asks(&format!("LOGIN|{name}")),
            [""; 0],
            "a bar LOGIN that succeeds is not answered"
        );
        client
    }

    /// Somebody who has signed in between quotation marks, in frames.
    #[track_caller]
    pub(crate) fn quoted(served: &Served, name: &str) -> Self {
        Self::quoted_at(served, ListenerId(0), name)
    }

    #[track_caller]
    pub(crate) fn quoted_at(served: &Served, listener: ListenerId, name: &str) -> Self {
        let client = Self::at(served, listener, Marks::Lengths);
        let answer = client.asks(&format!("LOGIN \"{name}\""));
        assert!(matches!(&answer[..], [rooms] if rooms.starts_with("DISPLAY_ROOM")), "{answer:?}");
        client
    }

    /// The bytes that say this here.
    pub(crate) fn bytes(&self, text: &str) -> Vec<u8> {
        match self.marks {
            Marks::Lengths => framed(text.as_bytes()),
            Marks::Lines => format!("{text}\n").into_bytes(),
        }
    }

    pub(crate) fn sends(&self, text: &str) {
        self.line.sends(&self.bytes(text));
    }

    /// Sends a text, and what is heard after it.
    pub(crate) fn asks(&self, text: &str) -> Vec<String> {
        self.sends(text);
        self.hears()
    }

    /// The texts that came since the last time.
    #[track_caller]
    pub(crate) fn hears(&self) -> Vec<String> {
        let bytes = self.line.heard();
        let mut rest = &bytes[..];
        let mut texts = Vec::new();
        while !rest.is_empty() {
            let (text, after) = match self.marks {
                Marks::Lengths => {
                    let (length, after) = rest.split_at(4);
                    after.split_at(u32::from_be_bytes(length.try_into().unwrap()) as usize)
                }
                Marks::Lines => {
                    let end = rest.iter().position(|byte| *byte == b'\n').expect("a whole line");
                    (&rest[..end], &rest[end + 1..])
                }
            };
            assert!(!text.is_empty(), "no frame is empty");
            texts.push(String::from_utf8(text.to_vec()).unwrap());
            rest = after;
        }
        texts
    }

    /// Exactly this was heard since the last time.
    #[track_caller]
    pub(crate) fn heard<const N: usize>(&self, texts: [&str; N]) {
        assert_eq!(self.hears(), texts);
    }

    /// Sends a text that is answered by a refusal in the style of the connection, which stays open.
    #[track_caller]
    pub(crate) fn is_refused(&self, text: &str) {
        let heard = self.asks(text);
        let is_refusal = |text: &str| text.starts_with("KO \"") || text.starts_with("ERROR|");
        assert!(matches!(&heard[..], [one] if is_refusal(one)), "{text:?}: {heard:?}");
        assert!(!self.line.is_closed(), "{text:?}");
    }

    pub(crate) fn forgets(&self) {
        self.line.heard();
    }
}
