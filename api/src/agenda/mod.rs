//! Agenda items: the points of a meeting, and what became of each.

mod invited;
mod mutation;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::AgendaMutation;
pub(crate) use mutation::{AgendaItemDraft, add};
pub(crate) use store::{as_invited, outline};
pub(crate) use types::invited_items;
pub use types::{AgendaItem, InvitedAgendaItem};
