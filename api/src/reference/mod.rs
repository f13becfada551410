//! Reference lists that the field itself revises: countries, organisation types, sectors.
//!
//! They are tables, seeded from `api/reference/*.csv` at each migration, and held in memory: small,
//! public, and changed only with a release or an import.

mod lists;
mod query;
mod types;

pub use lists::{Lists, country, organisation_type, sector, seed};
pub use query::ReferenceQuery;
pub use types::{Country, OrganisationType, Sector};
