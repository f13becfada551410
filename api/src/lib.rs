//! Kafo: the shared record of interagency coordination. Who belongs to a cluster or working group,
//! who met, what was agreed, and what became of it.
//!
//! One room per noun, each with the same file names: `types` (GraphQL objects), `query`, `mutation`
//! (five-line resolvers), `rules` (what may happen when: pure), `store` (the only SQL). See
//! `ARCHITECTURE.md`.

// What the system is made of.
pub mod app;
pub mod auth;
pub mod belonging;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod evolution;
pub mod gate;
pub mod graphql;
pub mod http;
pub mod id;
mod sheet;
pub mod text;

// The nouns.
mod account;
mod agenda;
mod announcement;
mod attendance;
mod audit;
mod break_glass;
mod document;
mod external;
mod follow_up;
mod group;
mod invitation;
mod meeting;
mod membership;
mod membership_request;
mod merge;
mod minutes;
mod openid;
mod operation;
mod organisation;
mod person;
mod place;
mod recommendation;
mod reference;
mod referral;
mod review;
mod service;

pub mod command;
