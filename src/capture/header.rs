//! What a capture of palabre says about the server that wrote it.
//!
//! In: the settings of a server. Out: a line of JSON, and back. Must not know where it stands in the file.

use core::fmt;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::engine::{Config, Registry};

/// The version of the format that is written, and the only one that is checked.
pub const FORMAT: u32 = 1;

/// How many bytes of names one comment has, at most; it has room for twice as much.
const NAMES: usize = 32 << 10;

/// All that is needed to start the same server again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the program.
    pub palabre: String,
    /// The version of the format: [`FORMAT`].
    pub format: u32,
    /// Which file of the capture this is, from 1.
    pub part: u32,
    /// The seed of the server.
    #[serde(with = "hexadecimal")]
    pub seed: u64,
    /// When the server's clock began: microseconds since 1970.
    pub origin: u64,
    /// Where its listeners listen, in the order of the configuration.
    pub addresses: Vec<SocketAddr>,
    /// What it was told before it started.
    pub config: Config,
    /// To whom names belonged when it started (S7).
    pub names: BTreeMap<String, IpAddr>,
    /// How many files it had kept from before (B5).
    pub files: usize,
}

impl Header {
    /// Reads what [`fmt::Display`] has written. `None`: it is not from palabre.
    ///
    /// # Errors
    /// When it is, but cannot be read: why.
    pub fn parse(comment: &str) -> Option<Result<Self, String>> {
        comment
            .starts_with(BEGINNING)
            .then(|| serde_json::from_str(comment).map_err(|error| error.to_string()))
    }

    /// Reads it from the comments of a section. `None`: it is not from palabre.
    ///
    /// # Errors
    /// When it is, but cannot be read: why.
    pub(super) fn read(comments: impl Iterator<Item = String>) -> Option<Result<Self, String>> {
        let mut comments = comments.skip_while(|comment| !comment.starts_with(BEGINNING));
        let mut header = match Self::parse(&comments.next()?)? {
            Ok(header) => header,
            Err(why) => return Some(Err(why)),
        };
        for more in comments.filter(|comment| comment.starts_with(MORE)) {
            match serde_json::from_str::<More>(&more) {
                Ok(more) => header.names.extend(more.names),
                Err(why) => return Some(Err(why.to_string())),
            }
        }
        Some(Ok(header))
    }

    /// The comments that say it, one line each. Where there are many names the first does not have them all.
    pub(super) fn comments(&self) -> Vec<String> {
        let mut names = self.names.clone().into_iter().peekable();
        let mut some = || {
            let mut bytes = 0_usize;
            let mut some = BTreeMap::new();
            while let Some((name, owner)) = names.next_if(|(name, _)| {
                // As it is written, with its address.
                bytes = bytes.saturating_add(json_bytes(name)).saturating_add(48);
                bytes <= NAMES
            }) {
                some.insert(name, owner);
            }
            some
        };
        let first = Self { names: some(), ..self.clone() };
        let more = core::iter::from_fn(|| Some(More { names: some() }).filter(|more| !more.names.is_empty()));
        let more: Vec<_> = more.filter_map(|more| serde_json::to_string(&more).ok()).collect();
        [vec![first.to_string()], more].concat()
    }

    /// To whom names belonged when the server started.
    #[must_use]
    pub fn registry(&self) -> Registry {
        self.names.iter().map(|(name, owner)| (name.as_str().into(), *owner)).collect()
    }
}

/// How the comments begin.
const BEGINNING: &str = r#"{"palabre":"#;
const MORE: &str = r#"{"names":"#;

/// Names for which the first comment has no room.
#[derive(Serialize, Deserialize)]
struct More {
    names: BTreeMap<String, IpAddr>,
}

fn json_bytes(name: &str) -> usize {
    serde_json::to_string(name).map_or(0, |text| text.len())
}

impl fmt::Display for Header {
    /// One line of JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// A number that not every reader of JSON could read as one.
mod hexadecimal {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{number:016x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let digits = String::deserialize(deserializer)?;
        u64::from_str_radix(&digits, 16)
            .map_err(|_| D::Error::custom("a seed has 1 to 16 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_line_and_is_read_as_it_was_written() {
        let header = Header {
            palabre: "0.1.0".into(),
            format: FORMAT,
            part: 1,
            seed: u64::MAX - 1,
            origin: 1_700_000_000_000_000,
            addresses: vec!["[::1]:7401".parse().unwrap()],
            config: Config::msp(),
            names: [("lucy\n".into(), "192.0.2.1".parse().unwrap())].into(),
            files: 3,
        };
        let line = header.to_string();
        assert!(!line.contains('\n') && line.contains(r#""seed":"fffffffffffffffe""#), "{line}");
        assert_eq!(Header::parse(&line), Some(Ok(header)));
        assert_eq!(Header::parse("somebody's comment"), None);
        assert!(matches!(Header::parse(r#"{"palabre":7}"#), Some(Err(_))));
    }
}
