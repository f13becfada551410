//! Chance that is the same every time.

use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

/// A stream of numbers (SplitMix64): small, fast, and the same on every machine.
#[derive(Debug)]
pub struct Chance {
    state: u64,
    ids: u32,
}

impl Chance {
    /// The stream that begins here.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed, ids: 0 }
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// Whether something happens that happens so often in a hundred times.
    pub fn percent(&mut self, often: usize) -> bool {
        self.below(100) < often
    }

    /// One of a list.
    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// An id as the server makes them (UUIDv7), of a row that was entered at this instant: later ones are larger.
    pub fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        self.ids += 1;
        let mut rest = [0; 10];
        rest[3..7].copy_from_slice(&self.ids.to_be_bytes());
        rest[7..].copy_from_slice(&self.next().to_be_bytes()[..3]);
        Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }
}
