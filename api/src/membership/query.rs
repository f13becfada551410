use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::Membership;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct MembershipFilter {
    /// All of these too.
    pub and: Option<Vec<MembershipFilter>>,
    /// At least one of these.
    pub or: Option<Vec<MembershipFilter>>,
    /// Not this.
    pub not: Option<Box<MembershipFilter>>,
}

impl FilterInput for MembershipFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MembershipOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
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
            MembershipOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Membership {
    type Filter = MembershipFilter;
    type OrderBy = MembershipOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct MembershipQuery;

#[Object]
impl MembershipQuery {
    /// Stub.
    async fn stub_membership(&self) -> bool {
        false
    }
}
