//! Words that only those can know who were told: 128 bits each, never the same twice.
//!
//! In: a secret, drawn when the server starts. Out: [`Token`]s. Must not know what they open, nor how long.

use core::fmt;

use sha2::{Digest, Sha256};

/// Such a word: 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Token(u128);

/// Where they come from: from those that were given out nobody can tell the next.
pub(super) struct Tokens {
    secret: [u8; 32],
    given: u64,
}

impl Tokens {
    /// With a secret from the server's own chance.
    pub(super) fn new(random: &mut fastrand::Rng) -> Self {
        let mut secret = [0; 32];
        random.fill(&mut secret);
        Self { secret, given: 0 }
    }

    /// The next one.
    pub(super) fn next(&mut self) -> Token {
        self.given = self.given.wrapping_add(1);
        let digest =
            Sha256::new().chain_update(self.secret).chain_update(self.given.to_be_bytes()).finalize();
        let half = digest.iter().take(16);
        Token(half.fold(0, |word, byte| (word << 8) | u128::from(*byte)))
    }
}

impl Token {
    /// Only the form it is written in; anything else is no token.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(is_digit) {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(Self)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Token {
    /// Whoever reads a log shall not be able to use it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} given)", self.given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_read_as_they_are_written() {
        let mut tokens = Tokens::new(&mut fastrand::Rng::with_seed(7));
        let some: std::collections::BTreeSet<Token> = (0..1_000).map(|_| tokens.next()).collect();
        assert_eq!(some.len(), 1_000);
        assert!(some.iter().all(|token| Token::parse(&token.to_string()) == Some(*token)));
        let other = Tokens::new(&mut fastrand::Rng::with_seed(8)).next();
        assert!(!some.contains(&other));
    }

    #[test]
    fn what_is_not_written_like_a_token_is_none() {
        let token = Tokens::new(&mut fastrand::Rng::with_seed(7)).next().to_string();
        let signed = format!("+{}", &token[1..]);
        for text in ["", "0", &token.to_uppercase(), &signed, &format!("{token}0"), &token.replace('0', "é")]
        {
            assert!(Token::parse(text).is_none() || text == token, "{text}");
        }
    }
}
