//! Numbers in the byte order of whoever wrote the file.
//!
//! In: bytes. Out: numbers, options. Must not know what they mean.

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

/// A cursor that cannot read too far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    order: Order,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(rest: &'a [u8], order: Order) -> Self {
        Self { rest, order }
    }

    /// Other bytes in the same order.
    pub(super) const fn with(self, rest: &[u8]) -> Fields<'_> {
        Fields { rest, order: self.order }
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        let bytes = self.array()?;
        Some(match self.order {
            Order::Big => u16::from_be_bytes(bytes),
            Order::Little => u16::from_le_bytes(bytes),
        })
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        let bytes = self.array()?;
        Some(match self.order {
            Order::Big => u32::from_be_bytes(bytes),
            Order::Little => u32::from_le_bytes(bytes),
        })
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        let bytes = self.array()?;
        Some(match self.order {
            Order::Big => u64::from_be_bytes(bytes),
            Order::Little => u64::from_le_bytes(bytes),
        })
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(bytes)
    }

    /// Bytes that are followed by zeros up to the next multiple of four; the last zeros may be left out.
    pub(super) fn padded(&mut self, count: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes(count)?;
        let padding = count.wrapping_neg() % 4;
        self.rest = self.rest.get(padding..).unwrap_or_default();
        Some(bytes)
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*bytes)
    }
}

/// Options of a block: code and value, up to the end, or to the first that does not fit.
impl<'a> Iterator for Fields<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (code, length) = (self.u16()?, self.u16()?);
        if code == 0 {
            return None;
        }
        Some((code, self.padded(length.into())?))
    }
}
