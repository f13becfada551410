//! What is to be read, and what came of it.

use std::sync::Arc;

use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Query, SelectStatement, WindowStatement};
use uuid::Uuid;

use super::list::{Direction, Mark, Order, Page, SortColumn, SortKind};
use super::{MAIN, Table, Where};

/// What to read of a table: the rows it points to, the rows that point to it.
#[derive(Debug)]
pub struct Plan {
    /// The table.
    pub table: &'static Table,
    /// Columns that hold the id of another row, and what to read of that row.
    pub ones: Vec<(&'static str, Plan)>,
    /// Rows of other tables that point here.
    pub manys: Vec<Many>,
}

/// Rows that point to the rows of a plan.
#[derive(Debug)]
pub struct Many {
    /// Name of the relation with its arguments: the key under which resolvers find the rows.
    pub relation: Arc<str>,
    /// The column that points to the parent.
    pub key: &'static str,
    /// Which of them.
    pub window: Window,
    /// What to read of each.
    pub plan: Plan,
}

/// Which rows of a list, in which order.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// The condition, besides visibility.
    pub filter: Where,
    /// The order.
    pub order: Order,
    /// The page; without one, all rows up to the cap of a naturally bounded list.
    pub page: Option<Page>,
    /// Whether to count all rows that meet the filter.
    pub count: bool,
    /// Whether the place of every row of a page is asked for, not only that of the first and the last one.
    pub cursors: bool,
}

impl Window {
    /// All rows of a naturally bounded list, the smallest value of this column first.
    #[must_use]
    pub fn ascending(name: &'static str, kind: SortKind) -> Self {
        Self { order: Order(vec![(SortColumn { name, kind }, Direction::Ascending)]), ..Self::default() }
    }
}

/// A list read: ids in order, and what a connection says about them.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    /// The rows, in order.
    pub ids: Vec<Uuid>,
    /// The place of each, or of the first and the last; only of pages.
    pub marks: Vec<Mark>,
    /// Whether more rows follow.
    pub has_next: bool,
    /// Whether rows come before.
    pub has_previous: bool,
    /// How many there are in all, if asked.
    pub total: Option<i64>,
}

/// A page for each parent in one statement: rows are numbered within their parent.
pub(super) fn windowed(mut select: SelectStatement, many: &Many, page: &Page) -> SelectStatement {
    let mut window = WindowStatement::partition_by((Alias::new(MAIN), Alias::new(many.key)));
    many.window.order.apply(&mut window, page.backward);
    select.expr_window_as(Func::cust(Alias::new("ROW_NUMBER")), window, Alias::new("place_in_page"));
    Query::select()
        .column(Asterisk)
        .from_subquery(select, Alias::new("numbered"))
        .and_where(
            Expr::col(Alias::new("place_in_page")).lte(i64::try_from(page.size + 1).unwrap_or(i64::MAX)),
        )
        .order_by(Alias::new("place_in_page"), sea_orm::Order::Asc)
        .take()
}

/// Cuts the row too many, turns a backward page round, says whether there is more.
pub(super) fn finish(slice: &mut Slice, window: &Window) {
    let Some(page) = &window.page else { return };
    let size = page.rows();
    let more = slice.ids.len() > size;
    slice.ids.truncate(size);
    slice.marks.truncate(size);
    if page.backward {
        slice.ids.reverse();
        slice.marks.reverse();
        slice.has_previous = more;
        slice.has_next = page.before.is_some();
    } else {
        slice.has_next = more;
        slice.has_previous = page.after.is_some();
    }
}
