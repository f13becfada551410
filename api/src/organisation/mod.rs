//! Organisations: agencies, NGOs, ministries, embassies and their units.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::OrganisationMutation;
pub use query::{OrganisationIdentifierInput, OrganisationQuery};
pub use rules::NameKind;
pub use store::{Known, directory};
pub use types::Organisation;
