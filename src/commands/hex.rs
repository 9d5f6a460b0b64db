//! Hex as people paste it.
//!
//! In: a line. Out: bytes, or where it is not hex. Must not know what the bytes are.

/// The bytes of `text`: groups of digit pairs, with spaces or colons between them and `0x` before any.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn parse(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for group in text.split(|c: char| c.is_whitespace() || c == ':').filter(|group| !group.is_empty()) {
        let digits = group.strip_prefix("0x").or_else(|| group.strip_prefix("0X")).unwrap_or(group);
        let mut high = None;
        for c in digits.chars() {
            let digit = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let digit = digit.ok_or_else(|| format!("{c:?} is not a hex digit"))?;
            match high.take() {
                None => high = Some(digit << 4),
                Some(high) => bytes.push(high | digit),
            }
        }
        if high.is_some() {
            return Err(format!("{group:?} ends with half a byte"));
        }
    }
    Ok(bytes)
}

/// `bytes` as hex digits, nothing between them.
pub(super) fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_may_be_grouped_prefixed_and_in_either_case() {
        for text in ["0a0B10", "0a 0b 10", " 0x0a0b10 ", "0X0A:0b:10", "0x0a 0x0b\t0x10", "0A0b 10"] {
            assert_eq!(parse(text), Ok(vec![0x0a, 0x0b, 0x10]), "{text}");
        }
        assert_eq!(parse(""), Ok(vec![]));
    }

    #[test]
    fn what_is_not_hex_says_why() {
        assert_eq!(parse("0a 0g"), Err("'g' is not a hex digit".into()));
        assert_eq!(parse("0a b 10"), Err("\"b\" ends with half a byte".into()));
        assert_eq!(parse("\u{1b}[2J"), Err("'\\u{1b}' is not a hex digit".into()));
    }

    #[test]
    fn digits_are_the_inverse() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(parse(&digits(&all)), Ok(all));
    }
}
