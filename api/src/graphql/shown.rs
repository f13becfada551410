//! What an object type says of itself, so that its rows can be read.

use std::sync::Arc;

use async_graphql::{InputType, ObjectType, OutputType};

use super::direct::Direct;
use super::filter::{FilterInput, OrderInput};
use super::prefetch::Relation;
use super::written::Written;
use crate::db::{Order, Row};

/// An object of the schema over a row of a table.
pub trait Shown: OutputType + Clone + Send + Sync + 'static {
    /// The row.
    type Row: Row;
    /// The object of a row.
    fn of(row: Arc<Self::Row>) -> Self;
    /// Its fields that lead to other rows.
    fn relations() -> Vec<Relation>;
    /// What its fields read of the row; every column if that is not said.
    #[must_use]
    fn reads() -> Option<Reads> {
        None
    }
}

/// What fields read of a row: each the column of its own name or that holds the id of what it shows, and these. A field
/// of which nothing is said reads the column of its own name and whatever rights may depend on
/// ([`crate::db::Columns::rights`]); every column if there is none of its name.
pub type Reads = &'static [(&'static str, &'static [&'static str])];

/// In [`Reads`]: what it depends on whether the viewer has a seat where the row belongs
/// ([`crate::auth::Scope::may_read`]), which is not the same for all viewers.
pub const SEAT: &str = "seat";

impl<T: Shown + ObjectType + Direct> Shown for Written<T> {
    type Row = T::Row;

    fn of(row: Arc<T::Row>) -> Self {
        Self(T::of(row))
    }

    fn relations() -> Vec<Relation> {
        T::relations()
    }

    fn reads() -> Option<Reads> {
        T::reads()
    }
}

/// An object with a list of its own.
pub trait Listed: Shown {
    /// `filter:`
    type Filter: InputType + FilterInput + Send + Sync;
    /// An entry of `orderBy:`
    type OrderBy: OrderInput + Send + Sync;
    /// The order if nobody says.
    fn default_order() -> Order;
}
