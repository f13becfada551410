use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::Recommendation;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct RecommendationFilter {
    /// All of these too.
    pub and: Option<Vec<RecommendationFilter>>,
    /// At least one of these.
    pub or: Option<Vec<RecommendationFilter>>,
    /// Not this.
    pub not: Option<Box<RecommendationFilter>>,
}

impl FilterInput for RecommendationFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum RecommendationOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
#[derive(InputObject, Clone)]
pub struct RecommendationOrderBy {
    /// By what.
    pub field: RecommendationOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for RecommendationOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            RecommendationOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Recommendation {
    type Filter = RecommendationFilter;
    type OrderBy = RecommendationOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct RecommendationQuery;

#[Object]
impl RecommendationQuery {
    /// Stub.
    async fn stub_recommendation(&self) -> bool {
        false
    }
}
