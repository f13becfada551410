//! Organisations: agencies, NGOs, ministries, embassies and their units.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::OrganisationMutation;
pub use query::OrganisationQuery;
pub use types::Organisation;
