//! Referrals: a group asks another forum.

mod mutation;
mod query;
mod rules;
pub(crate) mod store;
mod types;

pub(crate) use mutation::add;
pub use mutation::{ReferralDraft, ReferralMutation};
pub use query::ReferralQuery;
pub use types::Referral;
