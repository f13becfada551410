use std::sync::Arc;

use async_graphql::{Context, Description, Object};
use entity::place::Model;

use crate::graphql::{Date, Direct, Front, Id, Relation, Shown, Written};
use crate::id::Kind;
use crate::reference::Country;

/// An administrative area with a P-code. P-codes are used again: a code means this area from `validFrom` to
/// `validTo`. Visible to everybody.
#[derive(Clone, Debug, Description)]
pub struct PlaceFields(Arc<Model>);

/// See [`PlaceFields`].
pub type Place = Written<PlaceFields>;

impl Direct for PlaceFields {}

impl Shown for PlaceFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![Relation::one::<Self>("parent", "parent_id")]
    }
}

#[Object(name = "Place", use_type_description)]
impl PlaceFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Place, self.0.id)
    }

    /// The country it lies in.
    fn country(&self, ctx: &Context<'_>) -> Option<Country> {
        Country::named(ctx, &self.0.country)
    }

    /// The administrative level: 0 the country, in Mali 1 the region, 2 the cercle, 3 the commune; at most 5.
    fn level(&self) -> i32 {
        self.0.level
    }

    /// The P-code, e.g. `ML0506`.
    fn p_code(&self) -> &str {
        &self.0.p_code
    }

    /// Its name.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The area it lies in; null for the highest level, or if that area is not in the table.
    fn parent(&self, ctx: &Context<'_>) -> Option<Place> {
        Front::of(ctx).one(self.0.parent_id)
    }

    /// The first day on which the code means this area.
    fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// The last day; null if it still does.
    fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }
}
