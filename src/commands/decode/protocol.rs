//! The protocols whose messages can be shown.
//!
//! In: a datagram, or a piece of a stream. Out: its messages, their fields and names. Must not know how they are shown.

use clap::ValueEnum;
use palabre::dialect::{matou, msp, shen, stories};
use palabre::wire::{Deframer, FieldRow, Malformed};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Protocol {
    Msp,
    Shen,
    Matou,
    Stories,
}

impl Protocol {
    /// The fields up to the first that is wrong, and what is wrong with it.
    pub(super) fn dissect(self, datagram: &[u8]) -> (Vec<FieldRow>, Result<(), Malformed>) {
        match self {
            Self::Msp => msp::dissect(datagram),
            Self::Shen => shen::dissect(datagram),
            Self::Matou => matou::dissect(datagram),
            Self::Stories => stories::dissect(datagram),
        }
    }

    /// What the message is called; `None` when its header says nothing that has a name.
    pub(super) fn message(self, datagram: &[u8]) -> Option<&'static str> {
        match self {
            Self::Msp => Some(msp::RawHeader::peek(datagram)?.kind()?.wire_name()),
            Self::Shen => Some(shen::RawHeader::peek(datagram)?.kind()?.wire_name()),
            Self::Matou => Some(matou::Kind::peek(datagram)?.wire_name()),
            Self::Stories => stories::command(datagram),
        }
    }

    /// What comes together, message by message. In a stream the last piece may be less than a message, or none.
    pub(super) fn messages(self, bytes: &[u8]) -> Vec<&[u8]> {
        let Self::Matou = self else { return vec![bytes] };
        let (mut pieces, mut rest) = (Vec::new(), bytes);
        let mut frames = Deframer::new(matou::Frames::default());
        loop {
            let mut after = rest;
            let Ok(Some(message)) = frames.next(&mut after) else { break };
            pieces.extend(rest.get(..message.len()));
            rest = after;
        }
        if !rest.is_empty() || pieces.is_empty() {
            pieces.push(rest);
        }
        pieces
    }
}
