//! How the schema changes under its clients: what differs between two schemas, and what each difference does to a
//! client of the old one. The classes and their codes are those of graphql-js (`findBreakingChanges`,
//! `findDangerousChanges`), which clients' own tools use; a few are added that it does not look at.

mod announced;
mod compare;

pub use announced::{Announced, Announcement};
pub use compare::{Change, Effect, compare};

#[cfg(test)]
mod tests;
