//! Texts that carry the name of the one who wrote them (S14).
//!
//! In: a text and a name, or what a server has passed on. Out: the other. Must not know handles, nor whether there is
//! anybody of that name.

use super::header::MOST_TEXT;
use super::user_name;

/// The most bytes of a text that is sent with the end of its line (S1, S2): as much as one may say by 22.
pub const LONGEST_TEXT: usize = MOST_TEXT - END.len();

/// The most bytes of a text that can be passed on for an author whose name has so many bytes.
#[must_use]
pub const fn longest_relayed(name_bytes: usize) -> usize {
    LONGEST_TEXT.saturating_sub(END.len()).saturating_sub(name_bytes).saturating_sub(WRITES.len())
}

/// What 23 says when the server passes a text on: the text, and a line of its own for its author. Nothing in the text
/// can pass for that line, as the last one counts.
#[must_use]
pub fn relayed(text: &str, author: &str) -> String {
    [text, END, author, WRITES].concat()
}

/// What was said and by whom, from the text of a 23: [`relayed`], or the "text, AUTHOR envoie" of the examples. Where
/// the end names nobody, all of it is what was said.
#[must_use]
pub fn said(relayed: &str) -> (&str, Option<&str>) {
    author_of(relayed).map_or((relayed, None), |(text, author)| (text, Some(author)))
}

fn author_of(relayed: &str) -> Option<(&str, &str)> {
    let named = relayed.strip_suffix(WRITES)?;
    // No name has a comma or the end of a line: whichever comes last stands before the author.
    let at = named.rfind([',', '\n'])?;
    let (text, rest) = named.split_at_checked(at)?;
    let (text, author) = match rest.strip_prefix('\n') {
        Some(author) => (text.strip_suffix('\r').unwrap_or(text), author),
        None => (text, rest.strip_prefix(',')?.trim_start_matches(' ')),
    };
    Some((text, user_name(author)?))
}

const END: &str = "\r\n";
/// Follows the name of an author.
const WRITES: &str = " envoie";
