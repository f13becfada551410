//! The databases: the only room that holds a connection.
//!
//! Outside it one can only read through a [`Scope`](crate::auth::Scope) ([`Reader`]) and write in a
//! transaction that ends with exactly one change record ([`Tx`]).

mod change;
mod columns;
mod find;
mod list;
mod once;
mod open;
mod parts;
mod plan;
mod postgres;
mod read;
mod sqlite;
mod table;
mod template;
pub mod visible;
mod write;

pub use change::Change;
pub use columns::{Columns, Needed, Pointer, Selected, Wanted};
pub use find::Where;
pub use list::{Cursor, Direction, Mark, Order, Page, SortColumn, SortKind};
pub use once::{Done, Once};
pub use open::{Db, Dialect};
pub use plan::{Many, Plan, Slice, Window};
pub use read::Reader;
/// A value bound into a statement.
pub use sea_orm::Value as Bind;
pub(crate) use table::table;
pub use table::{AnyRow, Beside, Decode, Row, Table, Versioned, decode};
pub use write::{Seen, Tx, expect_version, missing};

/// The alias of the table that a statement is about; conditions of filters name its columns.
pub const MAIN: &str = "t0";
