//! Rows of SQLite, copied out of it in one piece: two allocations for an answer, not two for every cell.

use std::ops::Range;

use sea_orm::DbErr;

use crate::cell::Cells;

/// The rows of an answer.
#[derive(Debug)]
pub struct Block {
    width: usize,
    slots: Vec<Slot>,
    bytes: Vec<u8>,
}

#[derive(Debug)]
enum Slot {
    Nothing,
    Number(i64),
    Bytes(Range<usize>),
}

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held<'r> {
    /// Null.
    Nothing,
    /// A number or a truth value.
    Number(i64),
    /// A text or an id.
    Bytes(&'r [u8]),
}

impl<'r> Held<'r> {
    pub(crate) const fn number(self) -> Option<i64> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    pub(crate) fn text(self) -> Option<&'r str> {
        if let Self::Bytes(bytes) = self { std::str::from_utf8(bytes).ok() } else { None }
    }
}

impl Block {
    /// An empty one of so many columns.
    #[must_use]
    pub const fn of(width: usize) -> Self {
        Self { width, slots: Vec::new(), bytes: Vec::new() }
    }

    /// Adds the next cell, row by row.
    pub fn push(&mut self, held: Held<'_>) {
        self.slots.push(match held {
            Held::Nothing => Slot::Nothing,
            Held::Number(number) => Slot::Number(number),
            Held::Bytes(bytes) => {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(bytes);
                Slot::Bytes(start..self.bytes.len())
            }
        });
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        let rows = self.slots.len().checked_div(self.width).unwrap_or(0);
        (0..rows).map(|row| Cells::Block(self, row))
    }

    pub(crate) fn held(&self, row: usize, place: usize) -> Result<Held<'_>, DbErr> {
        let slot = if place < self.width { self.slots.get(row * self.width + place) } else { None };
        match slot {
            Some(Slot::Nothing) => Ok(Held::Nothing),
            Some(Slot::Number(number)) => Ok(Held::Number(*number)),
            Some(Slot::Bytes(range)) => Ok(Held::Bytes(self.bytes.get(range.clone()).unwrap_or_default())),
            None => Err(DbErr::Type(format!("there is no column {place}"))),
        }
    }
}
