//! Every field with its name and its width, and the order in which the messages have them.
//!
//! In: nothing. Out: constants that framing, decode and encode share. The width of a string is that of a byte.

use super::{Kind, LONGEST_FILE_NAME, LONGEST_NAME, LONGEST_TEXT};
use crate::wire::Field;

/// The type of the message.
pub(super) const TYPE: Field = Field::new("Type", 32);
/// What an ERROR is about.
pub(super) const CODE: Field = Field::new("Code", 32);
/// Whether a name was given to the one who asked.
pub(super) const ACCEPTED: Field = Field::new("Acceptation", 8);
/// Where the one who asked waits for messages.
pub(super) const MESSAGE_PORT: Field = Field::new("PortMessage", 32);
/// Where he waits for files.
pub(super) const FILE_PORT: Field = Field::new("PortFile", 32);
/// How many bytes an address has: 4 or 16.
pub const ADDRESS_SIZE: Field = Field::new("SizeAddress", 32);
/// The address.
pub const ADDRESS: Field = Field::octet("Address");
/// The upper half of the number of bytes of a file: no field of a reader is as wide as the whole.
pub const FILE_SIZE_HIGH: Field = Field::new("SizeFile (high)", 32);
/// The lower half.
pub const FILE_SIZE_LOW: Field = Field::new("SizeFile (low)", 32);

/// A string behind its size.
#[derive(Clone, Copy, Debug)]
pub struct Str {
    /// The number of its bytes.
    pub size: Field,
    /// One byte of it.
    pub text: Field,
    /// The most bytes it has.
    pub longest: usize,
}

/// The name of a user.
pub(super) const USERNAME: Str =
    Str { size: Field::new("SizeUsername", 32), text: Field::new("Username", 8), longest: LONGEST_NAME };
/// What somebody says.
pub(super) const MESSAGE: Str =
    Str { size: Field::new("SizeMessage", 32), text: Field::new("Message", 8), longest: LONGEST_TEXT };
/// The name of a file.
pub(super) const FILE_NAME: Str =
    Str { size: Field::new("SizeFilename", 32), text: Field::new("Filename", 8), longest: LONGEST_FILE_NAME };

/// What a message has behind its type, as far as its end depends on it.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Numbers.
    Fixed(&'static [Field]),
    /// A string.
    Str(Str),
    /// An address behind its size: [`ADDRESS_SIZE`], [`ADDRESS`].
    Address,
    /// The size of a file, whose bytes are not a part of the message: [`FILE_SIZE_HIGH`], [`FILE_SIZE_LOW`].
    FileSize,
}

/// Every field that holds a number, for those who describe the protocol elsewhere.
pub const NUMBERS: &[Field] = &[
    TYPE,
    CODE,
    ACCEPTED,
    MESSAGE_PORT,
    FILE_PORT,
    ADDRESS_SIZE,
    FILE_SIZE_HIGH,
    FILE_SIZE_LOW,
    USERNAME.size,
    MESSAGE.size,
    FILE_NAME.size,
];
/// Every field that holds bytes.
pub const STRINGS: &[Field] = &[ADDRESS, USERNAME.text, MESSAGE.text, FILE_NAME.text];
/// What the two values of Acceptation mean, in their order.
pub const ACCEPTED_WORDS: [&str; 2] = ["name taken", "accepted"];

impl Kind {
    /// The parts of a message of this type, in their order.
    #[must_use]
    pub const fn parts(self) -> &'static [Part] {
        const PORTS: Part = Part::Fixed(&[MESSAGE_PORT, FILE_PORT]);
        match self {
            Self::Error => &[Part::Fixed(&[CODE])],
            Self::Connected => &[Part::Fixed(&[ACCEPTED])],
            Self::Connect | Self::Arrived | Self::Left | Self::Ask | Self::Asked | Self::Accept => {
                &[Part::Str(USERNAME)]
            }
            Self::Say | Self::Private => &[Part::Str(MESSAGE)],
            Self::Said => &[Part::Str(USERNAME), Part::Str(MESSAGE)],
            Self::Offer => &[Part::Str(USERNAME), PORTS],
            Self::Expect => &[Part::Str(USERNAME), Part::Address],
            Self::Meet => &[Part::Str(USERNAME), Part::Address, PORTS],
            Self::File => &[Part::Str(FILE_NAME), Part::FileSize],
            Self::SignOut | Self::PrivateSignOut => &[],
        }
    }
}
