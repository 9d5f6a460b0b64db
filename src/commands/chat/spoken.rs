//! What a client and its server speak, of all there is.
//!
//! In: a word of the command line. Out: a protocol of datagrams, or one of streams. Must not know a session.

use clap::ValueEnum;
use palabre::client::stream;

use super::protocol::Protocol;

// Not documentation: clap would make a page of it.
// All five protocols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Spoken {
    #[default]
    Msp,
    Shen,
    Matou,
    Stories,
    Stumtp,
}

/// The same, by what carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    Datagrams(Protocol),
    Stream(stream::Protocol),
}

impl Spoken {
    /// The port where a server speaks it unless it is told otherwise.
    pub(super) const fn port(self) -> u16 {
        match self {
            Self::Msp => Protocol::Msp.port(),
            Self::Shen => Protocol::Shen.port(),
            Self::Matou => 7404,
            Self::Stories => 7402,
            Self::Stumtp => 7400,
        }
    }

    pub(super) const fn carried(self) -> Carried {
        match self {
            Self::Msp => Carried::Datagrams(Protocol::Msp),
            Self::Shen => Carried::Datagrams(Protocol::Shen),
            Self::Matou => Carried::Stream(stream::Protocol::Matou),
            Self::Stories => Carried::Stream(stream::Protocol::Stories),
            Self::Stumtp => Carried::Stream(stream::Protocol::Stumtp),
        }
    }
}
