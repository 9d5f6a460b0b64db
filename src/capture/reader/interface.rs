//! An interface of a section: what its packets begin with, and what its times count.
//!
//! In: the block that describes it. Out: times in microseconds. Must not know what is in a packet.

use super::fields::Fields;

const TIME_RESOLUTION: u16 = 9;
const TIME_OFFSET: u16 = 14;

/// An interface.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interface {
    pub(super) link: u32,
    /// The longest that is kept of a packet; 0 is no limit.
    snap: u32,
    /// As in the file: the exponent of ten, or with the highest bit that of two.
    resolution: u8,
    /// Seconds.
    offset: i64,
}

impl Interface {
    /// `None`: too short.
    pub(super) fn read(mut fields: Fields<'_>) -> Option<Self> {
        let link = fields.u16()?.into();
        fields.u16()?;
        let snap = fields.u32()?;
        let mut interface = Self { link, snap, resolution: 6, offset: 0 };
        let numbers = fields;
        for (code, value) in fields {
            match (code, value) {
                (TIME_RESOLUTION, [resolution, ..]) => interface.resolution = *resolution,
                (TIME_OFFSET, value) => {
                    interface.offset = numbers.with(value).u64().unwrap_or_default().cast_signed();
                }
                _ => {}
            }
        }
        Some(interface)
    }

    /// How much is kept of a packet of this length.
    pub(super) fn kept(&self, length: u32) -> u32 {
        if self.snap == 0 { length } else { length.min(self.snap) }
    }

    /// Microseconds since 1970.
    pub(super) fn micros(&self, ticks: u64) -> u64 {
        let exponent = u32::from(self.resolution & 0x7f);
        let micros = if self.resolution & 0x80 != 0 {
            let micros = (u128::from(ticks) * 1_000_000) >> exponent;
            u64::try_from(micros).unwrap_or(u64::MAX)
        } else if let Some(finer) = exponent.checked_sub(6) {
            10_u64.checked_pow(finer).map_or(0, |ticks_each| ticks / ticks_each)
        } else {
            ticks.saturating_mul(10_u64.pow(6_u32.saturating_sub(exponent)))
        };
        micros.saturating_add_signed(self.offset.saturating_mul(1_000_000))
    }
}
