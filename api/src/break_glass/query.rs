use async_graphql::{Context, Enum, InputObject, Object};

use super::store;
use super::types::BreakGlass;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{
    Asking, Connection, DateTimeFilter, FilterInput, Front, IdFilter, Listed, OrderDirection, OrderInput,
    PageArguments, combine, prefetch,
};
use crate::id::Kind;

/// Which break-glass accesses. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct BreakGlassFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By group.
    pub group: Option<IdFilter>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// Whether the group is open by it now.
    pub is_open: Option<bool>,
    /// By the instant at which it was opened.
    pub opened_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<BreakGlassFilter>>,
    /// At least one of these.
    pub or: Option<Vec<BreakGlassFilter>>,
    /// Not this.
    pub not: Option<Box<BreakGlassFilter>>,
}

impl FilterInput for BreakGlassFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::BreakGlass, "filter.id"),
            (&self.group, "group_id", Kind::Group, "filter.group"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        own.extend(self.is_open.map(|open| store::is_open(open, asking.now)));
        own.extend(self.opened_at.as_ref().map(|f| f.on("created_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What break-glass accesses may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum BreakGlassOrderField {
    /// When it was opened.
    OpenedAt,
}

/// An order of break-glass accesses.
#[derive(InputObject, Clone)]
pub struct BreakGlassOrderBy {
    /// By what.
    pub field: BreakGlassOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for BreakGlassOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            BreakGlassOrderField::OpenedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for BreakGlass {
    type Filter = BreakGlassFilter;
    type OrderBy = BreakGlassOrderBy;

    fn default_order() -> Order {
        store::latest_first()
    }
}

/// Queries about break-glass.
#[derive(Default)]
pub struct BreakGlassQuery;

#[Object]
impl BreakGlassQuery {
    /// Which administrators looked into which groups: coordinators see those of their groups, operation managers those of
    /// their operations, administrators all.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn break_glass_accesses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<BreakGlassFilter>,
        #[graphql(desc = "In which order; the latest first if left out.")] order_by: Option<
            Vec<BreakGlassOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<BreakGlass>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let window = prefetch::window::<BreakGlass>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        prefetch::list(ctx, window).await
    }
}
