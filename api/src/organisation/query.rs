use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::Organisation;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct OrganisationFilter {
    /// All of these too.
    pub and: Option<Vec<OrganisationFilter>>,
    /// At least one of these.
    pub or: Option<Vec<OrganisationFilter>>,
    /// Not this.
    pub not: Option<Box<OrganisationFilter>>,
}

impl FilterInput for OrganisationFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
#[derive(InputObject, Clone)]
pub struct OrganisationOrderBy {
    /// By what.
    pub field: OrganisationOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for OrganisationOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            OrganisationOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Organisation {
    type Filter = OrganisationFilter;
    type OrderBy = OrganisationOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct OrganisationQuery;

#[Object]
impl OrganisationQuery {
    /// Stub.
    async fn stub_organisation(&self) -> bool {
        false
    }
}
