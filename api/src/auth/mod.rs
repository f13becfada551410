//! Who is asking ([`Actor`]), what they may do ([`policy`]), and how they sign in.

mod actor;
pub mod api_token;
pub mod password;
pub mod permissions;
pub mod policy;
pub mod token;

pub use actor::{Actor, Part, Seat, Token, Within};
pub use policy::{Action, Permit, Scope, Target};
