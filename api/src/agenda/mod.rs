//! Agenda items: the points of a meeting, and what became of each.

mod mutation;
pub(crate) mod store;
mod types;

pub use mutation::AgendaMutation;
pub use types::AgendaItem;
