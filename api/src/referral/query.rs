use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::Referral;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct ReferralFilter {
    /// All of these too.
    pub and: Option<Vec<ReferralFilter>>,
    /// At least one of these.
    pub or: Option<Vec<ReferralFilter>>,
    /// Not this.
    pub not: Option<Box<ReferralFilter>>,
}

impl FilterInput for ReferralFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ReferralOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
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
            ReferralOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Referral {
    type Filter = ReferralFilter;
    type OrderBy = ReferralOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct ReferralQuery;

#[Object]
impl ReferralQuery {
    /// Stub.
    async fn stub_referral(&self) -> bool {
        false
    }
}
