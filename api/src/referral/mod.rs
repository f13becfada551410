//! Referrals: a group asks another forum.

mod mutation;
mod query;
pub(crate) mod store;
mod types;

pub use mutation::ReferralMutation;
pub use query::{ReferralFilter, ReferralOrderBy, ReferralQuery};
pub use types::Referral;
