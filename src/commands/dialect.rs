//! The protocols, as arguments name them.
//!
//! In: an argument. Out: a dialect. Must not know what is done with it.

use clap::ValueEnum;
use palabre::engine::Dialect;

// Not documentation: clap would make a page of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Protocol {
    Msp,
    Shen,
    Matou,
    Stories,
    Stumtp,
}

impl Protocol {
    /// The same in the engine's words.
    pub(super) const fn dialect(self) -> Dialect {
        match self {
            Self::Msp => Dialect::Msp,
            Self::Shen => Dialect::Shen,
            Self::Matou => Dialect::Matou,
            Self::Stories => Dialect::Stories,
            Self::Stumtp => Dialect::Stumtp,
        }
    }
}
