use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::Meeting;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct MeetingFilter {
    /// All of these too.
    pub and: Option<Vec<MeetingFilter>>,
    /// At least one of these.
    pub or: Option<Vec<MeetingFilter>>,
    /// Not this.
    pub not: Option<Box<MeetingFilter>>,
}

impl FilterInput for MeetingFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum MeetingOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
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
            MeetingOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Meeting {
    type Filter = MeetingFilter;
    type OrderBy = MeetingOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct MeetingQuery;

#[Object]
impl MeetingQuery {
    /// Stub.
    async fn stub_meeting(&self) -> bool {
        false
    }
}
