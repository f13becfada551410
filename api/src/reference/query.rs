use async_graphql::{Context, Object};

use super::Lists;
use super::types::{Country, CountryFields, OrganisationType, OrganisationTypeFields, Sector, SectorFields};
use crate::graphql::Written;

/// Queries about reference lists.
#[derive(Default)]
pub struct ReferenceQuery;

#[Object]
impl ReferenceQuery {
    /// The countries of ISO 3166-1, by code. Visible to everybody.
    async fn countries(&self, ctx: &Context<'_>) -> Vec<Country> {
        ctx.data_unchecked::<Lists>().countries.iter().cloned().map(CountryFields).map(Written).collect()
    }

    /// The kinds of organisations, by code. Visible to everybody.
    async fn organisation_types(&self, ctx: &Context<'_>) -> Vec<OrganisationType> {
        ctx.data_unchecked::<Lists>()
            .organisation_types
            .iter()
            .cloned()
            .map(OrganisationTypeFields)
            .map(Written)
            .collect()
    }

    /// The sectors, by code. Visible to everybody.
    async fn sectors(&self, ctx: &Context<'_>) -> Vec<Sector> {
        ctx.data_unchecked::<Lists>().sectors.iter().cloned().map(SectorFields).map(Written).collect()
    }
}
