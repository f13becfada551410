//! The cells of a row, read as what stands in them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use sea_orm::sqlx::{ColumnIndex, Decode, Error, Row, ValueRef, postgres::PgRow, sqlite::SqliteRow};
use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use crate::block::{Block, Held};

/// A model that takes its fields from the cells of a row.
pub trait FromCells: Default {
    /// How many columns its table has.
    const COLUMNS: usize;

    /// Takes the field of a column, counted from 0 in the table's order.
    ///
    /// # Errors
    /// Something else stands there.
    fn set(&mut self, column: usize, cell: Cell<'_>) -> Result<(), DbErr>;
}

/// A row of one of our databases.
#[derive(Clone, Copy)]
pub enum Cells<'r> {
    /// Of PostgreSQL.
    Postgres(&'r PgRow),
    /// Of SQLite, in a transaction.
    Sqlite(&'r SqliteRow),
    /// Of SQLite: what stands in a [`Block`].
    Block(&'r Block, usize),
}

impl<'r> Cells<'r> {
    /// Those of a row.
    ///
    /// # Errors
    /// It comes from neither.
    pub fn of(row: &'r QueryResult) -> Result<Self, DbErr> {
        let found = row.try_as_pg_row().map(Self::Postgres);
        let found = found.or_else(|| row.try_as_sqlite_row().map(Self::Sqlite));
        found.ok_or_else(|| DbErr::Type("a row of no database of ours".to_owned()))
    }

    /// The one at a place, counted from 0.
    #[must_use]
    pub const fn at(self, place: usize) -> Cell<'r> {
        Cell { row: self, place }
    }
}

/// One of them.
#[derive(Clone, Copy)]
pub struct Cell<'r> {
    row: Cells<'r>,
    place: usize,
}

impl<'r> Cell<'r> {
    /// What stands in it.
    ///
    /// # Errors
    /// Nothing, or something else.
    pub fn read<T: Field>(self) -> Result<T, DbErr> {
        T::read(self)
    }

    /// The same for what the drivers know. What type each column has we have made ourselves: they need not ask again.
    fn plain<T: Plain<'r>>(self) -> Result<Option<T>, DbErr> {
        match self.row {
            Cells::Postgres(row) => unchecked(row, self.place).map_err(misread),
            Cells::Sqlite(row) => unchecked(row, self.place).map_err(misread),
            Cells::Block(block, row) => match block.held(row, self.place)? {
                Held::Nothing => Ok(None),
                held => match T::of(held) {
                    None => Err(DbErr::Type(format!("column {} holds something else", self.place))),
                    found => Ok(found),
                },
            },
        }
    }

    /// Its bytes, which is how the drivers hold texts and ids: most of what is read.
    fn bytes(self) -> Result<Option<&'r [u8]>, DbErr> {
        let Cells::Postgres(row) = self.row else { return self.plain() };
        let value = row.try_get_raw(self.place).map_err(misread)?;
        if value.is_null() { Ok(None) } else { value.as_bytes().map(Some).map_err(misread) }
    }
}

fn misread(error: impl std::fmt::Display) -> DbErr {
    DbErr::Type(error.to_string())
}

fn unchecked<'r, R: Row, T: Decode<'r, R::Database>>(row: &'r R, place: usize) -> Result<Option<T>, Error>
where
    usize: ColumnIndex<R>,
{
    row.try_get_unchecked(place)
}

/// What a field of a model may be.
pub trait Field: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// Nothing stands there, or something else.
    fn read(cell: Cell<'_>) -> Result<Self, DbErr>;
}

/// What a cell may hold, if it is not empty.
pub trait Content: Sized {
    /// Reads it; `None` if nothing stands there.
    ///
    /// # Errors
    /// Something else stands there.
    fn find(cell: Cell<'_>) -> Result<Option<Self>, DbErr>;
}

impl<T: Content> Field for T {
    fn read(cell: Cell<'_>) -> Result<Self, DbErr> {
        T::find(cell)?.ok_or_else(|| DbErr::Type(format!("column {} is empty", cell.place)))
    }
}

impl<T: Content> Field for Option<T> {
    fn read(cell: Cell<'_>) -> Result<Self, DbErr> {
        T::find(cell)
    }
}

/// What the drivers know how to read.
trait Plain<'r>: Decode<'r, sea_orm::sqlx::Postgres> + Decode<'r, sea_orm::sqlx::Sqlite> {
    /// The same from a block; `None` if something else stands there.
    fn of(held: Held<'r>) -> Option<Self>;
}

impl Plain<'_> for bool {
    fn of(held: Held<'_>) -> Option<Self> {
        held.number().map(|number| number != 0)
    }
}

impl Plain<'_> for i32 {
    fn of(held: Held<'_>) -> Option<Self> {
        held.number()?.try_into().ok()
    }
}

impl Plain<'_> for i64 {
    fn of(held: Held<'_>) -> Option<Self> {
        held.number()
    }
}

impl Plain<'_> for NaiveDate {
    fn of(held: Held<'_>) -> Option<Self> {
        held.text()?.parse().ok()
    }
}

impl Plain<'_> for DateTime<Utc> {
    fn of(held: Held<'_>) -> Option<Self> {
        let text = held.text()?;
        // as the drivers write it; as SQLite itself does
        let written = DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc());
        written
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%F %T%.f").map(|instant| instant.and_utc()))
            .ok()
    }
}

impl<'r> Plain<'r> for &'r [u8] {
    fn of(held: Held<'r>) -> Option<Self> {
        if let Held::Bytes(bytes) = held { Some(bytes) } else { None }
    }
}

macro_rules! as_the_drivers_do {
    ($($content:ty),*) => {$(
        impl Content for $content {
            fn find(cell: Cell<'_>) -> Result<Option<Self>, DbErr> {
                cell.plain()
            }
        }
    )*};
}

as_the_drivers_do!(bool, i32, i64, NaiveDate, DateTime<Utc>);

impl Content for Uuid {
    fn find(cell: Cell<'_>) -> Result<Option<Self>, DbErr> {
        cell.bytes()?.map(Self::from_slice).transpose().map_err(misread)
    }
}

/// Texts are long and full of accents: looking whether they are UTF-8 costs more than copying them.
impl Content for String {
    fn find(cell: Cell<'_>) -> Result<Option<Self>, DbErr> {
        let Some(bytes) = cell.bytes()? else { return Ok(None) };
        match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(DbErr::Type(format!("column {} holds no text", cell.place))),
        }
    }
}

/// One of a closed list of words.
pub(crate) fn word<T: Copy>(cell: Cell<'_>, known: &[(String, T)]) -> Result<Option<T>, DbErr> {
    let Some(word) = cell.bytes()? else { return Ok(None) };
    match known.iter().find(|(known, _)| known.as_bytes() == word) {
        Some((_, value)) => Ok(Some(*value)),
        None => Err(DbErr::Type(format!("column {} holds a word that is unknown", cell.place))),
    }
}
