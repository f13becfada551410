use async_graphql::{Context, Enum, InputObject, Object, OneofObject};

use super::store;
use super::types::{Meeting, MeetingKind, MeetingSeries, MeetingStatus};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::external::{self, ExternalReferenceInput};
use crate::graphql::{
    Asking, Connection, DateFilter, DateTimeFilter, FilterInput, Front, Id, IdFilter, Listed, OrderDirection,
    OrderInput, PageArguments, TextFilter, combine, one_of, prefetch, uuids,
};
use crate::id::Kind;

/// One way to name a meeting.
#[derive(OneofObject)]
pub enum MeetingBy {
    /// Its id.
    Id(Id),
    /// Its code in another system.
    ExternalReference(ExternalReferenceInput),
}

/// Which meetings. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct MeetingFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By group; joint meetings count for each of their groups.
    pub group: Option<IdFilter>,
    /// Of this group or one of its sub-groups, at any depth; joint meetings too.
    pub group_with_sub_groups: Option<Id>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// By series.
    pub series: Option<IdFilter>,
    /// One of these kinds.
    pub kind: Option<Vec<MeetingKind>>,
    /// One of these states.
    pub status: Option<Vec<MeetingStatus>>,
    /// By title; case and accents do not matter.
    pub title: Option<TextFilter>,
    /// By the day under which it is filed: held, else scheduled.
    pub occurs_on: Option<DateFilter>,
    /// By the day on which it was held.
    pub held_on: Option<DateFilter>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<MeetingFilter>>,
    /// At least one of these.
    pub or: Option<Vec<MeetingFilter>>,
    /// Not this.
    pub not: Option<Box<MeetingFilter>>,
}

impl FilterInput for MeetingFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::Meeting, "filter.id"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
            (&self.series, "series_id", Kind::MeetingSeries, "filter.series"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        if let Some(group) = &self.group {
            own.push(of_groups(group, asking)?);
        }
        if let Some(group) = self.group_with_sub_groups {
            own.push(store::within(asking.scope, group.asked(Kind::Group, "filter.groupWithSubGroups")?));
        }
        own.extend(self.kind.as_ref().map(|k| one_of("kind", k, entity::enums::MeetingKind::word)));
        own.extend(self.status.as_ref().map(|s| one_of("status", s, entity::enums::MeetingStatus::word)));
        if let Some(title) = &self.title {
            // filtering by a field needs the right to see it
            own.push(title.on("title_folded").and(store::readable(asking.scope)));
        }
        own.extend(self.occurs_on.as_ref().map(|f| f.on("occurs_on")));
        own.extend(self.held_on.as_ref().map(|f| f.on("held_on")));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// By the group that meets, or by one that meets with it.
fn of_groups(filter: &IdFilter, asking: &Asking<'_>) -> Result<Where> {
    let own = filter.on("group_id", Kind::Group, "filter.group", asking)?;
    let wanted: Vec<Id> = filter.eq.into_iter().chain(filter.among.iter().flatten().copied()).collect();
    if wanted.is_empty() {
        return Ok(own);
    }
    let wanted = uuids(&wanted, Kind::Group, "filter.group")?;
    Ok(Where::any([own, store::joint_with(asking.scope, &wanted)]))
}

/// What meetings may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MeetingOrderField {
    /// The day under which it is filed: held, else scheduled.
    OccursOn,
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of meetings.
#[derive(InputObject, Clone)]
pub struct MeetingOrderBy {
    /// By what.
    pub field: MeetingOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for MeetingOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            MeetingOrderField::OccursOn => store::OCCURS,
            MeetingOrderField::CreatedAt => store::CREATED,
            MeetingOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Meeting {
    type Filter = MeetingFilter;
    type OrderBy = MeetingOrderBy;

    fn default_order() -> Order {
        store::latest_first()
    }
}

/// Queries about meetings.
#[derive(Default)]
pub struct MeetingQuery;

#[Object]
impl MeetingQuery {
    /// One meeting; null if there is none or you may not see it.
    async fn meeting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: MeetingBy,
    ) -> Result<Option<Meeting>> {
        let filter = match by {
            MeetingBy::Id(id) => Where::eq("id", id.asked(Kind::Meeting, "by.id")?),
            MeetingBy::ExternalReference(r) => external::find(Kind::Meeting, &r.system, &r.code),
        };
        prefetch::find(ctx, filter).await
    }

    /// The meetings that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MeetingFilter>,
        #[graphql(desc = "In which order; the latest first if left out.")] order_by: Option<
            Vec<MeetingOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Meeting>> {
        let page = PageArguments { first, after, last, before };
        let window =
            prefetch::window::<Meeting>(filter.as_ref(), order_by.as_ref(), &page, &Front::of(ctx).asking())?;
        prefetch::list(ctx, window).await
    }

    /// One meeting series; null if there is none or you may not see it.
    async fn meeting_series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: Id,
    ) -> Result<Option<MeetingSeries>> {
        prefetch::find(ctx, Where::eq("id", id.asked(Kind::MeetingSeries, "id")?)).await
    }

    /// The meeting series of a group that you may see, by name.
    async fn meeting_series_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group.")] group: Id,
    ) -> Result<Vec<MeetingSeries>> {
        let filter = Where::eq("group_id", group.asked(Kind::Group, "group")?);
        prefetch::all(ctx, filter, store::series::by_name()).await
    }
}
