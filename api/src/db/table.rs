//! How one table is read: what a page, a join or a batch needs to know about it.

use std::any::Any;
use std::sync::Arc;

use entity::cell::{Cells, FromCells};
use sea_orm::{Condition, DbErr, EntityTrait, IdenStatic, Iterable};
use uuid::Uuid;

use crate::auth::Scope;

/// A row in memory, of whatever table.
pub type AnyRow = Arc<dyn Any + Send + Sync>;

/// Reads one row from the selected columns, which stand side by side in the table's order, the id first, from this
/// place on, and from the ids of the rows that are joined to it. Not where a join found none.
pub type Decode = fn(Cells<'_>, usize, Selected, &[Pointer]) -> Result<AnyRow, DbErr>;

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

    const fn has(self, number: usize) -> bool {
        self.0 >> number & 1 == 1
    }

    /// Their numbers, of a table with so many columns.
    fn of(self, columns: usize) -> impl Iterator<Item = usize> {
        (0..columns).filter(move |number| self.has(*number))
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

/// One table that the API shows.
#[derive(Debug)]
pub struct Table {
    /// Its name in SQL.
    pub name: &'static str,
    /// Its columns.
    pub columns: fn() -> &'static Columns,
    /// The rows that a viewer may see, for a table alias. There is no way to read around it.
    pub visible: fn(&Scope, &str) -> Condition,
    /// See [`Decode`].
    pub decode: Decode,
}

/// A row type with a table of its own.
pub trait Row: Sized + Send + Sync + 'static {
    /// The table.
    fn table() -> &'static Table;
    /// Its id.
    fn id(&self) -> Uuid;
    /// The row into which it was merged: what points here is meant for that one.
    fn successor(&self) -> Option<Uuid> {
        None
    }
}

/// The [`Decode`] of an entity. What is not selected has its type's default: who reads fewer columns than all says
/// what is read of them (`Shown::reads`).
///
/// # Errors
/// A column of another type than the model says.
pub fn decode<Model: Row + FromCells>(
    row: Cells<'_>,
    place: usize,
    selected: Selected,
    pointers: &[Pointer],
) -> Result<AnyRow, DbErr> {
    let mut model = Model::default();
    for (place, column) in (place..).zip(selected.of(Model::COLUMNS)) {
        model.set(column, row.at(place))?;
    }
    for pointer in pointers {
        // a row that the viewer may not see is none
        if row.at(pointer.place).read::<Option<Uuid>>()?.is_some() {
            model.set(pointer.column, row.at(pointer.place))?;
        }
    }
    Ok(Arc::new(model))
}

/// A row that counts its changes: what `expectedVersion` is about.
pub trait Versioned: Row + Clone {
    /// The version that was read.
    fn version(&self) -> i32;
    /// The next version, written at `at`.
    fn stamp(&mut self, version: i32, at: chrono::DateTime<chrono::Utc>);
}

/// Declares the table of an entity: `table!(follow_up, visible)`; with `versioned` if its rows are
/// changed one by one, with `merged: column` if one can be merged into another.
macro_rules! table {
    ($entity:ident, $visible:path $(, merged: $into:ident)?) => {
        pub(crate) static TABLE: $crate::db::Table = $crate::db::Table {
            name: stringify!($entity),
            columns: || {
                static COLUMNS: std::sync::LazyLock<$crate::db::Columns> =
                    std::sync::LazyLock::new($crate::db::Columns::of::<entity::$entity::Entity>);
                &COLUMNS
            },
            visible: $visible,
            decode: $crate::db::decode::<entity::$entity::Model>,
        };
        impl $crate::db::Row for entity::$entity::Model {
            fn table() -> &'static $crate::db::Table {
                &TABLE
            }
            fn id(&self) -> uuid::Uuid {
                self.id
            }
            $(fn successor(&self) -> Option<uuid::Uuid> {
                self.$into
            })?
        }
    };
    ($entity:ident, $visible:path, versioned $(, merged: $into:ident)?) => {
        $crate::db::table!($entity, $visible $(, merged: $into)?);
        impl $crate::db::Versioned for entity::$entity::Model {
            fn version(&self) -> i32 {
                self.version
            }
            fn stamp(&mut self, version: i32, at: chrono::DateTime<chrono::Utc>) {
                self.version = version;
                self.updated_at = at;
            }
        }
    };
}
pub(crate) use table;
