use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::Document;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct DocumentFilter {
    /// All of these too.
    pub and: Option<Vec<DocumentFilter>>,
    /// At least one of these.
    pub or: Option<Vec<DocumentFilter>>,
    /// Not this.
    pub not: Option<Box<DocumentFilter>>,
}

impl FilterInput for DocumentFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum DocumentOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
#[derive(InputObject, Clone)]
pub struct DocumentOrderBy {
    /// By what.
    pub field: DocumentOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for DocumentOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            DocumentOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Document {
    type Filter = DocumentFilter;
    type OrderBy = DocumentOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct DocumentQuery;

#[Object]
impl DocumentQuery {
    /// Stub.
    async fn stub_document(&self) -> bool {
        false
    }
}
