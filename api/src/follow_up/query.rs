use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::FollowUp;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct FollowUpFilter {
    /// All of these too.
    pub and: Option<Vec<FollowUpFilter>>,
    /// At least one of these.
    pub or: Option<Vec<FollowUpFilter>>,
    /// Not this.
    pub not: Option<Box<FollowUpFilter>>,
}

impl FilterInput for FollowUpFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum FollowUpOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
#[derive(InputObject, Clone)]
pub struct FollowUpOrderBy {
    /// By what.
    pub field: FollowUpOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for FollowUpOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            FollowUpOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for FollowUp {
    type Filter = FollowUpFilter;
    type OrderBy = FollowUpOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct FollowUpQuery;

#[Object]
impl FollowUpQuery {
    /// Stub.
    async fn stub_follow_up(&self) -> bool {
        false
    }
}
