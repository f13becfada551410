//! Coordination groups: clusters, sectors, working groups, task teams, and the forums above them.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::{AliasInput, GroupMutation};
pub use query::{GroupFilter, GroupOrderBy, GroupQuery};
pub(crate) use store::family;
pub use store::within;
pub use types::Group;
