//! From the selection to a plan, and from memory to objects.
//!
//! A type declares its relations once ([`Shown::relations`]); the front desk walks the selection of
//! a root field, merges what is selected twice, and reads each relation once for all parents. Field
//! resolvers then take rows from memory: [`Front::one`], [`Front::many`], [`Front::connection`].

use std::sync::Arc;

use async_graphql::{Context, InputType, Name, SelectionField, Value};
use uuid::Uuid;

use super::connection::{Connection, PageArguments, order};
use super::context::Front;
use super::filter::{Asking, FilterInput};
use super::shown::{Listed, Shown};
use crate::auth::Scope;
use crate::db::{Many, Order, Plan, Row, Slice, Table, Where, Window};
use crate::error::{Error, Result};

/// A table and its relations, as the walk of the selection needs them.
#[derive(Clone, Copy)]
pub struct Noun {
    pub(super) table: &'static Table,
    pub(super) relations: fn() -> Vec<Relation>,
}

impl Noun {
    /// A table that has no relations of its own.
    #[must_use]
    pub fn leaf(table: &'static Table) -> Self {
        Self { table, relations: Vec::new }
    }

    /// The noun of an object type.
    #[must_use]
    pub fn of<T: Shown>() -> Self {
        Self { table: T::Row::table(), relations: T::relations }
    }
}

type Arguments = Vec<(Name, Value)>;

/// Fields that need the rows of a relation, and the viewers for whom they do.
struct Also {
    fields: &'static [&'static str],
    viewers: fn(&Scope) -> bool,
    /// Which columns of them; every one if that is not said.
    columns: Option<&'static [&'static str]>,
}

/// A field that leads to other rows.
pub struct Relation {
    field: &'static str,
    /// Further fields that show or need the same rows.
    also: Vec<Also>,
    /// The column: of this row (to one), or of the other rows (to many).
    column: &'static str,
    noun: fn() -> Noun,
    kind: RelationKind,
}

enum RelationKind {
    One,
    Many(fn(&Asking<'_>) -> Window),
    Connection(fn(&Arguments, &Asking<'_>) -> Result<Window>),
    Inside,
    Beside,
}

impl Relation {
    /// Whether this is the field itself, which shows of the rows what is selected in it.
    pub(super) fn shows(&self, field: &str) -> bool {
        self.field == field && !matches!(self.kind, RelationKind::Inside | RelationKind::Beside)
    }

    /// The column of this row that a field needs to find the other one.
    pub(super) fn pointer(&self, field: &str) -> Option<&'static str> {
        let points = matches!(self.kind, RelationKind::One | RelationKind::Beside);
        (points && self.field == field).then_some(self.column)
    }

    /// Whether a field needs the rows of another table without saying which part of them: all of them.
    pub(super) fn needs_all(&self, field: &str) -> Option<&'static Table> {
        let beside = self.field == field && matches!(self.kind, RelationKind::Inside | RelationKind::Beside);
        let also = self.also.iter().any(|also| also.columns.is_none() && also.fields.contains(&field));
        (beside || also).then(|| (self.noun)().table)
    }

    /// Which columns of another table a field needs for this viewer, besides those of the fields that are asked there.
    pub(super) fn needs(
        &self,
        field: &str,
        scope: &Scope,
    ) -> Option<(&'static Table, &'static [&'static str])> {
        let needs =
            |also: &Also| also.columns.filter(|_| also.fields.contains(&field) && (also.viewers)(scope));
        self.also.iter().find_map(needs).map(|columns| ((self.noun)().table, columns))
    }

    /// `field` shows the row whose id is in this row's `column`.
    #[must_use]
    pub fn one<T: Shown>(field: &'static str, column: &'static str) -> Self {
        Self { field, also: Vec::new(), column, noun: Noun::of::<T>, kind: RelationKind::One }
    }

    /// `field` shows the rows whose `column` holds this row's id: a naturally bounded list.
    #[must_use]
    pub fn many<T: Shown>(
        field: &'static str,
        column: &'static str,
        window: fn(&Asking<'_>) -> Window,
    ) -> Self {
        Self { field, also: Vec::new(), column, noun: Noun::of::<T>, kind: RelationKind::Many(window) }
    }

    /// The same for rows that are no objects of their own.
    #[must_use]
    pub fn rows(
        field: &'static str,
        column: &'static str,
        noun: fn() -> Noun,
        window: fn(&Asking<'_>) -> Window,
    ) -> Self {
        Self { field, also: Vec::new(), column, noun, kind: RelationKind::Many(window) }
    }

    /// Fields that need the same rows: they are read as soon as one of them is asked for. Such a field
    /// is a leaf, or an object of the same rows.
    #[must_use]
    pub fn also(mut self, fields: &'static [&'static str]) -> Self {
        self.also.push(Also { fields, viewers: |_| true, columns: None });
        self
    }

    /// The same, for some viewers only: whose answer depends on these columns of the rows.
    #[must_use]
    pub fn also_for(
        mut self,
        fields: &'static [&'static str],
        viewers: fn(&Scope) -> bool,
        columns: &'static [&'static str],
    ) -> Self {
        self.also.push(Also { fields, viewers, columns: Some(columns) });
        self
    }

    fn is_for(&self, field: &str, scope: &Scope) -> bool {
        self.field == field
            || self.also.iter().any(|also| also.fields.contains(&field) && (also.viewers)(scope))
    }

    /// `field` is an object over other columns of the same row of `T` (the handover of a membership):
    /// what is selected in it is read as if it stood beside it, so declare its relations in `T` too.
    #[must_use]
    pub fn inside<T: Shown>(field: &'static str) -> Self {
        Self { field, also: Vec::new(), column: "id", noun: Noun::of::<T>, kind: RelationKind::Inside }
    }

    /// `field` needs the row whose id is in this row's `column` in memory, to decide who may see it,
    /// and shows nothing of it.
    #[must_use]
    pub fn beside<T: Shown>(field: &'static str, column: &'static str) -> Self {
        Self { field, also: Vec::new(), column, noun: Noun::of::<T>, kind: RelationKind::Beside }
    }

    /// The same for a row that is no object of its own: the field shows a part of it.
    #[must_use]
    pub fn beside_row(field: &'static str, column: &'static str, noun: fn() -> Noun) -> Self {
        Self { field, also: Vec::new(), column, noun, kind: RelationKind::Beside }
    }

    /// `field` is a connection over the rows whose `column` holds this row's id.
    #[must_use]
    pub fn connection<T: Listed>(field: &'static str, column: &'static str) -> Self {
        Self {
            field,
            also: Vec::new(),
            column,
            noun: Noun::of::<T>,
            kind: RelationKind::Connection(nested_window::<T>),
        }
    }
}

/// The window of a list from its arguments.
///
/// # Errors
/// `BAD_USER_INPUT`.
pub fn window<T: Listed>(
    filter: Option<&T::Filter>,
    order_by: Option<&Vec<T::OrderBy>>,
    page: &PageArguments,
    asking: &Asking<'_>,
) -> Result<Window> {
    let order = order(order_by, T::default_order())?;
    let page = page.page(&order)?;
    let filter = filter.map_or(Ok(Where::everything()), |f| f.condition(asking))?;
    Ok(Window { filter, order, page: Some(page), ..Window::default() })
}

/// The same from the arguments of a nested connection, before its resolver runs.
fn nested_window<T: Listed>(arguments: &Arguments, asking: &Asking<'_>) -> Result<Window> {
    let page = PageArguments {
        first: argument(arguments, "first")?,
        after: argument(arguments, "after")?,
        last: argument(arguments, "last")?,
        before: argument(arguments, "before")?,
    };
    let filter: Option<T::Filter> = argument(arguments, "filter")?;
    let order_by: Option<Vec<T::OrderBy>> = argument(arguments, "orderBy")?;
    window::<T>(filter.as_ref(), order_by.as_ref(), &page, asking)
}

fn argument<V: InputType>(arguments: &Arguments, name: &'static str) -> Result<Option<V>> {
    let value = arguments.iter().find(|(n, _)| n.as_str() == name).map(|(_, v)| v.clone());
    <Option<V> as InputType>::parse(value)
        .map_err(|_| Error::BadArgument { reason: "INVALID_ARGUMENT", argument: name.into() })
}

/// The name under which a relation's rows are kept: its field, with its arguments if it has any.
fn relation_name(field: &SelectionField<'_>) -> Result<String> {
    let arguments = arguments_of(field)?;
    if arguments.is_empty() {
        return Ok(field.name().to_owned());
    }
    Ok(format!("{}{arguments:?}", field.name()))
}

fn arguments_of(field: &SelectionField<'_>) -> Result<Arguments> {
    field.arguments().map_err(|_| Error::BadArgument {
        reason: "INVALID_ARGUMENT",
        argument: field.name().to_owned().into(),
    })
}

/// The plan for rows of `noun` of which `selections` is asked.
fn plan(noun: Noun, selections: &[SelectionField<'_>], asking: &Asking<'_>) -> Result<Plan> {
    let mut plan = Plan { table: noun.table, ones: Vec::new(), manys: Vec::new() };
    let relations = (noun.relations)();
    // Fields selected more than once (aliases, fragments) are read once: CollectFields.
    let mut wanted: Vec<(String, &Relation, Vec<SelectionField<'_>>)> = Vec::new();
    for child in children(selections, &relations) {
        let leads_on =
            |r: &&Relation| r.is_for(child.name(), asking.scope) && !matches!(r.kind, RelationKind::Inside);
        let Some(relation) = relations.iter().find(leads_on) else { continue };
        let name =
            if relation.field == child.name() { relation_name(&child)? } else { relation.field.to_owned() };
        match wanted.iter_mut().find(|(n, ..)| *n == name) {
            Some((.., fields)) => fields.push(child),
            None => wanted.push((name, relation, vec![child])),
        }
    }
    for (name, relation, fields) in wanted {
        let noun = (relation.noun)();
        match relation.kind {
            RelationKind::One => plan.ones.push((relation.column, self::plan(noun, &fields, asking)?)),
            RelationKind::Beside => plan.ones.push((relation.column, self::plan(noun, &[], asking)?)),
            RelationKind::Inside => {}
            RelationKind::Many(window) => plan.manys.push(Many {
                relation: name.into(),
                key: relation.column,
                window: window(asking),
                plan: self::plan(noun, &fields, asking)?,
            }),
            RelationKind::Connection(window) => {
                let mut window = window(&arguments_of(&fields[0])?, asking)?;
                window.count = counts(&fields);
                let plan_of_rows = self::plan(noun, &rows_of(&fields), asking)?;
                plan.manys.push(Many {
                    relation: name.into(),
                    key: relation.column,
                    window,
                    plan: plan_of_rows,
                });
            }
        }
    }
    Ok(plan)
}

/// What is selected of a row, also inside its sub-objects.
fn children<'a>(selections: &[SelectionField<'a>], relations: &[Relation]) -> Vec<SelectionField<'a>> {
    let mut children: Vec<SelectionField<'a>> =
        selections.iter().flat_map(SelectionField::selection_set).collect();
    let mut next = 0;
    while let Some(child) = children.get(next).copied() {
        if relations.iter().any(|r| r.field == child.name() && matches!(r.kind, RelationKind::Inside)) {
            children.extend(child.selection_set());
        }
        next += 1;
    }
    children
}

/// The selections of the rows of a connection: under `nodes`, and under `edges { node }`.
#[must_use]
pub fn rows_of<'a>(fields: &[SelectionField<'a>]) -> Vec<SelectionField<'a>> {
    let below = |field: &SelectionField<'a>, name: &'static str| {
        field.selection_set().filter(move |f| f.name() == name).collect::<Vec<_>>()
    };
    fields
        .iter()
        .flat_map(|field| {
            let edges = below(field, "edges");
            below(field, "nodes").into_iter().chain(edges.into_iter().flat_map(move |e| below(&e, "node")))
        })
        .collect()
}

/// Whether a connection is asked for its `totalCount`.
#[must_use]
pub fn counts(fields: &[SelectionField<'_>]) -> bool {
    asks_for(fields, "totalCount")
}

fn asks_for(fields: &[SelectionField<'_>], name: &str) -> bool {
    fields.iter().flat_map(SelectionField::selection_set).any(|f| f.name() == name)
}

/// Reads one row with what is selected of it.
///
/// # Errors
/// `BAD_USER_INPUT` of nested arguments, `Internal`.
pub async fn by_id<T: Shown>(
    front: &Front<'_>,
    id: Uuid,
    selections: &[SelectionField<'_>],
) -> Result<Option<T>> {
    let plan = plan(Noun::of::<T>(), selections, &front.asking())?;
    let window = Window { filter: Where::eq("id", id), ..Window::default() };
    let slice = front.reader().page(&plan, &window).await?;
    Ok(slice.ids.first().and_then(|id| front.reader().row(*id)).map(T::of))
}

/// Reads rows in the order of `ids`; what is missing or hidden stays out.
///
/// # Errors
/// As [`by_id`].
pub async fn by_ids<T: Shown>(
    front: &Front<'_>,
    ids: &[Uuid],
    selections: &[SelectionField<'_>],
) -> Result<()> {
    let asking = front.asking();
    let plan = plan(Noun::of::<T>(), selections, &asking)?;
    let window = Window { filter: Where::ids(asking.dialect(), "id", ids), ..Window::default() };
    front.reader().page(&plan, &window).await?;
    Ok(())
}

/// Reads a naturally bounded list that a payload shows, with what is selected of it.
///
/// # Errors
/// As [`by_id`].
pub async fn those<T: Shown>(
    front: &Front<'_>,
    filter: Where,
    order: Order,
    selections: &[SelectionField<'_>],
) -> Result<Vec<T>> {
    let plan = plan(Noun::of::<T>(), selections, &front.asking())?;
    let slice = front.reader().page(&plan, &Window { filter, order, ..Window::default() }).await?;
    Ok(objects(front, &slice))
}

/// Reads the one row that meets `filter`, with what is selected under the current field.
///
/// # Errors
/// As [`by_id`].
pub async fn find<T: Shown>(ctx: &Context<'_>, filter: Where) -> Result<Option<T>> {
    let front = Front::of(ctx);
    let plan = plan(Noun::of::<T>(), &[ctx.field()], &front.asking())?;
    let slice = front.reader().page(&plan, &Window { filter, ..Window::default() }).await?;
    Ok(slice.ids.first().and_then(|id| front.reader().row(*id)).map(T::of))
}

/// Reads a naturally bounded list at the root.
///
/// # Errors
/// As [`by_id`].
pub async fn all<T: Shown>(ctx: &Context<'_>, filter: Where, order: Order) -> Result<Vec<T>> {
    let front = Front::of(ctx);
    let plan = plan(Noun::of::<T>(), &[ctx.field()], &front.asking())?;
    let slice = front.reader().page(&plan, &Window { filter, order, ..Window::default() }).await?;
    Ok(objects(&front, &slice))
}

/// Reads a page of a list at the root.
///
/// # Errors
/// As [`by_id`].
pub async fn list<T: Shown>(ctx: &Context<'_>, mut window: Window) -> Result<Connection<T>> {
    let front = Front::of(ctx);
    let fields = [ctx.field()];
    window.count = counts(&fields);
    window.cursors = asks_for(&fields, "edges");
    let plan = plan(Noun::of::<T>(), &rows_of(&fields), &front.asking())?;
    let slice = front.reader().page(&plan, &window).await?;
    Ok(Connection::of(&slice, objects(&front, &slice)))
}

fn objects<T: Shown>(front: &Front<'_>, slice: &Slice) -> Vec<T> {
    slice.ids.iter().filter_map(|id| front.reader().row(*id)).map(T::of).collect()
}

impl Front<'_> {
    /// The object that a to-one field shows; `None` if there is none or it is hidden.
    #[must_use]
    pub fn one<T: Shown>(&self, id: impl Into<Option<Uuid>>) -> Option<T> {
        id.into().and_then(|id| self.reader().row(id)).map(T::of)
    }

    /// The rows that a to-many field shows.
    ///
    /// # Errors
    /// `Internal`: the relation is not declared.
    pub fn rows<M: Row>(&self, parent: &impl Row, field: &str) -> Result<Vec<Arc<M>>> {
        self.reader().rows_of(parent, field).ok_or_else(|| undeclared(field))
    }

    /// The objects that a to-many field shows.
    ///
    /// # Errors
    /// `Internal`: the relation is not declared.
    pub fn many<T: Shown>(&self, parent: &impl Row, field: &str) -> Result<Vec<T>> {
        Ok(self.rows::<T::Row>(parent, field)?.into_iter().map(T::of).collect())
    }

    /// The connection that the current field shows.
    ///
    /// # Errors
    /// `Internal`: the relation is not declared.
    pub fn connection<T: Shown>(&self, parent: &impl Row) -> Result<Connection<T>> {
        let name = relation_name(&self.context().field())?;
        let slice = self.reader().slice(parent, &name).ok_or_else(|| undeclared(&name))?;
        Ok(Connection::of(&slice, objects(self, &slice)))
    }
}

fn undeclared(field: &str) -> Error {
    tracing::error!(field, "a field shows rows that no relation declares");
    Error::Internal
}
