//! The bytes of a file, in base64 (B5).
//!
//! In: a JSON string in the standard alphabet with its padding, or bytes. Out: the bytes, or the string. Must not know how
//! many are allowed.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// The bytes of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct FileBytes(pub Vec<u8>);

impl FileBytes {
    /// Bytes as they stand in a message, without the quotes.
    #[must_use]
    pub fn text(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }
}

impl fmt::Debug for FileBytes {
    /// Without the bytes: they are many.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileBytes({})", self.0.len())
    }
}

impl Serialize for FileBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Self::text(&self.0))
    }
}

impl<'de> Deserialize<'de> for FileBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(BytesVisitor)
    }
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = FileBytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string in base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FileBytes, E> {
        STANDARD.decode(text).map(FileBytes).map_err(|why| E::custom(format_args!("base64: {why}")))
    }
}
