use async_graphql::{Context, Enum, InputObject, Object};

use super::store;
use super::types::{Announcement, AnnouncementKind, AnnouncementStatus};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{
    Asking, Connection, DateFilter, DateTimeFilter, FilterInput, Front, IdFilter, Listed, OrderDirection,
    OrderInput, PageArguments, combine, one_of, prefetch,
};
use crate::id::Kind;

/// Which announcements. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct AnnouncementFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By group.
    pub group: Option<IdFilter>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// By the organisation that announces.
    pub organisation: Option<IdFilter>,
    /// By place.
    pub place: Option<IdFilter>,
    /// One of these kinds.
    pub kind: Option<Vec<AnnouncementKind>>,
    /// One of these states.
    pub status: Option<Vec<AnnouncementStatus>>,
    /// By the first day.
    pub starts_on: Option<DateFilter>,
    /// By the last day.
    pub ends_on: Option<DateFilter>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<AnnouncementFilter>>,
    /// At least one of these.
    pub or: Option<Vec<AnnouncementFilter>>,
    /// Not this.
    pub not: Option<Box<AnnouncementFilter>>,
}

impl FilterInput for AnnouncementFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::Announcement, "filter.id"),
            (&self.group, "group_id", Kind::Group, "filter.group"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
            (&self.organisation, "organisation_id", Kind::Organisation, "filter.organisation"),
            (&self.place, "place_id", Kind::Place, "filter.place"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        own.extend(self.kind.as_ref().map(|k| one_of("kind", k, entity::enums::AnnouncementKind::word)));
        own.extend(
            self.status.as_ref().map(|s| one_of("status", s, entity::enums::AnnouncementStatus::word)),
        );
        own.extend(self.starts_on.as_ref().map(|f| f.on("starts_on")));
        own.extend(self.ends_on.as_ref().map(|f| f.on("ends_on")));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What announcements may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AnnouncementOrderField {
    /// The first day.
    StartsOn,
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of announcements.
#[derive(InputObject, Clone)]
pub struct AnnouncementOrderBy {
    /// By what.
    pub field: AnnouncementOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for AnnouncementOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            AnnouncementOrderField::StartsOn => store::STARTS,
            AnnouncementOrderField::CreatedAt => store::CREATED,
            AnnouncementOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Announcement {
    type Filter = AnnouncementFilter;
    type OrderBy = AnnouncementOrderBy;

    fn default_order() -> Order {
        store::latest_first()
    }
}

/// Queries about announcements.
#[derive(Default)]
pub struct AnnouncementQuery;

#[Object]
impl AnnouncementQuery {
    /// The announcements that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn announcements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<AnnouncementFilter>,
        #[graphql(desc = "In which order; the latest `startsOn` first if left out.")] order_by: Option<
            Vec<AnnouncementOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Announcement>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let window = prefetch::window::<Announcement>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        prefetch::list(ctx, window).await
    }
}
