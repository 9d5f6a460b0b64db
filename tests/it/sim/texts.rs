//! Texts that can be recognised, whole or in parts.
//!
//! In: a tag that no other text has, a length; parts of such texts. Out: the text; the tag of a part, and where in the
//! text it begins. Must not know who splits texts, nor where.

/// Every so many bytes a long text says which one it is, and how far one has read.
const WORD: usize = 16;
/// Of these so many for the tag.
const TAG: usize = 11;

/// A text that is its tag alone, or one of `length` bytes that carries its tag in every part.
pub(crate) fn unique(tag: &str, length: usize) -> String {
    if length == 0 {
        return tag.into();
    }
    let words = (0..=length / WORD).map(|n| format!("{tag:_<TAG$}{n:04} "));
    let mut text: String = words.collect();
    text.truncate(length);
    text
}

/// The tag of a text or of a part of one that has a whole word, and the place of its first byte in the text.
pub(crate) fn tag_of(part: &str) -> Option<(&str, usize)> {
    if !part.contains('_') {
        return Some((part, 0));
    }
    // No tag has a second 'u', so one at the start begins a word.
    let word = if part.starts_with('u') { 0 } else { part.find(' ')? + 1 };
    let tag = part.get(word..word + TAG)?.trim_end_matches('_');
    let number: usize = part.get(word + TAG..word + WORD - 1)?.parse().ok()?;
    Some((tag, (number * WORD).checked_sub(word)?))
}

#[test]
fn a_part_of_a_text_tells_where_it_comes_from() {
    let text = unique("u11.3#1234", 2_500);
    assert_eq!((text.len(), tag_of(&text)), (2_500, Some(("u11.3#1234", 0))));
    for at in [1, 15, 16, 17, 900, 1_011, 2_450] {
        assert_eq!(tag_of(&text[at..]), Some(("u11.3#1234", at)), "{at}");
    }
    assert_eq!(tag_of(&unique("u1.1#0", 0)), Some(("u1.1#0", 0)));
}
