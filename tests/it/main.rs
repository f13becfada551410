//! One binary, so that it links once: one file per matter, through the real server over HTTP, on both
//! databases.

mod audit;
mod bad_input;
mod break_glass;
mod broken;
mod cast;
mod demo;
mod depart;
mod directory;
mod evening;
mod export;
mod follow_up;
mod http;
mod invitation;
mod meeting;
mod permissions;
mod requests;
mod privacy;
mod raw;
mod schema;
mod service;
mod sign_in;
mod sync;
mod sync_file;
mod sql;
mod tidy;
