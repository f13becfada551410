use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::Place;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct PlaceFilter {
    /// All of these too.
    pub and: Option<Vec<PlaceFilter>>,
    /// At least one of these.
    pub or: Option<Vec<PlaceFilter>>,
    /// Not this.
    pub not: Option<Box<PlaceFilter>>,
}

impl FilterInput for PlaceFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PlaceOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
#[derive(InputObject, Clone)]
pub struct PlaceOrderBy {
    /// By what.
    pub field: PlaceOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for PlaceOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            PlaceOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Place {
    type Filter = PlaceFilter;
    type OrderBy = PlaceOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct PlaceQuery;

#[Object]
impl PlaceQuery {
    /// Stub.
    async fn stub_place(&self) -> bool {
        false
    }
}
