//! Where the server has put us, from what it says of it (B9).
//!
//! In: the words of a SYSTEM message. Out: the room they say we are in now. Must not know why.
//!
//! The language has no message for this but these words. To misread them is harmless: a text names the room it is meant
//! for, so it is refused, not heard elsewhere.

/// The room in which somebody called `own`, who was in `room`, is now.
pub(super) fn place<'w>(words: &'w str, own: &str, room: &str) -> Option<&'w str> {
    let came = words.strip_prefix(own).and_then(|rest| rest.strip_prefix(" a rejoint la room "));
    let closed = || {
        let rest = words.strip_prefix("la room ")?.strip_prefix(room)?;
        rest.strip_prefix(" est fermée, vous êtes dans la room ")
    };
    let renamed = || words.strip_prefix("cette room s'appelle ")?.strip_suffix(" maintenant");
    came.or_else(closed).or_else(renamed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_tell_of_a_move_are_understood() {
        assert_eq!(place("bob a rejoint la room les amis", "bob", "public"), Some("les amis"));
        assert_eq!(
            place("la room lol est fermée, vous êtes dans la room public", "bob", "lol"),
            Some("public")
        );
        assert_eq!(place("cette room s'appelle amis maintenant", "bob", "lol"), Some("amis"));
    }

    #[test]
    fn words_about_others_move_nobody() {
        for words in [
            "alice a rejoint la room lol",
            "bobby a rejoint la room lol",
            "bob a quitté la room lol",
            "la room autre est fermée, vous êtes dans la room public",
            "bob a rejoint le chat",
        ] {
            assert_eq!(place(words, "bob", "lol"), None, "{words}");
        }
    }
}
