//! How one table is read: what a page, a join or a batch needs to know about it.

use std::any::Any;
use std::sync::Arc;

use entity::cell::{Cells, FromCells};
use sea_orm::{Condition, DbErr};
use uuid::Uuid;

use super::columns::{Columns, Pointer, Selected};
use crate::auth::Scope;

/// A row in memory, of whatever table.
pub type AnyRow = Arc<dyn Any + Send + Sync>;

/// Reads one row from the selected columns, which stand side by side in the table's order, the id first, from this
/// place on, and from the ids of the rows that are joined to it. Not where a join found none.
pub type Decode = fn(Cells<'_>, usize, Selected, &[Pointer]) -> Result<AnyRow, DbErr>;

/// One table that the API shows.
#[derive(Debug)]
pub struct Table {
    /// Its name in SQL.
    pub name: &'static str,
    /// Its columns.
    pub columns: fn() -> &'static Columns,
    /// The rows that a viewer may see, for a table alias. There is no way to read around it.
    pub visible: fn(&Scope, &str) -> Condition,
    /// The same where it can be said with less.
    pub beside: Option<Beside>,
    /// See [`Decode`].
    pub decode: Decode,
}

/// Which rows a viewer may see that stand beside the row they belong to: what `Table::visible` would look up there.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// The column that holds the id of that row.
    pub key: &'static str,
    /// The rows, for a table alias and that of the row they belong to.
    pub visible: fn(&Scope, &str, &str) -> Condition,
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
    let mut kept = Arc::<Model>::default();
    // nobody else holds it yet: filled where it stays, it is not copied, and models are large
    if let Some(model) = Arc::get_mut(&mut kept) {
        for (place, column) in (place..).zip(selected.of(Model::COLUMNS)) {
            model.set(column, row.at(place))?;
        }
        for pointer in pointers {
            // a row that the viewer may not see is none
            if row.at(pointer.place).read::<Option<Uuid>>()?.is_some() {
                model.set(pointer.column, row.at(pointer.place))?;
            }
        }
    }
    Ok(kept)
}

/// A row that counts its changes: what `expectedVersion` is about.
pub trait Versioned: Row + Clone {
    /// The version that was read.
    fn version(&self) -> i32;
    /// The next version, written at `at`.
    fn stamp(&mut self, version: i32, at: chrono::DateTime<chrono::Utc>);
}

/// Declares the table of an entity: `table!(follow_up, visible)`; with `versioned` if its rows are
/// changed one by one, with `merged: column` if one can be merged into another, with `beside(key): visible` for
/// [`Table::beside`].
macro_rules! table {
    ($entity:ident, $visible:path $(, beside($key:ident): $beside:path)? $(, merged: $into:ident)?) => {
        pub(crate) static TABLE: $crate::db::Table = $crate::db::Table {
            name: stringify!($entity),
            columns: || {
                static COLUMNS: std::sync::LazyLock<$crate::db::Columns> =
                    std::sync::LazyLock::new($crate::db::Columns::of::<entity::$entity::Entity>);
                &COLUMNS
            },
            visible: $visible,
            beside: [$(Some($crate::db::Beside { key: stringify!($key), visible: $beside }),)? None][0],
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
    ($entity:ident, $visible:path, versioned $(, beside($key:ident): $beside:path)? $(, merged: $into:ident)?) => {
        $crate::db::table!($entity, $visible $(, beside($key): $beside)? $(, merged: $into)?);
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
