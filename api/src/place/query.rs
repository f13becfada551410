use async_graphql::{Context, Enum, InputObject, Object, OneofObject};

use super::store;
use super::types::Place;
use crate::db::{Direction, Order, SortColumn, Where};
use crate::error::Result;
use crate::graphql::filter::bounded;
use crate::graphql::{
    Asking, CodeFilter, Connection, Date, FilterInput, Front, Id, IdFilter, Listed, OrderDirection,
    OrderInput, PageArguments, TextFilter, combine, prefetch,
};
use crate::id::Kind;

/// A P-code and the day on which it is meant.
#[derive(InputObject, Clone, Debug)]
pub struct PlaceCodeInput {
    /// The P-code, exactly, e.g. `ML0506`.
    pub code: String,
    /// The day; today (UTC) if left out. Before the code was given out there is no such place.
    pub on: Option<Date>,
}

/// One way to name a place.
#[derive(OneofObject)]
pub enum PlaceBy {
    /// Its id.
    Id(Id),
    /// Its P-code, on a day: codes are used again.
    PCode(PlaceCodeInput),
}

/// Which places. What is left out does not filter.
#[derive(InputObject, Clone, Default)]
pub struct PlaceFilter {
    /// By id.
    pub id: Option<IdFilter>,
    /// In this country (ISO 3166-1 alpha-3); case does not matter.
    pub country: Option<String>,
    /// One of these administrative levels; 0 is the country.
    pub level: Option<Vec<i32>>,
    /// By P-code.
    pub p_code: Option<CodeFilter>,
    /// By name; case and accents do not matter.
    pub name: Option<TextFilter>,
    /// By the area they lie in; `isNull: true`: those of the highest level.
    pub parent: Option<IdFilter>,
    /// Only what its code means on this day.
    pub valid_on: Option<Date>,
    /// All of these too.
    pub and: Option<Vec<PlaceFilter>>,
    /// At least one of these.
    pub or: Option<Vec<PlaceFilter>>,
    /// Not this.
    pub not: Option<Box<PlaceFilter>>,
}

impl FilterInput for PlaceFilter {
    fn condition(&self, asking: &Asking<'_>) -> Result<Where> {
        let mut own = Vec::new();
        for (filter, column, name) in
            [(&self.id, "id", "filter.id"), (&self.parent, "parent_id", "filter.parent")]
        {
            if let Some(filter) = filter {
                own.push(filter.on(column, Kind::Place, name, asking)?);
            }
        }
        own.extend(self.country.as_deref().map(store::in_country));
        if let Some(levels) = &self.level {
            bounded(levels, "filter.level")?;
            own.push(Where::any(levels.iter().map(|level| Where::eq("level", *level))));
        }
        if let Some(code) = &self.p_code {
            own.push(code.on("p_code", "filter.pCode")?);
        }
        own.extend(self.name.as_ref().map(|f| f.on("name_folded")));
        own.extend(self.valid_on.map(|day| store::holding_on(day.0)));
        combine(own, self.and.as_ref(), self.or.as_ref(), self.not.as_deref(), asking)
    }
}

/// What places may be ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum PlaceOrderField {
    /// The name, without case and accents.
    Name,
    /// The P-code.
    PCode,
    /// The administrative level.
    Level,
    /// The first day on which the code means the area.
    ValidFrom,
}

/// An order of places.
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
            PlaceOrderField::Name => store::NAME,
            PlaceOrderField::PCode => store::P_CODE,
            PlaceOrderField::Level => store::LEVEL,
            PlaceOrderField::ValidFrom => store::VALID_FROM,
        };
        (column, self.direction.into())
    }
}

impl Listed for Place {
    type Filter = PlaceFilter;
    type OrderBy = PlaceOrderBy;

    fn default_order() -> Order {
        store::by_name()
    }
}

/// Queries about places.
#[derive(Default)]
pub struct PlaceQuery;

#[Object]
impl PlaceQuery {
    /// One place; null if there is none. Visible to everybody.
    async fn place(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: PlaceBy,
    ) -> Result<Option<Place>> {
        let filter = match by {
            PlaceBy::Id(id) => Where::eq("id", id.asked(Kind::Place, "by.id")?),
            PlaceBy::PCode(input) => {
                let day = input.on.map_or_else(|| Front::of(ctx).now().date_naive(), |day| day.0);
                Where::eq("p_code", input.code).and(store::holding_on(day))
            }
        };
        prefetch::find(ctx, filter).await
    }

    /// The places. Visible to everybody.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn places(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<PlaceFilter>,
        #[graphql(desc = "In which order; by name if left out.")] order_by: Option<Vec<PlaceOrderBy>>,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Place>> {
        let page = PageArguments { first, after, last, before };
        let window =
            prefetch::window::<Place>(filter.as_ref(), order_by.as_ref(), &page, &Front::of(ctx).asking())?;
        prefetch::list(ctx, window).await
    }
}
