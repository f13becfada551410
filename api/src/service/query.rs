use async_graphql::{Context, Enum, InputObject, Object, OneofObject};
use uuid::Uuid;

use super::store;
use super::types::{ApiToken, ServiceAccount};
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::{
    Asking, Connection, DateTimeFilter, FilterInput, Front, Id, IdFilter, Listed, OrderDirection, OrderInput,
    PageArguments, combine, prefetch,
};
use crate::id::Kind;

/// One way to name a service.
#[derive(OneofObject)]
pub enum ServiceAccountBy {
    /// Its id.
    Id(Id),
}

/// Which services. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct ServiceAccountFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// By the group whose coordinators look after it.
    pub group: Option<IdFilter>,
    /// By operation.
    pub operation: Option<IdFilter>,
    /// Has a seat in this group.
    pub seat_in: Option<Id>,
    /// Whether its tokens hold.
    pub is_active: Option<bool>,
    /// By the instant of the last change.
    pub updated_at: Option<DateTimeFilter>,
    /// All of these too.
    pub and: Option<Vec<ServiceAccountFilter>>,
    /// At least one of these.
    pub or: Option<Vec<ServiceAccountFilter>>,
    /// Not this.
    pub not: Option<Box<ServiceAccountFilter>>,
}

impl FilterInput for ServiceAccountFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, kind, name) in [
            (&self.id, "id", Kind::ServiceAccount, "filter.id"),
            (&self.group, "group_id", Kind::Group, "filter.group"),
            (&self.operation, "operation_id", Kind::Operation, "filter.operation"),
        ] {
            if let Some(filter) = filter {
                own.push(filter.on(column, kind, name, asking)?);
            }
        }
        if let Some(group) = self.seat_in {
            own.push(store::seated_in(group.asked(Kind::Group, "filter.seatIn")?));
        }
        own.extend(self.is_active.map(store::is_active));
        own.extend(self.updated_at.as_ref().map(|f| f.on("updated_at")));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What services may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ServiceAccountOrderField {
    /// When it was entered.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

/// An order of services.
#[derive(InputObject, Clone)]
pub struct ServiceAccountOrderBy {
    /// By what.
    pub field: ServiceAccountOrderField,
    /// Up or down.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl OrderInput for ServiceAccountOrderBy {
    fn column(&self) -> (SortColumn, Direction) {
        let column = match self.field {
            ServiceAccountOrderField::CreatedAt => store::CREATED,
            ServiceAccountOrderField::UpdatedAt => store::UPDATED,
        };
        (column, self.direction.into())
    }
}

impl Listed for ServiceAccount {
    type Filter = ServiceAccountFilter;
    type OrderBy = ServiceAccountOrderBy;

    fn default_order() -> Order {
        store::latest_first()
    }
}

/// The tokens of the viewer's account. Read here, not ahead: there is one viewer.
///
/// # Errors
/// `Internal`, logged.
pub async fn tokens_of(ctx: &Context<'_>, account: Option<Uuid>) -> Result<Vec<ApiToken>> {
    let Some(account) = account else { return Ok(Vec::new()) };
    prefetch::all(ctx, Where::eq("account_id", account), store::token::latest_first()).await
}

/// Queries about services.
#[derive(Default)]
pub struct ServiceQuery;

#[Object]
impl ServiceQuery {
    /// One service; null if there is none or you may not see it.
    async fn service_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: ServiceAccountBy,
    ) -> Result<Option<ServiceAccount>> {
        let ServiceAccountBy::Id(id) = by;
        prefetch::find(ctx, Where::eq("id", id.asked(Kind::ServiceAccount, "by.id")?)).await
    }

    /// The services that you manage: coordinators those of their groups, operation managers those of their operations,
    /// administrators all.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn service_accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<ServiceAccountFilter>,
        #[graphql(desc = "In which order; the latest first if left out.")] order_by: Option<
            Vec<ServiceAccountOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ServiceAccount>> {
        let page = PageArguments { first, after, last, before };
        let asking = Front::of(ctx).asking();
        let window = prefetch::window::<ServiceAccount>(filter.as_ref(), order_by.as_ref(), &page, &asking)?;
        prefetch::list(ctx, window).await
    }
}
