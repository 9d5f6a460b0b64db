//! `--map PORT=DIALECT`.
//!
//! In: an argument. Out: a port and what is spoken there. Must not know packets.

use clap::ValueEnum;
use palabre::engine::Dialect;

use crate::commands::dialect::Protocol;

/// A port, and what is spoken there.
pub(super) type Mapped = (u16, Dialect);

/// Reads one.
pub(super) fn mapped(text: &str) -> Result<Mapped, String> {
    let (port, dialect) = text.split_once('=').ok_or("it has the form PORT=DIALECT, as 9000=msp")?;
    let port = port.trim().parse().ok().filter(|port| *port > 0);
    let port = port.ok_or("a port is a number from 1 to 65535")?;
    let protocol = Protocol::from_str(dialect.trim(), true)
        .map_err(|_| String::from("a dialect is msp, shen, matou, stories or stumtp"))?;
    Ok((port, protocol.dialect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_mapped_to_a_dialect() {
        assert_eq!(mapped("9000=msp"), Ok((9000, Dialect::Msp)));
        assert_eq!(mapped("1=Stumtp"), Ok((1, Dialect::Stumtp)));
        for wrong in ["9000", "0=msp", "65536=msp", "-1=msp", "msp=9000", "9000=mps", "="] {
            assert!(mapped(wrong).is_err(), "{wrong}");
        }
    }
}
