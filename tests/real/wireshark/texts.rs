//! Texts for the dialects in streams, beyond those of their specifications.

use palabre::engine::Dialect;

use super::framed;

/// Messages with texts that are hard to read.
pub(crate) fn of(dialect: Dialect) -> Vec<Vec<u8>> {
    match dialect {
        Dialect::Stories => stories(),
        Dialect::Stumtp => stumtp(),
        _ => Vec::new(),
    }
}

/// Texts of Stories: both styles with faults of all sorts, JSON good and bad, lines.
fn stories() -> Vec<Vec<u8>> {
    let json = [
        "{",
        "{}",
        " {} ",
        "\u{a0}{}",
        "{}x",
        "{\"a\":1,}",
        "{\"a\":[1,2,{\"b\":null}],\"c\":\"\\u00e9\\n\"}",
        "{\"a\":01}",
        "{\"a\":-0.5e+3}",
        "{\"a\":1.}",
        "{\"a\":tru}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":[}",
        "{\"a\" : false , \"b\" : [ ] }",
        "{\"a\":[1,]}",
        "{'a':1}",
        "{\"\u{7f}\":\"\\ud800\"}",
        "{\"a\"}",
        "{}{}",
    ];
    let words = [
        "MSG|",
        "MSG | a | b ",
        "ROOM|\u{2003}a\u{3000}|",
        "LOGIN \"a\\\\\\\"b\" \u{a0}",
        "LOGIN  \t \"a\"\"b\"  \n",
        "a\u{85}b",
        "LOGIN \"a\\n\"",
        "MSG\u{2028}x",
        "",
        "  ",
        "||",
        "\"\"",
        "é|",
        "FILE",
        "QUIT now",
    ];
    let all = json.iter().chain(&words).map(|text| framed(text.as_bytes()));
    let lines = [
        "LOGIN|alice\n",
        "MSG \"public\" \"alice\" \"bonjour\"\r\n",
        "QUIT\n",
        "{\"type\":\"VOTE\"}\n",
        "a\0b\n",
    ];
    all.chain(spaces().map(|text| framed(text.as_bytes())))
        .chain(lines.iter().map(|line| line.as_bytes().to_vec()))
        .collect()
}

/// White space of all sorts, and what only looks like it, around everything.
fn spaces() -> impl Iterator<Item = String> {
    let alike = ['\u{180e}', '\u{200b}', '\u{2060}', '\u{feff}', '\u{1c}', '\u{7f}', '\u{84}', '\u{a1}'];
    let spaces = ('\0'..='\u{3100}').filter(|c| c.is_whitespace());
    spaces
        .chain(alike)
        .flat_map(|c| [format!("{c}LOGIN{c} \"a\"{c}"), format!("MSG{c}x{c}"), format!("FILE|{c}a{c}|")])
}

/// Bytes at the borders of UTF-8, on either side, in a text of STUMTP: the fault says where they stand.
fn stumtp() -> Vec<Vec<u8>> {
    const BORDERS: [&[u8]; 24] = [
        b"\x7f",
        b"\x80",
        b"\xbf",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xc2\x80",
        b"\xc2\x7f",
        b"\xdf\xbf",
        b"\xe0\x9f\xbf",
        b"\xe0\xa0\x80",
        b"\xed\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xee\x80\x80",
        b"\xef\xbf\xbf",
        b"\xf0\x8f\xbf\xbf",
        b"\xf0\x90\x80\x80",
        b"\xf4\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xff",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        b"\xe2\x28\xa1",
        b"\xf0\x90\x28\xbc",
    ];
    BORDERS
        .iter()
        .flat_map(|bytes| [[b"1\xc3\xa9", *bytes, b"2\x03"].concat(), [b"1", *bytes, b"\x03"].concat()])
        .collect()
}
