//! Names of users.
//!
//! In: a text. Out: whether it is a name (A1), and what of it two names have in common that count as the same. Must not know
//! whether anybody has it.

use unicode_general_category::{GeneralCategory, get_general_category};

/// The most bytes of a user's name (A1).
pub const LONGEST_NAME: usize = 32;
/// The most bytes of a file's name.
pub const LONGEST_FILE_NAME: usize = 64;

/// Whether a text is a name: 1 to 32 bytes, letters and digits of the basic plane alone (A1).
#[must_use]
pub fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && text.chars().all(legal)
}

/// Whether a name may have this character: a letter or a decimal digit, whatever the script, of the basic plane (A1).
#[must_use]
pub fn legal(c: char) -> bool {
    use GeneralCategory::{
        DecimalNumber, LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter,
    };
    c.is_ascii_alphanumeric()
        || (c <= '\u{ffff}'
            && matches!(
                get_general_category(c),
                UppercaseLetter
                    | LowercaseLetter
                    | TitlecaseLetter
                    | ModifierLetter
                    | OtherLetter
                    | DecimalNumber
            ))
}

/// The name without its letter case: names that are equal so are one name (A1). Letters are taken one by one, as the
/// original program does: one whose other case is several letters, such as `ß`, has none.
#[must_use]
pub fn folded(name: &str) -> String {
    let upper = name.chars().map(|c| single(c, c.to_uppercase()));
    upper.map(|c| single(c, c.to_lowercase())).collect()
}

/// What a letter becomes, when that is one letter; else the letter.
fn single(c: char, mut others: impl Iterator<Item = char>) -> char {
    match (others.next(), others.next()) {
        (Some(other), None) => other,
        _ => c,
    }
}
