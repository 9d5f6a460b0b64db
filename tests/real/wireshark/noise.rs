//! Whatever bytes come, no error of Lua comes of them; `shark::print` looks for one.

use palabre::engine::Dialect;

use super::packets::Packets;
use super::{server, shark, vectors};

const ROUNDS: usize = 150;

#[test]
fn noise_on_every_port_makes_no_error_of_lua() {
    if !shark::is_here() {
        return;
    }
    let mut chance = fastrand::Rng::with_seed(0x5eed);
    let mut packets = Packets::default();
    let vectors = Dialect::ALL.map(|dialect| (dialect, vectors(dialect)));
    for number in 0..ROUNDS {
        for (dialect, vectors) in &vectors {
            let (dialect, noise) = (*dialect, noise(vectors, &mut chance));
            let client = Packets::client(number * 5 + usize::from(server(dialect).port() - 7400));
            if dialect.is_streamed() {
                let sizes: Vec<usize> = (0..8).map(|_| chance.usize(1..200)).collect();
                packets.stream(client, server(dialect), &noise, &sizes);
            } else {
                packets.datagram(client, server(dialect), &noise);
                packets.datagram(server(dialect), client, &noise);
            }
        }
    }
    for (name, snap) in [("noise.pcap", usize::MAX), ("noise-cut.pcap", 60)] {
        let capture = packets.save_cut(name, snap);
        let crc = ["-o", "palabre.msp.crc32:TRUE", "-o", "palabre.shen.crc32:TRUE"];
        for options in [&["-2"][..], &crc] {
            assert!(shark::messages(&capture, options).len() > 2 * ROUNDS);
        }
    }
}

/// Bytes by chance; or the beginning of a message, and bytes by chance.
fn noise(vectors: &[Vec<u8>], chance: &mut fastrand::Rng) -> Vec<u8> {
    let vector = chance.choice(vectors).expect("vectors");
    let kept = chance.usize(0..=vector.len()) * chance.usize(0..2);
    let mut bytes: Vec<u8> = vector.iter().copied().take(kept).collect();
    bytes.extend((0..chance.usize(1..300)).map(|_| chance.u8(..)));
    bytes
}
