//! Tables in memory: columns, values, and the stamps that every row has.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// A stored value.
#[derive(Clone, Debug)]
pub enum Value {
    /// A text.
    Text(String),
    /// An id.
    Id(Uuid),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Bool(bool),
    /// A day.
    Day(NaiveDate),
    /// An instant.
    At(DateTime<Utc>),
    /// Nothing.
    Null,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}
impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}
impl From<NaiveDate> for Value {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}
impl From<DateTime<Utc>> for Value {
    fn from(at: DateTime<Utc>) -> Self {
        Self::At(at)
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A column and its value.
pub type Cell = (&'static str, Value);

/// Rows of a table. Columns that are not named are null.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns.
    pub columns: Vec<&'static str>,
    /// The values, in the order of the columns.
    pub rows: Vec<Vec<Value>>,
}

/// Tables in the order in which foreign keys need them.
#[derive(Debug, Default)]
pub struct Tables(pub Vec<Table>);

impl Tables {
    /// A row; every row of a table names the same columns, in the same order.
    pub fn add(&mut self, name: &'static str, cells: Vec<Cell>) {
        let (columns, row): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
        if let Some(table) = self.0.iter_mut().find(|t| t.name == name) {
            assert_eq!(table.columns, columns, "{name}");
            table.rows.push(row);
        } else {
            self.0.push(Table { name, columns, rows: vec![row] });
        }
    }

    /// A row, with its stamps; `change`: when it was last changed, and its version.
    pub fn entered(
        &mut self,
        name: &'static str,
        mut cells: Vec<Cell>,
        at: DateTime<Utc>,
        change: (DateTime<Utc>, i64),
    ) {
        cells.extend([
            ("created_at", at.into()),
            ("updated_at", change.0.into()),
            ("version", change.1.into()),
        ]);
        self.add(name, cells);
    }

    /// A line of the change sequence.
    pub fn change(&mut self, change: Change) {
        self.add(
            "change",
            vec![
                ("at", change.at.into()),
                ("kind", change.kind.into()),
                ("entity_kind", change.of.0.into()),
                ("entity_id", change.of.1.into()),
                ("group_id", change.group.into()),
                ("operation_id", change.operation.into()),
                ("to_state", change.state.into()),
                ("detail", change.detail.into()),
            ],
        );
    }
}

/// What a mutation left in the change sequence.
#[derive(Debug)]
pub struct Change {
    /// When.
    pub at: DateTime<Utc>,
    /// Which mutation.
    pub kind: &'static str,
    /// The kind of row it was about, and which.
    pub of: (&'static str, Uuid),
    /// Its group.
    pub group: Option<Uuid>,
    /// Its operation.
    pub operation: Option<Uuid>,
    /// The state it came to.
    pub state: Option<&'static str>,
    /// More, as JSON.
    pub detail: Option<String>,
}
