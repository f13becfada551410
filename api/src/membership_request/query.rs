use async_graphql::{Context, Enum, InputObject, Object};

use super::store;
use super::types::{MembershipRequest, RequestStatus};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{
    Asking, Connection, DateTimeFilter, FilterInput, Front, IdFilter, Listed, OrderDirection, OrderInput,
    PageArguments, combine, one_of, prefetch,
};
use crate::id::Kind;
use crate::membership::MembershipRole;

/// Which membership requests. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct MembershipRequestFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By group.
    pub group: Option<IdFilter>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// By who asks.
    pub person: Option<IdFilter>,
    /// By the organisation for which they would sit there.
    pub organisation: Option<IdFilter>,
    /// One of these roles.
    pub role: Option<Vec<MembershipRole>>,
    /// One of these states.
    pub status: Option<Vec<RequestStatus>>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<MembershipRequestFilter>>,
    /// At least one of these.
    pub or: Option<Vec<MembershipRequestFilter>>,
    /// Not this.
    pub not: Option<Box<MembershipRequestFilter>>,
}

impl FilterInput for MembershipRequestFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::MembershipRequest, "filter.id"),
            (&self.group, "group_id", Kind::Group, "filter.group"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
            (&self.person, "person_id", Kind::Person, "filter.person"),
            (&self.organisation, "organisation_id", Kind::Organisation, "filter.organisation"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        own.extend(self.role.as_ref().map(|r| one_of("role", r, entity::enums::MembershipRole::word)));
        own.extend(self.status.as_ref().map(|s| one_of("status", s, entity::enums::RequestStatus::word)));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What membership requests may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MembershipRequestOrderField {
    /// When it was made.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of membership requests.
#[derive(InputObject, Clone)]
pub struct MembershipRequestOrderBy {
    /// By what.
    pub field: MembershipRequestOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for MembershipRequestOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            MembershipRequestOrderField::CreatedAt => store::CREATED,
            MembershipRequestOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for MembershipRequest {
    type Filter = MembershipRequestFilter;
    type OrderBy = MembershipRequestOrderBy;

    fn default_order() -> Order {
        store::oldest_first()
    }
}

/// Queries about membership requests.
#[derive(Default)]
pub struct MembershipRequestQuery;

#[Object]
impl MembershipRequestQuery {
    /// Your own membership requests, and those about which you may decide.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn membership_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MembershipRequestFilter>,
        #[graphql(desc = "In which order; the oldest first if left out.")] order_by: Option<
            Vec<MembershipRequestOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<MembershipRequest>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let window =
            prefetch::window::<MembershipRequest>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        prefetch::list(ctx, window).await
    }
}
