//! The bit cursors against `bitvec`, which packs the same bits in another way.

use bitvec::field::BitField;
use bitvec::prelude::{BitSlice, BitVec, Msb0};
use palabre::wire::{BitReader, BitWriter, Fault, Field, Malformed, Scratch, open, trailer};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

/// One thing to write, then to read.
#[derive(Clone, Debug)]
enum Item {
    Number { bits: u32, value: u64 },
    Bytes(Vec<u8>),
    Until(Vec<u8>),
}

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        4 => (1_u32..=Field::WIDEST, any::<u64>())
            .prop_map(|(bits, value)| Item::Number { bits, value: value & (u64::MAX >> (64 - bits)) }),
        2 => vec(any::<u8>(), 0..70).prop_map(Item::Bytes),
        1 => vec(1..=u8::MAX, 0..70).prop_map(Item::Until),
    ]
}

const BYTE: Field = Field::new("byte", 8);

fn field(bits: u32) -> Field {
    Field::new("number", bits)
}

fn written(items: &[Item]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = BitWriter::new(&mut out);
    for item in items {
        match item {
            Item::Number { bits, value } => writer.put(field(*bits), *value),
            Item::Bytes(bytes) => writer.bytes(bytes),
            Item::Until(bytes) => {
                writer.bytes(bytes);
                writer.put(BYTE, 0_u8);
            }
        }
    }
    writer.finish();
    out
}

fn reference(items: &[Item]) -> Vec<u8> {
    let mut all = BitVec::<u8, Msb0>::new();
    let put = |all: &mut BitVec<u8, Msb0>, bits: usize, value: u64| {
        let start = all.len();
        all.resize(start + bits, false);
        all[start..].store_be(value);
    };
    for item in items {
        match item {
            Item::Number { bits, value } => put(&mut all, *bits as usize, *value),
            Item::Bytes(bytes) => all.extend_from_bitslice(BitSlice::<u8, Msb0>::from_slice(bytes)),
            Item::Until(bytes) => {
                all.extend_from_bitslice(BitSlice::<u8, Msb0>::from_slice(bytes));
                put(&mut all, 8, 0);
            }
        }
    }
    all.set_uninitialized(false);
    all.into_vec()
}

proptest! {
    #[test]
    fn m3_what_is_written_is_what_bitvec_writes(items in vec(item(), 0..20)) {
        prop_assert_eq!(written(&items), reference(&items));
    }

    #[test]
    fn m3_what_was_written_is_read_back(items in vec(item(), 0..20)) {
        let bytes = written(&items);
        let mut scratch = Scratch::new();
        let mut arena = scratch.arena(bytes.len());
        let mut reader = BitReader::new(&bytes);
        for item in &items {
            match item {
                Item::Number { bits, value } => prop_assert_eq!(reader.take(field(*bits)), Ok(*value)),
                Item::Bytes(wanted) => {
                    let read = reader.bytes(BYTE, wanted.len(), &mut arena);
                    prop_assert_eq!(read, Ok(&wanted[..]));
                }
                Item::Until(wanted) => {
                    let read = reader.until(BYTE, 0, 255, &mut arena);
                    prop_assert_eq!(read, Ok(&wanted[..]));
                }
            }
        }
        prop_assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn m3_what_is_read_is_what_bitvec_reads(bytes in vec(any::<u8>(), 0..40), widths in vec(1_u32..=Field::WIDEST, 1..20)) {
        let all = BitSlice::<u8, Msb0>::from_slice(&bytes);
        let mut reader = BitReader::new(&bytes);
        let mut at = 0;
        for bits in widths {
            let wanted = bits as usize;
            let left = all.len() - at;
            prop_assert_eq!((reader.bit(), reader.left()), (at, left));
            let read = reader.take(field(bits));
            if wanted > left {
                let short = Malformed { field: "number", bit: at, fault: Fault::Short { wanted, left } };
                prop_assert_eq!(read, Err(short));
            } else {
                prop_assert_eq!(read, Ok(all[at..at + wanted].load_be::<u64>()));
                at += wanted;
            }
        }
        let finished = reader.finish();
        prop_assert_eq!(finished.is_ok(), all.len() - at < 8 && all[at..].not_any());
    }

    #[test]
    fn a_string_is_found_wherever_it_starts(skip in 0_u32..8, bytes in vec(any::<u8>(), 0..70), longest in 0_usize..80) {
        let all = BitSlice::<u8, Msb0>::from_slice(&bytes);
        let mut reader = BitReader::new(&bytes);
        if skip > 0 && !bytes.is_empty() {
            reader.take(field(skip)).expect("there is a byte");
        }
        let start = reader.bit();
        let aligned: Vec<u8> = all[start..].chunks_exact(8).map(|byte| byte.load_be::<u8>()).collect();
        let place = aligned.iter().position(|byte| *byte == b'#').filter(|place| *place <= longest);
        let mut scratch = Scratch::new();
        let read = reader.until(BYTE, b'#', longest, &mut scratch.arena(bytes.len()));
        match place {
            Some(len) => prop_assert_eq!(read, Ok(&aligned[..len])),
            None => prop_assert_eq!(
                read,
                Err(Malformed { field: "byte", bit: start, fault: Fault::Unterminated { longest } })
            ),
        }
    }

    #[test]
    fn m3_a_text_is_read_where_the_standard_library_takes_it(
        skip in 1_u32..=8, good in "\\PC{0,60}", broken in option::of(any::<Index>()), cut in any::<bool>()
    ) {
        let mut text = good.into_bytes();
        if let Some(at) = broken.filter(|_| !text.is_empty()) {
            let at = at.index(text.len());
            if cut { text.truncate(at) } else { text[at] |= 0x80 }
        }
        let bytes = written(&[Item::Number { bits: skip, value: 0 }, Item::Bytes(text.clone())]);
        let mut reader = BitReader::new(&bytes);
        reader.take(field(skip)).expect("written above");
        let mut scratch = Scratch::new();
        let read = reader.text(BYTE, text.len(), &mut scratch.arena(bytes.len()));
        let wanted = std::str::from_utf8(&text).map_err(|wrong| Malformed {
            field: "byte",
            bit: skip as usize + wrong.valid_up_to() * 8,
            fault: Fault::NotUtf8,
        });
        prop_assert_eq!(read, wanted);
    }

    #[test]
    fn m16_a_trailer_is_the_same_in_one_piece_and_in_three(bytes in vec(any::<u8>(), 0..200), a: usize, b: usize) {
        let (a, b) = (a % (bytes.len() + 1), b % (bytes.len() + 1));
        let (a, b) = (a.min(b), a.max(b));
        let mut sent = bytes.clone();
        sent.extend(trailer(&[&bytes[..a], &bytes[a..b], &bytes[b..]]));
        prop_assert_eq!(open(&sent), Some(&bytes[..]));
    }

    #[test]
    fn m16_no_flipped_bit_passes(bytes in vec(any::<u8>(), 0..60)) {
        let sent = [&bytes[..], &trailer(&[&bytes])].concat();
        for bit in 0..sent.len() * 8 {
            let mut changed = sent.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(open(&changed), None);
        }
    }
}

#[test]
fn m16_the_trailer_is_the_ieee_crc_big_endian() {
    assert_eq!(trailer(&[b"123456789"]), [0xcb, 0xf4, 0x39, 0x26]);
}

#[test]
fn m16_what_is_shorter_than_a_trailer_has_none() {
    assert_eq!(open(&[]), None);
    assert_eq!(open(&[0; 3]), None);
    assert_eq!(open(&[0; 4]), Some(&[][..]), "the CRC of nothing is zero");
}

#[test]
fn m3_a_text_that_is_not_utf8_is_refused_where_it_goes_wrong() {
    let bytes = [0x00, b'a', b'b', 0xff];
    let mut reader = BitReader::new(&bytes);
    reader.u8(BYTE).unwrap();
    let wrong = reader.text(BYTE, 3, &mut Scratch::new().arena(4)).unwrap_err();
    assert_eq!(wrong, Malformed { field: "byte", bit: 24, fault: Fault::NotUtf8 });
}
