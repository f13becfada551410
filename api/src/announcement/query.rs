use async_graphql::{Enum, InputObject, Object};

use super::store;
use super::types::Announcement;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{Asking, FilterInput, Listed, OrderDirection, OrderInput, combine};

/// Which ones. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct AnnouncementFilter {
    /// All of these too.
    pub and: Option<Vec<AnnouncementFilter>>,
    /// At least one of these.
    pub or: Option<Vec<AnnouncementFilter>>,
    /// Not this.
    pub not: Option<Box<AnnouncementFilter>>,
}

impl FilterInput for AnnouncementFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        combine(vec![], self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What they may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum AnnouncementOrderField {
    /// When it was entered.
    CreatedAt,
}

/// An order.
#[derive(InputObject, Clone)]
pub struct AnnouncementOrderBy {
    /// By what.
    pub field: AnnouncementOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for AnnouncementOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            AnnouncementOrderField::CreatedAt => store::CREATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for Announcement {
    type Filter = AnnouncementFilter;
    type OrderBy = AnnouncementOrderBy;

    fn default_order() -> Order {
        store::as_entered()
    }
}

/// Queries.
#[derive(Default)]
pub struct AnnouncementQuery;

#[Object]
impl AnnouncementQuery {
    /// Stub.
    async fn stub_announcement(&self) -> bool {
        false
    }
}
