//! How one table is read: what a page, a join or a batch needs to know about it.

use std::any::Any;
use std::sync::Arc;

use sea_orm::{Condition, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable, QueryResult};
use uuid::Uuid;

use crate::auth::Scope;

/// A row in memory, of whatever table.
pub type AnyRow = Arc<dyn Any + Send + Sync>;

/// Reads one row from the columns that start with a prefix; `None` if the join found none.
pub type Decode = fn(&QueryResult, &str) -> Result<Option<(Uuid, AnyRow)>, DbErr>;

/// One table that the API shows.
#[derive(Debug)]
pub struct Table {
    /// Its name in SQL.
    pub name: &'static str,
    /// Its columns.
    pub columns: fn() -> Vec<&'static str>,
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

/// The columns of an entity.
pub fn columns<E: EntityTrait>() -> Vec<&'static str> {
    E::Column::iter().map(|c| c.as_str()).collect()
}

/// The [`Decode`] of a model.
///
/// # Errors
/// A column of another type than the model says.
pub fn decode<M: FromQueryResult + Row>(
    row: &QueryResult,
    prefix: &str,
) -> Result<Option<(Uuid, AnyRow)>, DbErr> {
    if row.try_get::<Option<Uuid>>(prefix, "id")?.is_none() {
        return Ok(None);
    }
    let model = M::from_query_result(row, prefix)?;
    Ok(Some((model.id(), Arc::new(model))))
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
            columns: $crate::db::columns::<entity::$entity::Entity>,
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
