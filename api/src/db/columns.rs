//! Which columns of a table are read.

use std::collections::HashMap;

use sea_orm::{EntityTrait, IdenStatic, Iterable};

/// Some of the columns of a table: a bit for each, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected(u64);

impl Selected {
    /// Every column.
    pub const ALL: Self = Self(u64::MAX);
    /// No column.
    pub const NONE: Self = Self(0);

    const fn one(number: usize) -> Self {
        Self(1 << number)
    }

    /// Their numbers, of a table with so many columns.
    pub(super) fn of(self, columns: usize) -> impl Iterator<Item = usize> {
        let mut left = if columns < 64 { self.0 & ((1 << columns) - 1) } else { self.0 };
        std::iter::from_fn(move || {
            let number = left.trailing_zeros() as usize;
            // without the lowest one
            left &= left.checked_sub(1)?;
            Some(number)
        })
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without those.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}

/// A column that is not read because the row to which it points is joined.
#[derive(Clone, Copy, Debug)]
pub struct Pointer {
    /// The number of the column.
    pub column: usize,
    /// Where the id of that row stands.
    pub place: usize,
}

impl Pointer {
    /// The column.
    pub(super) const fn selected(self) -> Selected {
        Selected::one(self.column)
    }
}

/// The columns that a request needs of a table.
#[derive(Clone, Copy, Debug)]
pub struct Needed {
    /// Whose values are needed.
    pub values: Selected,
    /// That lead to other rows, and are needed for nothing else.
    pub links: Selected,
}

impl Needed {
    /// Every column.
    pub const ALL: Self = Self { values: Selected::ALL, links: Selected::NONE };
}

/// The columns that a request reads of the tables of which it does not read all, by the names of the tables. One set
/// for the whole request: whatever leads to a row finds the same in it.
pub type Wanted = HashMap<&'static str, Needed>;

/// Columns on which it may depend what a viewer may see of a row; a default in their place would be a wrong answer. They
/// are read unless every field that is asked says what else it reads.
const RIGHTS: [&str; 9] = [
    "group_id",
    "operation_id",
    "meeting_id",
    "person_id",
    "organisation_id",
    "merged_into_id",
    "visibility",
    "sensitivity",
    "published_at",
];

/// The columns of a table.
#[derive(Debug)]
pub struct Columns {
    names: Vec<&'static str>,
    rights: Selected,
}

impl Columns {
    /// Of an entity.
    ///
    /// # Panics
    /// It has more than 64 columns.
    #[must_use]
    pub fn of<E: EntityTrait>() -> Self {
        let names: Vec<&'static str> = E::Column::iter().map(|column| column.as_str()).collect();
        assert!(names.len() <= 64, "too many columns");
        let found = names.iter().enumerate().filter(|(_, name)| RIGHTS.contains(name));
        let rights = found.fold(Selected::NONE, |all, (number, _)| all.and(Selected::one(number)));
        Self { names, rights }
    }

    /// What may say who may see what of a row.
    #[must_use]
    pub const fn rights(&self) -> Selected {
        self.rights
    }

    /// Some by their names; all if one is not among them.
    #[must_use]
    pub fn these(&self, names: &[&str]) -> Selected {
        let found = names.iter().map(|name| self.named(name).unwrap_or(Selected::ALL));
        found.fold(Selected::NONE, Selected::and)
    }

    /// One by its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Selected> {
        self.number(name).map(Selected::one)
    }

    /// The number of one, counted from 0.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }

    /// The names of some of them, in their order.
    pub fn names(&self, selected: Selected) -> impl Iterator<Item = &'static str> {
        selected.of(self.names.len()).map(|number| self.names[number])
    }

    /// At which place among the selected ones a column stands.
    #[must_use]
    pub fn place(&self, selected: Selected, name: &str) -> Option<usize> {
        self.names(selected).position(|known| known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_their_order() {
        let of = |selected: Selected, columns| selected.of(columns).collect::<Vec<_>>();
        assert_eq!(of(Selected::NONE, 64), [0; 0]);
        assert_eq!(of(Selected::one(0).and(Selected::one(5)), 7), [0, 5]);
        // of a table that has no more
        assert_eq!(of(Selected::ALL, 3), [0, 1, 2]);
        assert_eq!(of(Selected::ALL, 64), (0..64).collect::<Vec<_>>());
    }
}
