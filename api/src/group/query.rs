use async_graphql::{Context, Enum, InputObject, Object, OneofObject};

use super::store;
use super::types::{Group, GroupKind, GroupStatus};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::external::{self, ExternalReferenceInput};
use crate::graphql::{
    Asking, Connection, DateTimeFilter, FilterInput, Front, Id, IdFilter, Listed, OrderDirection, OrderInput,
    PageArguments, TextFilter, combine, one_of, prefetch,
};
use crate::id::Kind;

/// One way to name a group.
#[derive(OneofObject)]
pub enum GroupBy {
    /// Its id.
    Id(Id),
    /// Its slug.
    Slug(String),
    /// Its code in another system.
    ExternalReference(ExternalReferenceInput),
}

/// Which groups. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct GroupFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// By parent group; `isNull: true`: groups that are no sub-group.
    pub parent: Option<IdFilter>,
    /// One of these kinds.
    pub kind: Option<Vec<GroupKind>>,
    /// One of these states.
    pub status: Option<Vec<GroupStatus>>,
    /// By name; case and accents do not matter.
    pub name: Option<TextFilter>,
    /// Goes by exactly this name, acronym or alias; case and accents do not matter.
    pub called: Option<String>,
    /// Covers the sector with this code.
    pub sector: Option<String>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<GroupFilter>>,
    /// At least one of these.
    pub or: Option<Vec<GroupFilter>>,
    /// Not this.
    pub not: Option<Box<GroupFilter>>,
}

impl FilterInput for GroupFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::Group, "filter.id"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
            (&self.parent, "parent_id", Kind::Group, "filter.parent"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        own.extend(self.kind.as_ref().map(|k| one_of("kind", k, entity::enums::GroupKind::word)));
        own.extend(self.status.as_ref().map(|s| one_of("status", s, entity::enums::GroupStatus::word)));
        own.extend(self.name.as_ref().map(|f| f.on("name_folded")));
        own.extend(self.called.as_deref().map(store::called));
        own.extend(self.sector.as_deref().map(store::in_sector));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What groups may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum GroupOrderField {
    /// The name, without case and accents.
    Name,
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of groups.
#[derive(InputObject, Clone)]
pub struct GroupOrderBy {
    /// By what.
    pub field: GroupOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for GroupOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            GroupOrderField::Name => store::NAME,
            GroupOrderField::CreatedAt => store::CREATED,
            GroupOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Group {
    type Filter = GroupFilter;
    type OrderBy = GroupOrderBy;

    fn default_order() -> Order {
        store::by_name()
    }
}

/// Queries about groups.
#[derive(Default)]
pub struct GroupQuery;

#[Object]
impl GroupQuery {
    /// One group; null if there is none or you may not see it.
    async fn group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: GroupBy,
    ) -> Result<Option<Group>> {
        let filter = match by {
            GroupBy::Id(id) => Where::eq("id", id.asked(Kind::Group, "by.id")?),
            GroupBy::Slug(slug) => Where::eq("slug", slug),
            GroupBy::ExternalReference(r) => external::find(Kind::Group, &r.system, &r.code),
        };
        prefetch::find(ctx, filter).await
    }

    /// The groups that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<GroupFilter>,
        #[graphql(desc = "In which order; by name if left out.")] order_by: Option<Vec<GroupOrderBy>>,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Group>> {
        let page = PageArguments { first, after, last, before };
        let window =
            prefetch::window::<Group>(filter.as_ref(), order_by.as_ref(), &page, &Front::of(ctx).asking())?;
        prefetch::list(ctx, window).await
    }
}
