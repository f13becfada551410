//! Lists that can grow: order, cursor, page. Keyset paging, nulls last, id as tie-break.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate, Utc};
use entity::cell::Cells;
use sea_orm::sea_query::{ExprTrait, NullOrdering, OrderedStatement};
use sea_orm::{Condition, DbErr, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::MAIN;
use super::find::{col, nothing};
use crate::error::{Error, Result};

/// Up or down. Rows without a value come last either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// What kind of value a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKind {
    /// Text, compared by bytes.
    Text,
    /// A calendar day.
    Date,
    /// An instant.
    Instant,
    /// A whole number.
    Number,
}

/// A column that lists may be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortColumn {
    /// Its name in SQL.
    pub name: &'static str,
    /// What it holds.
    pub kind: SortKind,
}

/// An order: columns, then the id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order(pub Vec<(SortColumn, Direction)>);

/// Where a page starts or ends: the order it belongs to, the sort values of a row, its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "o")]
    order: String,
    #[serde(rename = "v")]
    values: Vec<serde_json::Value>,
    #[serde(rename = "i")]
    id: Uuid,
}

/// A row's place in a list, which is written as a cursor when somebody asks for it.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// By what the list is ordered by.
    Row {
        /// The order's signature.
        order: Arc<str>,
        /// What the row has there.
        values: Vec<Value>,
        /// Its id.
        id: Uuid,
    },
    /// As it is, for a list with cursors of its own.
    Written(String),
}

impl Mark {
    /// The cursor, as clients see it.
    #[must_use]
    pub fn cursor(&self) -> String {
        match self {
            Self::Row { order, values, id } => {
                let values = values.iter().map(plain).collect();
                Cursor { order: order.to_string(), values, id: *id }.encode()
            }
            Self::Written(cursor) => cursor.clone(),
        }
    }
}

fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.clone().into(),
        Value::ChronoDate(day) => day.map(|day| day.to_string()).into(),
        Value::ChronoDateTimeUtc(instant) => instant.map(|instant| instant.to_rfc3339()).into(),
        Value::Int(number) => (*number).into(),
        _ => serde_json::Value::Null,
    }
}

/// A page asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many, at most.
    pub size: u64,
    /// The last ones instead of the first.
    pub backward: bool,
    /// Only what comes after this.
    pub after: Option<Cursor>,
    /// Only what comes before this.
    pub before: Option<Cursor>,
}

impl Page {
    /// How many rows it shows, at most.
    pub(super) fn rows(&self) -> usize {
        usize::try_from(self.size).unwrap_or(usize::MAX)
    }
}

impl Cursor {
    /// As clients see it.
    #[must_use]
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// From what a client sent.
    ///
    /// # Errors
    /// `INVALID_CURSOR` if it is none, or one of another order.
    pub fn decode(text: &str, order: &Order, argument: &'static str) -> Result<Self> {
        let broken = || Error::BadArgument { reason: "INVALID_CURSOR", argument: argument.into() };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| broken())?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| broken())?;
        if cursor.order != order.signature() || cursor.values.len() != order.0.len() {
            return Err(broken());
        }
        for ((column, _), value) in order.0.iter().zip(&cursor.values) {
            bind(column.kind, value).ok_or_else(broken)?;
        }
        Ok(cursor)
    }
}

impl Order {
    /// The columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(column, _)| column.name)
    }

    /// Names the order, so that a cursor of another one is recognised.
    pub(super) fn signature(&self) -> String {
        let part = |(c, d): &(SortColumn, Direction)| {
            format!("{}{}", if *d == Direction::Ascending { '+' } else { '-' }, c.name)
        };
        self.0.iter().map(part).collect()
    }

    /// The place of a row; the columns of this order stand at these places of it.
    pub(super) fn mark(
        &self,
        row: Cells<'_>,
        places: &[usize],
        order: &Arc<str>,
        id: Uuid,
    ) -> Result<Mark, DbErr> {
        let value = |((column, _), place): (&(SortColumn, Direction), &usize)| {
            let cell = row.at(*place);
            Ok::<_, DbErr>(match column.kind {
                SortKind::Text => Value::String(cell.read()?),
                SortKind::Date => Value::ChronoDate(cell.read()?),
                SortKind::Instant => Value::ChronoDateTimeUtc(cell.read()?),
                SortKind::Number => Value::Int(cell.read()?),
            })
        };
        let values = self.0.iter().zip(places).map(value).collect::<Result<_, _>>()?;
        Ok(Mark::Row { order: order.clone(), values, id })
    }

    /// Orders `select`; backwards for the last page.
    pub(super) fn apply(&self, select: &mut impl OrderedStatement, backward: bool) {
        self.apply_to(select, MAIN, backward);
    }

    /// The same for the rows of another table of the statement.
    pub(super) fn apply_to(&self, select: &mut impl OrderedStatement, alias: &str, backward: bool) {
        let flip = |d: Direction| match (d, backward) {
            (Direction::Ascending, false) | (Direction::Descending, true) => sea_orm::Order::Asc,
            _ => sea_orm::Order::Desc,
        };
        let nulls = if backward { NullOrdering::First } else { NullOrdering::Last };
        for (column, direction) in &self.0 {
            select.order_by_expr_with_nulls(col(alias, column.name), flip(*direction), nulls);
        }
        select.order_by_expr(col(alias, "id"), flip(Direction::Ascending));
    }

    /// What lies between the cursors of a page.
    pub(super) fn between(&self, page: &Page) -> Condition {
        let after = page.after.iter().map(|cursor| self.beyond(cursor, true));
        let before = page.before.iter().map(|cursor| self.beyond(cursor, false));
        after.chain(before).fold(Condition::all(), Condition::add)
    }

    /// The rows on one side of a cursor.
    fn beyond(&self, cursor: &Cursor, after: bool) -> Condition {
        let mut any = Condition::any();
        let mut equal_so_far = Condition::all();
        for ((column, direction), value) in self.0.iter().zip(&cursor.values) {
            let here = || col(MAIN, column.name);
            let value = bind(column.kind, value).flatten();
            let upward = (*direction == Direction::Ascending) == after;
            let step = match (&value, after) {
                // nulls come last: nothing follows a null, every value precedes it
                (None, true) => nothing(),
                (None, false) => Condition::all().add(here().is_not_null()),
                (Some(v), _) => {
                    let strictly = if upward { here().gt(v.clone()) } else { here().lt(v.clone()) };
                    let side = Condition::any().add(strictly);
                    if after { side.add(here().is_null()) } else { side }
                }
            };
            any = any.add(equal_so_far.clone().add(step));
            equal_so_far = equal_so_far.add(match value {
                Some(v) => here().eq(v),
                None => here().is_null(),
            });
        }
        let id = col(MAIN, "id");
        any.add(equal_so_far.add(if after { id.gt(cursor.id) } else { id.lt(cursor.id) }))
    }
}

/// A sort value of a cursor as SQL takes it. `None`: of another type. `Some(None)`: null.
fn bind(kind: SortKind, value: &serde_json::Value) -> Option<Option<Value>> {
    if value.is_null() {
        return Some(None);
    }
    let bound: Value = match kind {
        SortKind::Text => value.as_str()?.to_owned().into(),
        SortKind::Date => value.as_str()?.parse::<NaiveDate>().ok()?.into(),
        SortKind::Instant => DateTime::parse_from_rfc3339(value.as_str()?).ok()?.with_timezone(&Utc).into(),
        SortKind::Number => i32::try_from(value.as_i64()?).ok()?.into(),
    };
    Some(Some(bound))
}
