//! Whatever bytes come, the codec holds its laws (M3).
//!
//! In: a datagram. Out: nothing, or a panic that says which law broke. Must not know what a message means.
//!
//! The laws: no panic; what decodes is the one encoding of what it decodes to, in one piece or as a packet for many; the
//! dissector and the decoder agree, and the fields that were read follow each other without a gap.

use palabre::dialect::msp::{Message, RawHeader, dissect, packet};
use palabre::wire::{Integrity, Payload, Scratch};

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
        let raw = RawHeader::peek(datagram).map(|raw| (raw.kind(), raw.user, raw.seq));
        assert_eq!(raw, Some((Some(message.kind()), message.user, message.seq)));
        let mut encoded = Vec::new();
        assert_eq!(message.encode(&mut encoded), Ok(()));
        assert_eq!(encoded, datagram);
        let packet = packet(message.user, &message.body);
        let stamped = packet.map(|packet| Payload::shared(packet.stamp(message.seq), packet.tail()).to_vec());
        assert_eq!(stamped.as_deref(), Ok(datagram));
        assert_eq!(message.clone().into_owned(), *message);
    }
    let sealed = Integrity::Crc32.seal(Payload::new(datagram)).to_vec();
    assert_eq!(Integrity::Crc32.open(&sealed), Some(datagram));
    let _ = Integrity::Crc32.open(datagram);
}
