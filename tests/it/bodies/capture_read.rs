//! Whatever stands in a file, reading it as a capture holds its laws.
//!
//! In: a file. Out: nothing, or a panic that says which law broke. Must not know what a packet says.
//!
//! The laws: no panic; packets come in their order, and comments at the first event of each; nothing is told that is not in
//! the file, so never more bytes than it has; an error is said once and is the last; whoever brings the bytes one by one
//! hears the same.

use std::io::Read;

use palabre::capture::{Event, Reader, Seen, Unreadable};

/// Checks the laws on one file.
pub fn run(file: &[u8]) {
    let (events, error) = all(file);
    let mut last = 0;
    for event in &events {
        assert!(event.packet >= last, "packet {} stands behind {last}", event.packet);
        assert!(
            event.comments.is_empty() || event.packet > last,
            "comments stand at the first event of a packet"
        );
        last = event.packet;
    }
    let told: usize = events.iter().map(|event| bytes(&event.seen)).sum();
    assert!(told <= file.len(), "{told} bytes are told, the file has {}", file.len());
    if let Some(error) = &error {
        assert!(error.byte() <= file.len() as u64 && !error.to_string().is_empty());
    }
    assert_eq!(all(Dribble(file)), (events, error));
}

/// All that a file tells, and the error in which it ends.
fn all(source: impl Read) -> (Vec<Event>, Option<Unreadable>) {
    let mut events = Vec::new();
    let mut reader = match Reader::open(source) {
        Ok(reader) => reader,
        Err(error) => return (events, Some(error)),
    };
    loop {
        match reader.next() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (events, None),
            Err(error) => {
                assert_eq!(reader.next(), Ok(None));
                return (events, Some(error));
            }
        }
    }
}

fn bytes(seen: &Seen) -> usize {
    match seen {
        Seen::Datagram { bytes, .. } | Seen::Bytes { bytes, .. } => bytes.len(),
        Seen::Note(line) => line.len(),
        _ => 0,
    }
}

/// Brings one byte at a time.
struct Dribble<'a>(&'a [u8]);

impl Read for Dribble<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let room = room.get_mut(..1).unwrap_or_default();
        self.0.read(room)
    }
}
