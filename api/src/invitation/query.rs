use async_graphql::{Context, Enum, InputObject, Object};

use super::store;
use super::types::{Invitation, InvitationStatus};
use crate::auth::Action;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{
    Asking, Connection, DateTimeFilter, FilterInput, Front, IdFilter, Listed, OrderDirection, OrderInput,
    PageArguments, combine, one_of, prefetch,
};
use crate::id::Kind;
use crate::membership::MembershipRole;

/// Which invitations. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct InvitationFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By group.
    pub group: Option<IdFilter>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// By organisation.
    pub organisation: Option<IdFilter>,
    /// One of these roles.
    pub role: Option<Vec<MembershipRole>>,
    /// One of these states.
    pub status: Option<Vec<InvitationStatus>>,
    /// By the address; case does not matter. Finds nothing for programs without the scope CONTACTS.
    pub email: Option<String>,
    /// By the instant until which the link is good.
    pub expires_at: Option<DateTimeFilter>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<InvitationFilter>>,
    /// At least one of these.
    pub or: Option<Vec<InvitationFilter>>,
    /// Not this.
    pub not: Option<Box<InvitationFilter>>,
}

impl FilterInput for InvitationFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::Invitation, "filter.id"),
            (&self.group, "group_id", Kind::Group, "filter.group"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
            (&self.organisation, "organisation_id", Kind::Organisation, "filter.organisation"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        own.extend(self.role.as_ref().map(|r| one_of("role", r, entity::enums::MembershipRole::word)));
        own.extend(self.status.as_ref().map(|s| one_of("status", s, entity::enums::InvitationStatus::word)));
        own.extend(self.email.as_ref().map(|email| {
            let shown = asking.scope.actor().covers(Action::PersonReadContact);
            if shown { store::to_address(email) } else { Where::nothing() }
        }));
        own.extend(self.expires_at.as_ref().map(|f| f.on("expires_at")));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What invitations may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "they are named like the fields")]
pub enum InvitationOrderField {
    /// Until when the link is good.
    ExpiresAt,
    /// When it was made.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of invitations.
#[derive(InputObject, Clone)]
pub struct InvitationOrderBy {
    /// By what.
    pub field: InvitationOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for InvitationOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            InvitationOrderField::ExpiresAt => store::EXPIRES,
            InvitationOrderField::CreatedAt => store::CREATED,
            InvitationOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Invitation {
    type Filter = InvitationFilter;
    type OrderBy = InvitationOrderBy;

    fn default_order() -> Order {
        store::latest_first()
    }
}

/// Queries about invitations.
#[derive(Default)]
pub struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// The invitations of the groups in which you may invite.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<InvitationFilter>,
        #[graphql(desc = "In which order; the latest first if left out.")] order_by: Option<
            Vec<InvitationOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Invitation>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let window = prefetch::window::<Invitation>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        prefetch::list(ctx, window).await
    }
}
