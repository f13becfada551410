//! What Kafo's tests stand on: the real `kafo` binary, spoken to over HTTP,
//! on a database of its own for every test, on SQLite and on PostgreSQL.
//!
//! A test is an ordinary function which takes a [`World`]; [`on_both!`] makes
//! two tests of it, one for each database:
//!
//! ```ignore
//! use tests::{World, json, on_both};
//!
//! on_both!(an_open_action_is_listed);
//! async fn an_open_action_is_listed(world: World) {
//!     world.kafo_ok(&["account", "create", "ana@example.org"], "a long password\n");
//!     let ana = world.sign_in("ana@example.org", "a long password").await;
//!     let answer = ana.ask("{ openActions { nodes { text } } }", json!({})).await;
//!     assert_eq!(answer.at("/openActions/nodes"), &json!([]));
//! }
//! ```
//!
//! The binary is built before the first test needs it, so that a plain
//! `cargo test` never tests a stale one; set `KAFO_BINARY` to the path of a
//! binary to test that one instead, as it is.
//!
//! One private PostgreSQL cluster serves one test process. It is started when
//! first needed and goes when the process ends, however that ends: see
//! `watchdog.rs`. PostgreSQL must be installed (`script/setup` does that); a
//! test never passes over a database which is missing. Databases are kept in
//! the system's temporary directory, or in `KAFO_TEST_DIRECTORY`.

mod binary;
mod client;
pub mod issuer;
mod postgres;
mod process;
mod server;
mod storage;
mod watchdog;
mod world;

use std::time::{Duration, Instant};

pub use binary::cargo;
pub use client::{Answer, Client};
pub use serde_json::{Value, json};
pub use server::Server;
pub use storage::Storage;
pub use world::World;

/// Asks until something is so that comes about beside the requests: a round
/// of the server's, a note that it writes after its answer. Panics when it is
/// not so after half a minute.
pub async fn comes_true(what: &str, is_so: impl AsyncFn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(30);
    while !is_so().await {
        assert!(Instant::now() < limit, "{what}: not after half a minute");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The kinds of database Kafo works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of its own.
    Sqlite,
    /// A database of its own in the cluster of this test process.
    Postgres,
}

/// Makes two tests, `name::sqlite` and `name::postgres`, of each named
/// function `async fn name(world: World)`.
///
/// The function stays an ordinary one, which rustfmt formats and an editor
/// understands. One that is named nowhere is reported as never used.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                $crate::run($crate::Database::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                $crate::run($crate::Database::Postgres, super::$name);
            }
        }
    )+};
}

/// Runs a test in a fresh [`World`] on one kind of database, on a runtime of
/// its own. Tests use it through [`on_both!`], or by itself when a test makes
/// sense on one database only.
pub fn run<F, Fut>(database: Database, test: F)
where
    F: FnOnce(World) -> Fut,
    Fut: Future<Output = ()>,
{
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime for the test")
        .block_on(async { test(World::start(database).await).await });
}
