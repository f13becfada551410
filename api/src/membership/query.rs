use async_graphql::{Context, Enum, InputObject, Object, OneofObject};

use super::store;
use super::types::{HandoverState, Membership, MembershipRole};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::external::{self, ExternalReferenceInput};
use crate::graphql::{
    Asking, Connection, Date, DateTimeFilter, FilterInput, Front, Id, IdFilter, Listed, OrderDirection,
    OrderInput, PageArguments, TextFilter, combine, one_of, prefetch,
};
use crate::id::Kind;

/// One way to name a membership.
#[derive(OneofObject)]
pub enum MembershipBy {
    /// Its id.
    Id(Id),
    /// Its code in another system.
    ExternalReference(ExternalReferenceInput),
}

/// Which memberships. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct MembershipFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By group.
    pub group: Option<IdFilter>,
    /// With `group`: also in the sub-groups of these groups, at whatever depth.
    pub with_sub_groups: Option<bool>,
    /// By operation of the group.
    pub operation: Option<IdFilter>,
    /// By organisation, whether it holds the seat or a person holds it for the organisation.
    pub organisation: Option<IdFilter>,
    /// By person. People whom you may not see count as no person.
    pub person: Option<IdFilter>,
    /// One of these roles.
    pub role: Option<Vec<MembershipRole>>,
    /// Holds on this day.
    pub active_on: Option<Date>,
    /// Whether it holds today (UTC).
    pub is_active: Option<bool>,
    /// By topic; case and accents do not matter.
    pub topic: Option<TextFilter>,
    /// Its handover is in one of these states; finds only memberships whose handover you may see.
    pub handover_state: Option<Vec<HandoverState>>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<MembershipFilter>>,
    /// At least one of these.
    pub or: Option<Vec<MembershipFilter>>,
    /// Not this.
    pub not: Option<Box<MembershipFilter>>,
}

impl FilterInput for MembershipFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::Membership, "filter.id"),
            (&self.organisation, "organisation_id", Kind::Organisation, "filter.organisation"),
            (&self.person, "person_id", Kind::Person, "filter.person"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        if let Some(group) = &self.group {
            own.push(if self.with_sub_groups == Some(true) {
                store::in_family(asking.scope, &group.on("id", Kind::Group, "filter.group", asking)?)
            } else {
                group.on("group_id", Kind::Group, "filter.group", asking)?
            });
        }
        if let Some(operation) = &self.operation {
            let groups = operation.on("operation_id", Kind::Operation, "filter.operation", asking)?;
            own.push(store::in_groups(asking.scope, &groups));
        }
        own.extend(self.role.as_ref().map(|r| one_of("role", r, entity::enums::MembershipRole::word)));
        own.extend(self.active_on.map(|day| store::active_on(day.0)));
        own.extend(self.is_active.map(|wanted| {
            let active = store::active_on(asking.now.date_naive());
            if wanted { active } else { Where::except(active) }
        }));
        own.extend(self.topic.as_ref().map(|f| f.on("topic_folded")));
        own.extend(self.handover_state.as_ref().map(|s| {
            one_of("handover_state", s, entity::enums::HandoverState::word)
                .and(store::seen_inside(asking.scope))
        }));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What memberships may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MembershipOrderField {
    /// The word of the role, A to Z.
    Role,
    /// Since when it holds.
    Since,
    /// The first day on which it holds no more.
    Until,
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of memberships.
#[derive(InputObject, Clone)]
pub struct MembershipOrderBy {
    /// By what.
    pub field: MembershipOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for MembershipOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            MembershipOrderField::Role => store::ROLE,
            MembershipOrderField::Since => store::SINCE,
            MembershipOrderField::Until => store::UNTIL,
            MembershipOrderField::CreatedAt => store::CREATED,
            MembershipOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Membership {
    type Filter = MembershipFilter;
    type OrderBy = MembershipOrderBy;

    fn default_order() -> Order {
        store::by_role()
    }
}

/// Queries about memberships.
#[derive(Default)]
pub struct MembershipQuery;

#[Object]
impl MembershipQuery {
    /// One membership; null if there is none or you may not see it.
    async fn membership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: MembershipBy,
    ) -> Result<Option<Membership>> {
        let filter = match by {
            MembershipBy::Id(id) => Where::eq("id", id.asked(Kind::Membership, "by.id")?),
            MembershipBy::ExternalReference(r) => external::find(Kind::Membership, &r.system, &r.code),
        };
        prefetch::find(ctx, filter).await
    }

    /// The memberships that you may see: leads for everybody, organisations for observers, all for members.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MembershipFilter>,
        #[graphql(desc = "In which order; by role if left out.")] order_by: Option<Vec<MembershipOrderBy>>,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Membership>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let window = prefetch::window::<Membership>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        prefetch::list(ctx, window).await
    }
}
