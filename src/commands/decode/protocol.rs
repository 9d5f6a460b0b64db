//! The protocols whose datagrams can be shown.
//!
//! In: a datagram. Out: its fields, and the name of its message. Must not know how they are shown.

use clap::ValueEnum;
use palabre::dialect::{msp, shen, stories};
use palabre::wire::{FieldRow, Malformed};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Protocol {
    Msp,
    Shen,
    Stories,
}

impl Protocol {
    /// The fields up to the first that is wrong, and what is wrong with it.
    pub(super) fn dissect(self, datagram: &[u8]) -> (Vec<FieldRow>, Result<(), Malformed>) {
        match self {
            Self::Msp => msp::dissect(datagram),
            Self::Shen => shen::dissect(datagram),
            Self::Stories => stories::dissect(datagram),
        }
    }

    /// What the message is called; `None` when its header says nothing that has a name.
    pub(super) fn message(self, datagram: &[u8]) -> Option<&'static str> {
        match self {
            Self::Msp => Some(msp::RawHeader::peek(datagram)?.kind()?.wire_name()),
            Self::Shen => Some(shen::RawHeader::peek(datagram)?.kind()?.wire_name()),
            Self::Stories => stories::command(datagram),
        }
    }
}
