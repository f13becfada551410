//! Relay connections: `edges`, `nodes`, `pageInfo`, `totalCount`.

use std::borrow::Cow;

use async_graphql::{Context, Description, Object, OutputType, SimpleObject, TypeName};

use super::direct::{Direct, Json, object};
use super::filter::OrderInput;
use super::written::{Sequence, Written};
use crate::db::{Cursor, Mark, Order, Page, Slice};
use crate::error::{Error, Result};

/// How many rows a page has if nobody says.
pub const DEFAULT_PAGE: u64 = 20;
/// How many rows a page has at most.
pub const LARGEST_PAGE: u64 = 100;

/// Where a page stands in its list.
#[derive(SimpleObject, Clone, Debug, Default)]
pub struct PageInfo {
    /// Whether more rows follow this page.
    has_next_page: bool,
    /// Whether rows come before this page.
    has_previous_page: bool,
    /// The cursor of the first row, for `before`.
    start_cursor: Option<String>,
    /// The cursor of the last row, for `after`.
    end_cursor: Option<String>,
}

/// A page of a list that can grow.
#[derive(Debug, Description)]
pub struct ConnectionFields<T> {
    /// The rows.
    pub nodes: Vec<T>,
    marks: Vec<Mark>,
    page_info: PageInfo,
    total: Option<i64>,
}

/// See [`ConnectionFields`].
pub type Connection<T> = Written<ConnectionFields<T>>;

/// A row and its cursor.
#[derive(Debug, Description)]
pub struct EdgeFields<T> {
    node: T,
    cursor: String,
}

/// See [`EdgeFields`].
pub type Edge<T> = Written<EdgeFields<T>>;

impl<T> Connection<T> {
    /// From what was read; `nodes` are the objects of `slice.ids`.
    #[must_use]
    pub fn of(slice: &Slice, nodes: Vec<T>) -> Self {
        Self(ConnectionFields {
            nodes,
            marks: slice.marks.clone(),
            page_info: PageInfo {
                has_next_page: slice.has_next,
                has_previous_page: slice.has_previous,
                start_cursor: slice.marks.first().map(Mark::cursor),
                end_cursor: slice.marks.last().map(Mark::cursor),
            },
            total: slice.total,
        })
    }
}

impl<T: OutputType> TypeName for ConnectionFields<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for EdgeFields<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

#[Object(name_type, use_type_description)]
impl<T: OutputType + Json + Clone + 'static> ConnectionFields<T> {
    /// The rows with their cursors.
    fn edges(&self) -> Sequence<Vec<Edge<T>>> {
        let pairs = self.nodes.iter().cloned().zip(self.marks.iter().map(Mark::cursor));
        Sequence(pairs.map(|(node, cursor)| Written(EdgeFields { node, cursor })).collect())
    }

    /// The rows.
    fn nodes(&self) -> Sequence<&[T]> {
        Sequence(&self.nodes)
    }

    /// Where this page stands in the list.
    fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many rows you may see that meet the filter, on all pages. Counted only when asked for.
    fn total_count(&self) -> Result<i64> {
        self.total.ok_or(Error::Internal)
    }
}

#[Object(name_type, use_type_description)]
impl<T: OutputType + Json + 'static> EdgeFields<T> {
    /// The row.
    fn node(&self) -> &T {
        &self.node
    }

    /// Its cursor, for `after` and `before` in the same order.
    fn cursor(&self) -> &str {
        &self.cursor
    }
}

impl<T: OutputType + Json + Clone + 'static> Direct for ConnectionFields<T> {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "edges" => self.edges(field).0.write(field, json),
            "nodes" => self.nodes.write(field, json),
            "pageInfo" => self.page_info.write(field, json),
            "totalCount" => self.total_count(field).write(field, json),
            _ => false,
        }
    }
}

impl<T: OutputType + Json + 'static> Direct for EdgeFields<T> {
    fn direct(&self, name: &str, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        match name {
            "node" => self.node.write(field, json),
            "cursor" => self.cursor.write(field, json),
            _ => false,
        }
    }
}

impl Json for PageInfo {
    fn write(&self, field: &Context<'_>, json: &mut Vec<u8>) -> bool {
        let ctx = field.with_selection_set(&field.item.node.selection_set);
        object(&ctx, &Self::type_name(), json, |name, field, json| match name {
            "hasNextPage" => self.has_next_page.write(field, json),
            "hasPreviousPage" => self.has_previous_page.write(field, json),
            "startCursor" => self.start_cursor.write(field, json),
            "endCursor" => self.end_cursor.write(field, json),
            _ => false,
        })
    }
}

/// The paging arguments of a list.
#[derive(Clone, Debug, Default)]
pub struct PageArguments {
    /// The first so many rows.
    pub first: Option<i32>,
    /// After this cursor.
    pub after: Option<String>,
    /// The last so many rows.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<String>,
}

impl PageArguments {
    /// The page they ask for.
    ///
    /// # Errors
    /// `PAGE_TOO_LARGE`, `INVALID_PAGE_SIZE`, `FIRST_AND_LAST`, `INVALID_CURSOR`.
    pub fn page(&self, order: &Order) -> Result<Page> {
        let bad = |reason, argument: &'static str| Error::BadArgument { reason, argument: argument.into() };
        let (size, backward, argument) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(bad("FIRST_AND_LAST", "last")),
            (Some(first), None) => (i64::from(first), false, "first"),
            (None, Some(last)) => (i64::from(last), true, "last"),
            (None, None) => (DEFAULT_PAGE.cast_signed(), false, "first"),
        };
        let size = u64::try_from(size).map_err(|_| bad("INVALID_PAGE_SIZE", argument))?;
        if size > LARGEST_PAGE {
            return Err(bad("PAGE_TOO_LARGE", argument));
        }
        let cursor = |text: &Option<String>, argument| {
            text.as_deref().map(|text| Cursor::decode(text, order, argument)).transpose()
        };
        Ok(Page {
            size,
            backward,
            after: cursor(&self.after, "after")?,
            before: cursor(&self.before, "before")?,
        })
    }
}

/// The order asked for, or the default one.
///
/// # Errors
/// `INVALID_ORDER`: more than three entries, or a field twice.
pub fn order<O: OrderInput>(asked: Option<&Vec<O>>, default: Order) -> Result<Order> {
    let Some(asked) = asked.filter(|a| !a.is_empty()) else { return Ok(default) };
    let columns: Vec<_> = asked.iter().map(OrderInput::column).collect();
    let twice =
        columns.iter().enumerate().any(|(i, (c, _))| columns[..i].iter().any(|(other, _)| other == c));
    if columns.len() > 3 || twice {
        return Err(Error::BadArgument { reason: "INVALID_ORDER", argument: "orderBy".into() });
    }
    Ok(Order(columns))
}
