//! The comparators of filters, and how they become conditions.

use async_graphql::{Enum, InputObject, InputType};
use uuid::Uuid;

use super::node::table;
use super::{Date, DateTime, Id};
use crate::db::{Bind, Dialect, Where};
use crate::error::{Error, Result};
use crate::id::Kind;
use crate::text::fold;

/// The longest list of a comparator.
const LONGEST_LIST: usize = 500;

/// What a filter may know about the request.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The viewer's scope.
    pub scope: &'a crate::auth::Scope,
    /// The database, for the days of the operations.
    pub db: &'a crate::db::Db,
    /// The instant of the request, UTC.
    pub now: chrono::DateTime<chrono::Utc>,
    /// The day that "overdue" is meant for; none: today in each operation's time zone.
    pub as_of: Option<chrono::NaiveDate>,
}

impl Asking<'_> {
    /// Which SQL conditions are written in.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.scope.dialect()
    }
}

/// A filter of a list.
pub trait FilterInput {
    /// The condition it stands for.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`: an id of another kind, a list over 500.
    fn condition(&self, asking: &Asking<'_>) -> Result<Where>;
}

/// Joins a filter's own conditions with its `and`, `or` and `not`.
///
/// # Errors
/// Those of the parts.
pub fn combine<F: FilterInput>(
    own: Vec<Where>,
    and: Option<&Vec<F>>,
    or: Option<&Vec<F>>,
    not: Option<&F>,
    asking: &Asking<'_>,
) -> Result<Where> {
    let mut all = own;
    for part in and.into_iter().flatten() {
        all.push(part.condition(asking)?);
    }
    if let Some(parts) = or {
        let parts: Vec<Where> = parts.iter().map(|p| p.condition(asking)).collect::<Result<_>>()?;
        all.push(Where::any(parts));
    }
    if let Some(part) = not {
        all.push(Where::except(part.condition(asking)?));
    }
    Ok(Where::all(all))
}

/// Refuses lists over 500.
///
/// # Errors
/// `BAD_USER_INPUT`, reason `LIST_TOO_LONG`.
pub fn bounded<T>(list: &[T], argument: &'static str) -> Result<()> {
    if list.len() > LONGEST_LIST {
        return Err(Error::BadArgument { reason: "LIST_TOO_LONG", argument: argument.into() });
    }
    Ok(())
}

/// The UUIDs of ids of one kind.
///
/// # Errors
/// `BAD_USER_INPUT`, reason `INVALID_ID` or `LIST_TOO_LONG`.
pub fn uuids(ids: &[Id], kind: Kind, argument: &'static str) -> Result<Vec<Uuid>> {
    bounded(ids, argument)?;
    ids.iter().map(|id| id.asked(kind, argument)).collect()
}

/// Compares ids. What is left out does not filter; several comparators must all hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct IdFilter {
    /// This one.
    pub eq: Option<Id>,
    /// One of these, at most 500.
    #[graphql(name = "in")]
    pub among: Option<Vec<Id>>,
    /// None of these, at most 500; rows without a value are kept.
    pub not_in: Option<Vec<Id>>,
    /// `true`: rows without a value; `false`: rows with one.
    pub is_null: Option<bool>,
}

impl IdFilter {
    /// The condition on `column`, which holds ids of `kind`. A row that the viewer may not see is none here
    /// either: what points to it counts as without a value, so that no filter tells hidden from missing.
    ///
    /// # Errors
    /// See [`uuids`].
    pub fn on(&self, column: &str, kind: Kind, argument: &'static str, asking: &Asking<'_>) -> Result<Where> {
        let dialect = asking.dialect();
        // whoever sees a row sees its id
        let table = if column == "id" { None } else { table(kind) };
        let seen = |part: Where| match table {
            Some(table) => part.and(Where::points_to_seen(asking.scope, table, column)),
            None => part,
        };
        let mut all = Vec::new();
        if let Some(id) = self.eq {
            let id = id.asked(kind, argument)?;
            all.push(match table {
                Some(table) => Where::eq(column, id).and(Where::is_seen(asking.scope, table, id)),
                None => Where::eq(column, id),
            });
        }
        if let Some(ids) = &self.among {
            all.push(seen(Where::ids(dialect, column, &uuids(ids, kind, argument)?)));
        }
        if let Some(ids) = &self.not_in {
            all.push(Where::except(seen(Where::ids(dialect, column, &uuids(ids, kind, argument)?))));
        }
        if let Some(null) = self.is_null {
            let with = seen(Where::is_null(column, false));
            all.push(if null { Where::except(with) } else { with });
        }
        Ok(Where::all(all))
    }
}

/// Compares texts without regard to case and accents.
#[derive(InputObject, Clone, Debug, Default)]
pub struct TextFilter {
    /// Equal.
    pub eq: Option<String>,
    /// Contains this.
    pub contains: Option<String>,
    /// Starts with this.
    pub starts_with: Option<String>,
}

impl TextFilter {
    /// The condition on a folded column.
    #[must_use]
    pub fn on(&self, column: &str) -> Where {
        Where::all(
            [
                self.eq.as_ref().map(|t| Where::eq(column, fold(t))),
                self.contains.as_ref().map(|t| Where::contains(column, &fold(t))),
                self.starts_with.as_ref().map(|t| Where::starts_with(column, &fold(t))),
            ]
            .into_iter()
            .flatten(),
        )
    }
}

/// Compares codes and slugs, exactly.
#[derive(InputObject, Clone, Debug, Default)]
pub struct CodeFilter {
    /// Equal.
    pub eq: Option<String>,
    /// One of these, at most 500.
    #[graphql(name = "in")]
    pub among: Option<Vec<String>>,
}

impl CodeFilter {
    /// The condition on a column.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`, reason `LIST_TOO_LONG`.
    pub fn on(&self, column: &str, argument: &'static str) -> Result<Where> {
        let mut all = Vec::new();
        all.extend(self.eq.as_ref().map(|code| Where::eq(column, code.as_str())));
        if let Some(codes) = &self.among {
            bounded(codes, argument)?;
            all.push(Where::words(column, codes));
        }
        Ok(Where::all(all))
    }
}

fn compare(
    column: &str,
    eq: Option<Bind>,
    gt: Option<Bind>,
    gte: Option<Bind>,
    lt: Option<Bind>,
    lte: Option<Bind>,
    is_null: Option<bool>,
) -> Where {
    Where::all(
        [
            eq.map(|v| Where::eq(column, v)),
            gt.map(|v| Where::gt(column, v)),
            gte.map(|v| Where::gte(column, v)),
            lt.map(|v| Where::lt(column, v)),
            lte.map(|v| Where::lte(column, v)),
            is_null.map(|null| Where::is_null(column, null)),
        ]
        .into_iter()
        .flatten(),
    )
}

/// Compares calendar days. Rows without a day meet none of the comparisons but `isNull: true`.
#[derive(InputObject, Clone, Debug, Default)]
pub struct DateFilter {
    /// On this day.
    pub eq: Option<Date>,
    /// After this day.
    pub gt: Option<Date>,
    /// On or after this day.
    pub gte: Option<Date>,
    /// Before this day.
    pub lt: Option<Date>,
    /// On or before this day.
    pub lte: Option<Date>,
    /// `true`: rows without a day; `false`: rows with one.
    pub is_null: Option<bool>,
}

impl DateFilter {
    /// The condition on a column.
    #[must_use]
    pub fn on(&self, column: &str) -> Where {
        let bind = |d: Option<Date>| d.map(|d| Bind::from(d.0));
        compare(
            column,
            bind(self.eq),
            bind(self.gt),
            bind(self.gte),
            bind(self.lt),
            bind(self.lte),
            self.is_null,
        )
    }
}

/// Compares instants.
#[derive(InputObject, Clone, Debug, Default)]
pub struct DateTimeFilter {
    /// After this instant.
    pub gt: Option<DateTime>,
    /// At or after this instant.
    pub gte: Option<DateTime>,
    /// Before this instant.
    pub lt: Option<DateTime>,
    /// At or before this instant.
    pub lte: Option<DateTime>,
}

impl DateTimeFilter {
    /// The condition on a column.
    #[must_use]
    pub fn on(&self, column: &str) -> Where {
        let bind = |d: Option<DateTime>| d.map(|d| Bind::from(d.0));
        compare(column, None, bind(self.gt), bind(self.gte), bind(self.lt), bind(self.lte), None)
    }
}

/// The condition that an enum column is one of `values`.
pub fn one_of<T: Copy, E: From<T>>(column: &str, values: &[T], word: impl Fn(E) -> String) -> Where {
    Where::words(column, &values.iter().map(|v| word(E::from(*v))).collect::<Vec<_>>())
}

/// Up or down.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OrderDirection {
    /// Smallest, earliest, A first. Rows without a value come last.
    #[default]
    Ascending,
    /// Largest, latest, Z first. Rows without a value come last.
    Descending,
}

impl From<OrderDirection> for crate::db::Direction {
    fn from(direction: OrderDirection) -> Self {
        match direction {
            OrderDirection::Ascending => Self::Ascending,
            OrderDirection::Descending => Self::Descending,
        }
    }
}

/// One entry of `orderBy`.
pub trait OrderInput: InputType {
    /// The column and the direction.
    fn column(&self) -> (crate::db::SortColumn, crate::db::Direction);
}
