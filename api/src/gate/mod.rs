//! The gate: what every request passes before anything runs.

pub mod admission;
