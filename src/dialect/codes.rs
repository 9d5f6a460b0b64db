//! Numbers with names: an enum whose every value is stated once, with its number and its wire name.
//!
//! In: a table. Out: the enum, `from_code`, `code` and `wire_name`. Must not know which protocol the table is from.

/// Declares an enum of `u8` codes. Each row: documentation, `Variant = code, "WIRE_NAME"`.
macro_rules! codes {
    (
        $(#[$doc:meta])* pub enum $name:ident {
            $($(#[$row:meta])* $variant:ident = $code:literal, $wire:literal;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$row])* $variant = $code,)+
        }

        impl $name {
            /// All of them, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The one with this number; `None` when the number is reserved.
            #[inline]
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Its number on the wire.
            #[inline]
            #[must_use]
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// Its name in the specification; plain words where that gives none.
            #[must_use]
            pub const fn wire_name(self) -> &'static str {
                match self {
                    $(Self::$variant => $wire,)+
                }
            }
        }

        impl core::fmt::Display for $name {
            /// The wire name.
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.wire_name())
            }
        }
    };
}

pub(crate) use codes;
