//! Names as they are on the wire, and the rules a good one keeps.
//!
//! In: the bytes before a '#'. Out: [`Name`], and for one that keeps the rules a `&str` (M3). Must not know whether
//! anybody has the name.

use core::fmt;
use std::borrow::Cow;

/// What ends a name on the wire.
pub const DELIMITER: u8 = 0x23;

/// A name as it travels: 0 to 255 bytes without a '#'. Whether it is a good name is for [`user_name`] and
/// [`room_name`] to say: a bad one is not malformed, only nobody's (M3).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name<'a>(Cow<'a, [u8]>);

impl<'a> Name<'a> {
    /// The longest that can travel, in bytes, without the '#'.
    pub const LONGEST: usize = 255;

    /// A name to send; `None` when it has a '#' or is longer than [`Name::LONGEST`].
    #[must_use]
    pub fn new(name: &'a str) -> Option<Self> {
        Self::from_bytes(name.as_bytes())
    }

    /// A name of any bytes, borrowed or owned; `None` as for [`Name::new`].
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Cow<'a, [u8]>>) -> Option<Self> {
        let bytes = bytes.into();
        (bytes.len() <= Self::LONGEST && !bytes.contains(&DELIMITER)).then_some(Self(bytes))
    }

    /// Bytes that were read up to the '#' and no further than [`Name::LONGEST`].
    #[inline]
    pub(super) const fn from_wire(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }

    /// The bytes, without the '#'.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name as text; `None` when it is not UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        core::str::from_utf8(&self.0).ok()
    }

    /// The same name, borrowed from nowhere.
    #[must_use]
    pub fn into_owned(self) -> Name<'static> {
        Name(Cow::Owned(self.0.into_owned()))
    }
}

impl fmt::Display for Name<'_> {
    /// What is not UTF-8 is shown as U+FFFD.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// The name as that of a user: 1 to 10 bytes of UTF-8 without control characters; otherwise `None`.
#[must_use]
pub fn user_name<'n>(name: &'n Name<'_>) -> Option<&'n str> {
    good(name, 10)
}

/// The name as that of a room: 1 to 50 bytes of UTF-8 without control characters; otherwise `None`.
#[must_use]
pub fn room_name<'n>(name: &'n Name<'_>) -> Option<&'n str> {
    good(name, 50)
}

fn good<'n>(name: &'n Name<'_>, longest: usize) -> Option<&'n str> {
    let fits = (1..=longest).contains(&name.as_bytes().len());
    name.as_str().filter(|text| fits && !text.chars().any(char::is_control))
}
