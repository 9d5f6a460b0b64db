//! The protocols whose messages can be shown.
//!
//! In: a datagram, or a piece of a stream. Out: its messages, their fields and names. Must not know how they are shown.

use clap::ValueEnum;
use palabre::dialect::{matou, msp, shen, stories, stumtp};
use palabre::wire::{Deframer, FieldRow, Framing, Malformed};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Protocol {
    Msp,
    Shen,
    Matou,
    Stories,
    Stumtp,
}

impl Protocol {
    /// The fields up to the first that is wrong, and what is wrong with it.
    pub(super) fn dissect(self, message: &[u8]) -> (Vec<FieldRow>, Result<(), Malformed>) {
        match self {
            Self::Msp => msp::dissect(message),
            Self::Shen => shen::dissect(message),
            Self::Matou => matou::dissect(message),
            Self::Stories => stories::dissect(message),
            Self::Stumtp => stumtp::dissect(message),
        }
    }

    /// What the message is called; `None` when its header says nothing that has a name.
    pub(super) fn message(self, message: &[u8]) -> Option<&'static str> {
        match self {
            Self::Msp => Some(msp::RawHeader::peek(message)?.kind()?.wire_name()),
            Self::Shen => Some(shen::RawHeader::peek(message)?.kind()?.wire_name()),
            Self::Matou => Some(matou::Kind::peek(message)?.wire_name()),
            Self::Stories => stories::command(message),
            Self::Stumtp => Some(stumtp::decode(message).ok()?.name()),
        }
    }

    /// What comes together, message by message. In a stream the last piece may be less than a message, or none.
    pub(super) fn messages(self, bytes: &[u8]) -> Vec<&[u8]> {
        match self {
            Self::Msp | Self::Shen => vec![bytes],
            Self::Matou => pieces(matou::Frames::default(), bytes),
            Self::Stories => {
                pieces(stories::StoriesFraming::answers(stories::form(bytes), stories::DEFAULT_LIMIT), bytes)
            }
            Self::Stumtp => pieces(stumtp::FRAMING, bytes),
        }
    }
}

fn pieces(framing: impl Framing, bytes: &[u8]) -> Vec<&[u8]> {
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    let mut deframer = Deframer::new(framing);
    loop {
        let mut after = rest;
        let Ok(Some(message)) = deframer.next(&mut after) else { break };
        pieces.extend(rest.get(..message.len()));
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(rest);
    }
    pieces
}
