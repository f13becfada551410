use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::Person;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct PersonFilter {
    /// All of these too.
    pub and: Option<Vec<PersonFilter>>,
    /// At least one of these.
    pub or: Option<Vec<PersonFilter>>,
    /// Not this.
    pub not: Option<Box<PersonFilter>>,
}

impl FilterInput for PersonFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PersonOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
#[derive(InputObject, Clone)]
pub struct PersonOrderBy {
    /// By what.
    pub field: PersonOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for PersonOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            PersonOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Person {
    type Filter = PersonFilter;
    type OrderBy = PersonOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct PersonQuery;

#[Object]
impl PersonQuery {
    /// Stub.
    async fn stub_person(&self) -> bool {
        false
    }
}
