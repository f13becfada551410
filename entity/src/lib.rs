//! What Kafo stores: one file per table, no behaviour. Knows nothing of GraphQL or of rights.
//!
//! Columns are described once, where the API shows them (`api/src/*/types.rs`); their types, checks
//! and foreign keys stand in `migration`.
#![allow(missing_docs)]

pub mod account;
pub mod account_grant;
pub mod addressee;
pub mod agenda_item;
pub mod announcement;
pub mod api_token;
pub mod api_token_limit;
pub mod assignment;
pub mod assignment_response;
pub mod attendance;
pub mod block;
pub mod break_glass;
pub mod cell;
pub mod change;
pub mod contact_point;
pub mod contact_share;
pub mod coordination_group;
pub mod country;
pub mod device;
pub mod document;
pub mod enums;
pub mod erasure;
pub mod external_reference;
pub mod follow_up;
pub mod follow_up_update;
pub mod group_alias;
pub mod group_sector;
pub mod idempotency_key;
pub mod invitation;
pub mod meeting;
pub mod meeting_group;
pub mod meeting_join_link;
pub mod meeting_series;
pub mod membership;
pub mod membership_request;
pub mod minutes;
pub mod minutes_contributor;
pub mod openid_flow;
pub mod openid_identity;
pub mod operation;
pub mod organisation;
pub mod organisation_alias;
pub mod organisation_identifier;
pub mod organisation_type;
pub mod password_reset;
pub mod person;
pub mod place;
pub mod presenter;
pub mod recommendation;
pub mod recovery_code;
pub mod referral;
pub mod refresh_token;
pub mod review;
pub mod sector;
pub mod service_account;
pub mod service_seat;
pub mod session;
pub mod signing_key;
pub mod throttle;
pub mod totp;
