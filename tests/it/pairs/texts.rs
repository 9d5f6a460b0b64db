//! Random texts, full of what could be mistaken for something else.
//!
//! In: a seed. Out: texts. Must not know what any dialect makes of them.

/// What ends, begins, separates or escapes something in some dialect, and whole commands of each.
const SNARES: &[&str] = &[
    "|",
    "¦",
    "\"",
    "\\",
    "\\\"",
    "#",
    ",",
    " ,",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\x01",
    "\x02",
    "\x03",
    "\x04",
    "\x06",
    "\x1b[2J",
    "\x7f",
    "\u{85}",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2028}",
    "\u{feff}",
    "{",
    "}",
    "[1]",
    "null",
    "123",
    "<",
    ">",
    "/quit",
    "//",
    "MSG|",
    "MSG|eve|hello",
    "QUIT",
    "ROOM|room1",
    "LOGIN \"eve\"",
    "BYE \"public\" \"alice\"",
    "MSG \"public\" \"eve\" \"hello\"",
    "SYSTEM|eve a rejoint le chat",
    "ADMIN_BROADCAST|stop",
    "ERROR|no",
    "OK",
    "KO",
    "{\"type\":\"P2P_INVITE\"}",
    "{\"type\":\"SEND_FILE\",\"seq\":1,\"data\":\"AAAA\"}",
    "\x01\x06\x31\x03",
    "\x011\x02BYE \"public\" \"eve\"\x03",
    "\n1\n",
    ", eve envoie",
    "\r\neve envoie",
    "\0\0\0\x05",
    "\u{0}\u{0}\u{0}\u{4}",
    "data:",
    "a\u{301}",
    "👩‍👩‍👧",
];

/// A text that is not empty. One in fifty is long enough to be cut by every dialect that cuts.
pub(super) fn text(random: &mut fastrand::Rng) -> String {
    let mut text = String::new();
    let pieces = if random.u8(..50) == 0 { random.usize(100..300) } else { random.usize(1..12) };
    for _ in 0..pieces {
        match random.u8(..8) {
            0..=2 => text.push_str(SNARES[random.usize(..SNARES.len())]),
            3 => text.push(plane(random)),
            4 => text.push(char::from(random.u8(..0x80))),
            5 => text.push(' '),
            _ => (0..random.usize(1..9)).for_each(|_| text.push(random.alphanumeric())),
        }
    }
    text
}

/// A character of any plane.
fn plane(random: &mut fastrand::Rng) -> char {
    loop {
        let in_plane = random.u32(..17) << 16 | random.u32(..0x1_0000);
        if let Some(c) = char::from_u32(in_plane) {
            return c;
        }
    }
}
