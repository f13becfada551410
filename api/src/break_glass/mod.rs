//! Break-glass: an administrator looks into a group without a seat there, for an hour, with a reason,
//! told to its coordinators.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::BreakGlassMutation;
pub use query::{BreakGlassFilter, BreakGlassOrderBy, BreakGlassQuery};
pub use types::BreakGlass;
