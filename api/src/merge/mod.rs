//! Merging two rows that are the same in life: whatever pointed to the one points to the other.
//! Organisations and people share this; their own rooms decide what may be merged.

mod rules;
pub(crate) mod store;

pub use rules::{Holder, TO_ORGANISATIONS, TO_PEOPLE, standing};
