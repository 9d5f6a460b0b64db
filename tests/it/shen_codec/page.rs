//! The page `spec/shen.md` against the codec: its examples, its names of fields.

use palabre::dialect::shen::{Kind, dissect};

use super::{decoded, encoded};
use crate::codec::from_hex;

const PAGE: &str = include_str!("../../../spec/shen.md");

/// The bytes of a line of the page, when it has nothing but pairs of hex digits.
fn bytes(line: &str) -> Option<Vec<u8>> {
    let is_pair = |pair: &str| pair.len() == 2 && pair.chars().all(|c| c.is_ascii_hexdigit());
    let mut pairs = line.split(' ');
    pairs.all(is_pair).then(|| from_hex(&line.replace(' ', "")))
}

#[test]
fn each_example_of_the_page_is_what_the_page_says_it_is_and_what_is_sent() {
    let mut examples = 0;
    for block in PAGE.split("```text\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let datagram: Vec<u8> = block.lines().map_while(bytes).flatten().collect();
        if datagram.is_empty() {
            continue;
        }
        examples += 1;
        let words = block.lines().skip_while(|line| bytes(line).is_some()).collect::<Vec<_>>().join(" ");
        let (rows, result) = dissect(&datagram);
        assert_eq!(result, Ok(()), "{block}");
        let shown: Vec<_> = rows.iter().map(|row| format!("{} {}", row.name, row.value)).collect();
        assert_eq!(words, shown.join(" | "), "{block}");
        assert_eq!(encoded(&decoded(&datagram).unwrap()), datagram, "{block}");
    }
    assert!(examples > 20, "{examples}");
}

#[test]
fn each_message_of_the_conversation_on_the_page_is_sent_so() {
    let rows: Vec<_> = PAGE.lines().filter(|line| line.starts_with("| ") && line.contains(" → ")).collect();
    let mut messages = 0;
    for row in rows {
        let Some(datagram) = row.split('`').nth(1).and_then(bytes) else { continue };
        messages += 1;
        let message = decoded(&datagram).unwrap_or_else(|why| panic!("{row}: {why}"));
        assert_eq!(encoded(&message), datagram, "{row}");
        let what = row.split('|').nth(2).unwrap().trim();
        let code = what.split([' ', ',']).next().unwrap().replace("ACK", "10");
        assert_eq!(code, message.kind().code().to_string(), "{row}");
    }
    assert!(messages > 10, "{messages}");
}

#[test]
fn each_type_has_its_row_in_the_table_of_messages() {
    for kind in Kind::ALL {
        let format = 1 + kind.format() as u8;
        let row = PAGE.lines().find(|line| {
            line.starts_with(&format!("| {} ", kind.code())) && line.contains(&format!(" | {format} | "))
        });
        assert!(row.is_some(), "{kind}");
    }
}
