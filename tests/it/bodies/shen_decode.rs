//! Whatever bytes come, the codec of Shen's protocol holds its laws (S1, S2, S14).
//!
//! In: a datagram. Out: nothing, or a panic that says which law broke. Must not know what a message means.
//!
//! The laws: no panic; what decodes is encoded to something that decodes to the same and encodes to the same bytes, in one
//! piece or as a packet for many, unless CRLF and UTF-8 make it too long; the dissector and the decoder agree, and the
//! fields that were read follow each other without a gap; authors, names and lines of lists are read from any text.

use palabre::dialect::shen::{
    Body, Message, RawHeader, Unencodable, dissect, listed, names, packet, pages, relayed, said, user_name,
};
use palabre::wire::{Payload, Scratch};

/// Checks the laws on one datagram.
pub fn run(datagram: &[u8]) {
    let mut scratch = Scratch::new();
    let decoded = Message::decode(datagram, &mut scratch);
    let (rows, dissected) = dissect(datagram);
    assert_eq!(dissected, decoded.as_ref().map(|_| ()).map_err(|why| *why));
    let mut bit = 0;
    for row in &rows {
        assert_eq!(row.bit, bit, "a gap before {}", row.name);
        bit += row.bits;
    }
    assert!(bit <= datagram.len() * 8);
    if let Ok(message) = &decoded {
        assert_eq!(bit, datagram.len() * 8);
        let raw = RawHeader::peek(datagram).map(|raw| (raw.kind(), raw.seq));
        assert_eq!(raw, Some((Some(message.kind()), message.seq)));
        assert_eq!(message.clone().into_owned(), *message);
        sent_on(message);
        understood(&message.body);
    }
}

fn sent_on(message: &Message<'_>) {
    let mut bytes = Vec::new();
    match message.encode(&mut bytes) {
        Ok(()) => {}
        Err(Unencodable::TooLong { bytes, most }) => return assert!(bytes > most),
        Err(why) => panic!("{why}"),
    }
    let mut scratch = Scratch::new();
    let again = Message::decode(&bytes, &mut scratch);
    assert_eq!(again.as_ref(), Ok(message));
    let packet = packet(&message.body);
    let stamped = packet.map(|packet| Payload::shared(packet.stamp(message.seq), packet.tail()).to_vec());
    assert_eq!(stamped, Ok(bytes));
}

fn understood(body: &Body<'_>) {
    match body {
        Body::Plain { text, .. } | Body::Speech { text, .. } | Body::Room { text, .. } => {
            assert!(names(text).all(|name| !name.is_empty() && !name.contains(',')));
            let (_, author) = said(text);
            assert!(author.is_none_or(|author| user_name(author).is_some()));
            assert_eq!(said(&relayed(text, "Sheng")), (&**text, Some("Sheng")));
        }
        Body::List(entries) => {
            for listed in entries.iter().filter_map(listed) {
                assert!(!listed.room.contains(',') && !listed.user.contains(','));
            }
            assert_eq!(pages(entries.clone()).concat(), *entries);
        }
    }
}
