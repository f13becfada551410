use std::sync::Arc;

use async_graphql::{Context, Description, Object};
use entity::{country, organisation_type, sector};

use super::Lists;
use crate::graphql::{Direct, Front, Language, Written};

/// A country (ISO 3166-1). Visible to everybody.
#[derive(Clone, Debug, Description)]
pub struct CountryFields(pub(super) Arc<country::Model>);

/// See [`CountryFields`].
pub type Country = Written<CountryFields>;

impl Direct for CountryFields {}

/// A kind of organisation, from OCHA's list. Visible to everybody.
#[derive(Clone, Debug, Description)]
pub struct OrganisationTypeFields(pub(super) Arc<organisation_type::Model>);

/// See [`OrganisationTypeFields`].
pub type OrganisationType = Written<OrganisationTypeFields>;

impl Direct for OrganisationTypeFields {}

/// A sector of the response. Visible to everybody.
#[derive(Clone, Debug, Description)]
pub struct SectorFields(pub(super) Arc<sector::Model>);

/// See [`SectorFields`].
pub type Sector = Written<SectorFields>;

impl Direct for SectorFields {}

fn in_language<'a>(ctx: &Context<'_>, english: &'a str, french: &'a str) -> &'a str {
    match Front::of(ctx).language() {
        Language::English => english,
        Language::French => french,
    }
}

impl Country {
    /// The country of this code.
    #[must_use]
    pub fn named(ctx: &Context<'_>, iso3: &str) -> Option<Self> {
        let lists: &Lists = ctx.data_unchecked();
        lists.countries.iter().find(|c| c.iso3 == iso3).cloned().map(CountryFields).map(Written)
    }
}

impl OrganisationType {
    /// The type of this code.
    #[must_use]
    pub fn named(ctx: &Context<'_>, code: &str) -> Option<Self> {
        let lists: &Lists = ctx.data_unchecked();
        lists
            .organisation_types
            .iter()
            .find(|c| c.code == code)
            .cloned()
            .map(OrganisationTypeFields)
            .map(Written)
    }
}

impl Sector {
    /// The sector of this code.
    #[must_use]
    pub fn named(ctx: &Context<'_>, code: &str) -> Option<Self> {
        let lists: &Lists = ctx.data_unchecked();
        lists.sectors.iter().find(|c| c.code == code).cloned().map(SectorFields).map(Written)
    }
}

#[Object(name = "Country", use_type_description)]
impl CountryFields {
    /// ISO 3166-1 alpha-3, e.g. `MLI`.
    fn iso3(&self) -> &str {
        &self.0.iso3
    }

    /// ISO 3166-1 alpha-2, e.g. `ML`.
    fn iso2(&self) -> &str {
        &self.0.iso2
    }

    /// Its name, in French or English (`Accept-Language`).
    fn name(&self, ctx: &Context<'_>) -> &str {
        in_language(ctx, &self.0.name_en, &self.0.name_fr)
    }
}

#[Object(use_type_description, name = "OrganisationKind")]
impl OrganisationTypeFields {
    /// OCHA's code, e.g. `437`.
    fn code(&self) -> &str {
        &self.0.code
    }

    /// Its name, in French or English (`Accept-Language`).
    fn name(&self, ctx: &Context<'_>) -> &str {
        in_language(ctx, &self.0.name_en, &self.0.name_fr)
    }

    /// Other names that imports accept, folded.
    fn aliases(&self) -> Vec<&str> {
        self.0.aliases.split('|').filter(|a| !a.is_empty()).collect()
    }
}

#[Object(name = "Sector", use_type_description)]
impl SectorFields {
    /// Its code, e.g. `ERY`. Case does not matter where it is given.
    fn code(&self) -> &str {
        &self.0.code
    }

    /// Its name, in French or English (`Accept-Language`).
    fn name(&self, ctx: &Context<'_>) -> &str {
        in_language(ctx, &self.0.name_en, &self.0.name_fr)
    }

    /// Other names that imports accept, folded.
    fn aliases(&self) -> Vec<&str> {
        self.0.aliases.split('|').filter(|a| !a.is_empty()).collect()
    }
}
