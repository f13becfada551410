//! How one table is read: what a page, a join or a batch needs to know about it.

use std::any::Any;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::ArrayType;
use sea_orm::sqlx;
use sea_orm::{Condition, DbErr, EntityTrait, IdenStatic, Iterable, ModelTrait, QueryResult, Value};
use uuid::Uuid;

use crate::auth::Scope;

/// A row in memory, of whatever table.
pub type AnyRow = Arc<dyn Any + Send + Sync>;

/// Reads one row from the selected columns, which stand side by side in the table's order, the id first, from this
/// place on. Not where a join found none ([`id_at`]).
pub type Decode = fn(&QueryResult, usize, Selected) -> Result<AnyRow, DbErr>;

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

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
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
        let kept = E::Column::iter().enumerate().filter(|(_, column)| RIGHTS.contains(&column.as_str()));
        let rights = kept.fold(Selected::NONE, |all, (number, _)| all.and(Selected::one(number)));
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
        self.names.iter().position(|known| *known == name).map(Selected::one)
    }

    /// The names of some of them, in their order.
    pub fn names(&self, selected: Selected) -> impl Iterator<Item = &'static str> {
        let names = self.names.iter().enumerate();
        names.filter(move |(number, _)| selected.has(*number)).map(|(_, name)| *name)
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
pub fn decode<E>(row: &QueryResult, mut place: usize, selected: Selected) -> Result<AnyRow, DbErr>
where
    E: EntityTrait,
    E::Model: Row + Default,
{
    let mut model = E::Model::default();
    for (number, column) in E::Column::iter().enumerate() {
        if selected.has(number) {
            model.try_set(column, cell(row, place, &E::Model::get_value_type(column))?)?;
            place += 1;
        }
    }
    Ok(Arc::new(model))
}

/// The id that stands at a place; `None` if a join found no row.
pub(super) fn id_at(row: &QueryResult, place: usize) -> Result<Option<Uuid>, DbErr> {
    Ok(match cell(row, place, &ArrayType::Uuid)? {
        Value::Uuid(id) => id,
        _ => None,
    })
}

/// A value by its place. What type each column has we have made ourselves: the drivers need not ask again.
pub(super) fn cell(row: &QueryResult, place: usize, kind: &ArrayType) -> Result<Value, DbErr> {
    match (row.try_as_pg_row(), row.try_as_sqlite_row()) {
        (Some(row), _) => value(row, place, kind),
        (None, Some(row)) => value(row, place, kind),
        (None, None) => Err(DbErr::Type("a row of no database of ours".to_owned())),
    }
}

fn value<'r, R>(row: &'r R, place: usize, kind: &ArrayType) -> Result<Value, DbErr>
where
    R: sqlx::Row,
    usize: sqlx::ColumnIndex<R>,
    Option<Uuid>: sqlx::Decode<'r, R::Database>,
    Option<String>: sqlx::Decode<'r, R::Database>,
    Option<bool>: sqlx::Decode<'r, R::Database>,
    Option<i32>: sqlx::Decode<'r, R::Database>,
    Option<i64>: sqlx::Decode<'r, R::Database>,
    Option<NaiveDate>: sqlx::Decode<'r, R::Database>,
    Option<DateTime<Utc>>: sqlx::Decode<'r, R::Database>,
{
    let read = match kind {
        ArrayType::Uuid => row.try_get_unchecked(place).map(Value::Uuid),
        ArrayType::String => row.try_get_unchecked(place).map(Value::String),
        ArrayType::Bool => row.try_get_unchecked(place).map(Value::Bool),
        ArrayType::Int => row.try_get_unchecked(place).map(Value::Int),
        ArrayType::BigInt => row.try_get_unchecked(place).map(Value::BigInt),
        ArrayType::ChronoDate => row.try_get_unchecked(place).map(Value::ChronoDate),
        ArrayType::ChronoDateTimeUtc => row.try_get_unchecked(place).map(Value::ChronoDateTimeUtc),
        other => return Err(DbErr::Type(format!("a column of the type {other:?}"))),
    };
    read.map_err(|error| DbErr::Type(error.to_string()))
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
            decode: $crate::db::decode::<entity::$entity::Entity>,
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
