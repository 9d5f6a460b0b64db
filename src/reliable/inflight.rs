//! The requests that bear a number: sent and not answered yet.
//!
//! In: a request and the number to start looking from. Out: the request again, by its number. Must not know timers.
//!
//! A number lives in the slot that its lowest bits name, so finding one costs no search. A number whose slot is taken
//! is skipped: that is also how a number is never given to a new request while the old one is alive (M13). So is a number
//! that a request of the peer bears, where that matters (S5).

use super::avoided::Avoided;
use super::seq::Seq;

#[derive(Debug)]
pub(super) struct InFlight<const BITS: u32, T> {
    slots: Vec<Option<(Seq<BITS>, T)>>,
    len: usize,
    avoided: Option<Box<Avoided<BITS>>>,
}

impl<const BITS: u32, T> InFlight<BITS, T> {
    /// Where there are few numbers, one that is taken for long must not keep many others from being given.
    const FIRST_SIZE: usize = if BITS > 12 { 8 } else { 32 };
    /// A quarter of the number circle at most: then even a number that was looked for in all slots lies less than half the
    /// circle ahead, and its receiver cannot take it for an old one. 1,024 are plenty.
    const LARGEST: usize = if BITS > 12 { 1024 } else { 1 << BITS.saturating_sub(2) };
    /// How far a free number is looked for where numbers are avoided: less than half the circle. More than half of the
    /// slots are free then, so there are more candidates than numbers can be avoided.
    const REACH: usize = (1 << (BITS - 1)) - 1;

    /// None is in flight; `avoided` where numbers of the peer are not given.
    pub(super) const fn new(avoided: Option<Box<Avoided<BITS>>>) -> Self {
        Self { slots: Vec::new(), len: 0, avoided }
    }

    /// The numbers of the peer, where they are not given.
    pub(super) fn avoided(&mut self) -> Option<&mut Avoided<BITS>> {
        self.avoided.as_deref_mut()
    }

    /// Whether this number is not given now, because the peer uses it.
    pub(super) fn avoids(&self, seq: Seq<BITS>) -> bool {
        self.avoided.as_ref().is_some_and(|avoided| avoided.contains(seq))
    }

    /// Gives up all requests, and says which numbers were avoided.
    pub(super) fn into_avoided(self) -> Option<Box<Avoided<BITS>>> {
        self.avoided
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no number for another one.
    pub(super) const fn is_full(&self) -> bool {
        self.len >= if self.avoided.is_some() { Self::LARGEST / 2 } else { Self::LARGEST }
    }

    /// Puts `item` under the first free number from `next` on and says which; gives `item` back when all are taken.
    pub(super) fn insert(&mut self, next: Seq<BITS>, item: T) -> Result<Seq<BITS>, T> {
        if self.is_full() {
            return Err(item);
        }
        if self.len * 2 >= self.slots.len() && self.slots.len() < Self::LARGEST {
            self.grow();
        }
        let mut seq = next;
        let reach = if self.avoided.is_some() { Self::REACH } else { self.slots.len() };
        for _ in 0..reach {
            let slot = self.slot(seq);
            let avoided = self.avoids(seq);
            if let Some(free @ None) = self.slots.get_mut(slot).filter(|_| !avoided) {
                *free = Some((seq, item));
                self.len += 1;
                return Ok(seq);
            }
            seq = seq.next();
        }
        Err(item)
    }

    pub(super) fn find(&self, seq: Seq<BITS>) -> Option<&T> {
        self.slots.get(self.slot(seq))?.as_ref().filter(|(owner, _)| *owner == seq).map(|(_, item)| item)
    }

    pub(super) fn find_mut(&mut self, seq: Seq<BITS>) -> Option<&mut T> {
        let slot = self.slot(seq);
        self.slots.get_mut(slot)?.as_mut().filter(|(owner, _)| *owner == seq).map(|(_, item)| item)
    }

    pub(super) fn remove(&mut self, seq: Seq<BITS>) -> Option<T> {
        let slot = self.slot(seq);
        let (_, item) = self.slots.get_mut(slot)?.take_if(|(owner, _)| *owner == seq)?;
        self.len -= 1;
        Some(item)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Seq<BITS>, &T)> {
        self.slots.iter().flatten().map(|(seq, item)| (*seq, item))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (Seq<BITS>, &mut T)> {
        self.slots.iter_mut().flatten().map(|(seq, item)| (*seq, item))
    }

    /// The number of slots is a power of two and divides the number circle: neighbours never share a slot.
    const fn slot(&self, seq: Seq<BITS>) -> usize {
        seq.value() as usize & self.slots.len().wrapping_sub(1)
    }

    /// Doubles the slots. Two numbers that differed in fewer bits also differ in more, so all find a place.
    fn grow(&mut self) {
        let size = (self.slots.len() * 2).clamp(Self::FIRST_SIZE.min(Self::LARGEST), Self::LARGEST);
        let old = std::mem::take(&mut self.slots);
        self.slots.resize_with(size, || None);
        for entry in old.into_iter().flatten() {
            let slot = self.slot(entry.0);
            if let Some(place) = self.slots.get_mut(slot) {
                *place = Some(entry);
            }
        }
    }
}
