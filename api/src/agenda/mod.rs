//! Agenda items: the points of a meeting, and what became of each.

mod invited;
mod mutation;
mod rules;
pub(crate) mod store;
mod types;

pub use mutation::AgendaMutation;
// for `meetingRecord`
#[allow(unused_imports, reason = "meetingRecord takes them")]
pub(crate) use mutation::{AgendaItemDraft, PresenterDraft, add};
pub(crate) use store::{as_invited, outline};
pub(crate) use types::invited_items;
pub use types::{AgendaItem, InvitedAgendaItem};
