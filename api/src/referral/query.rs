use async_graphql::{Context, Enum, InputObject, Object};

use super::store;
use super::types::{Referral, ReferralStatus};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{
    Asking, Connection, DateFilter, DateTimeFilter, FilterInput, Front, IdFilter, Listed, OrderDirection,
    OrderInput, PageArguments, combine, one_of, prefetch,
};
use crate::id::Kind;

/// Which referrals. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct ReferralFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By the group that asks.
    pub from: Option<IdFilter>,
    /// By the group that is asked.
    pub to: Option<IdFilter>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// In one of these states.
    pub status: Option<Vec<ReferralStatus>>,
    /// By the day on which it was sent.
    pub sent_on: Option<DateFilter>,
    /// By the day on which it was answered or returned.
    pub answered_on: Option<DateFilter>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<ReferralFilter>>,
    /// At least one of these.
    pub or: Option<Vec<ReferralFilter>>,
    /// Not this.
    pub not: Option<Box<ReferralFilter>>,
}

impl FilterInput for ReferralFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::Referral, "filter.id"),
            (&self.from, "from_group_id", Kind::Group, "filter.from"),
            (&self.to, "to_group_id", Kind::Group, "filter.to"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        own.extend(self.status.as_ref().map(|s| one_of("status", s, entity::enums::ReferralStatus::word)));
        own.extend(self.sent_on.as_ref().map(|f| f.on("sent_on")));
        own.extend(self.answered_on.as_ref().map(|f| f.on("answered_on")));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What referrals may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ReferralOrderField {
    /// The day on which it was sent.
    SentOn,
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of referrals.
#[derive(InputObject, Clone)]
pub struct ReferralOrderBy {
    /// By what.
    pub field: ReferralOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for ReferralOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            ReferralOrderField::SentOn => store::SENT,
            ReferralOrderField::CreatedAt => store::CREATED,
            ReferralOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Referral {
    type Filter = ReferralFilter;
    type OrderBy = ReferralOrderBy;

    fn default_order() -> Order {
        store::latest_first()
    }
}

/// Queries about referrals.
#[derive(Default)]
pub struct ReferralQuery;

#[Object]
impl ReferralQuery {
    /// The referrals that you may see: of groups in which you have a seat, on either side, and of operations that you manage.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn referrals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<ReferralFilter>,
        #[graphql(desc = "In which order; the latest entered first if left out.")] order_by: Option<
            Vec<ReferralOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Referral>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let window = prefetch::window::<Referral>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        prefetch::list(ctx, window).await
    }
}
