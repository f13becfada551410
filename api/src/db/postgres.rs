//! Reading PostgreSQL: a connection that has just answered goes straight to whoever waits for one.
//!
//! The pool asks every connection that comes back whether it still answers: one message each way after every statement,
//! some hundredths of what a read costs. When nobody waits that does no harm.

use std::num::NonZeroU16;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::{PgPool, PgRow};
use sea_orm::sqlx::{self, AssertSqlSafe, Postgres};
use sea_orm::{DbErr, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Semaphore;

/// Connections on which whole answers are read.
#[derive(Clone, Debug)]
pub(super) struct Readers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pool: PgPool,
    turns: Semaphore,
    /// Not a single one, for which who writes waits, too.
    hands_on: bool,
    /// How many wait for a turn.
    waiting: AtomicUsize,
    handed_on: Mutex<Vec<PoolConnection<Postgres>>>,
}

impl Readers {
    /// Of a pool with so many connections. A quarter of them is never handed on: who writes waits for the pool, and
    /// would wait as long as anybody reads.
    pub fn of(pool: PgPool, connections: NonZeroU16) -> Self {
        let all = usize::from(connections.get());
        let turns = all.saturating_sub((all / 4).max(1)).max(1);
        Self(Arc::new(Shared {
            pool,
            turns: Semaphore::new(turns),
            hands_on: turns < all,
            waiting: AtomicUsize::new(0),
            handed_on: Mutex::default(),
        }))
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// What PostgreSQL says, or that there is no connection.
    pub async fn run(&self, statement: Statement) -> Result<Vec<PgRow>, DbErr> {
        let shared = &*self.0;
        let waiting = Waiting::new(shared);
        let _turn = shared.turns.acquire().await.map_err(|closed| DbErr::Custom(closed.to_string()))?;
        let handed_on = shared.handed_on().pop();
        drop(waiting);
        let mut connection = match handed_on {
            Some(connection) => connection,
            // in a box: it takes kilobytes, and is rarely what a busy server does
            None => Box::pin(shared.pool.acquire()).await.map_err(|error| DbErr::Conn(said(error)))?,
        };
        let values = SqlxValues(statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new())));
        let query = sqlx::query_with(AssertSqlSafe(statement.sql), values);
        // after an error, and when nobody waits for the answer any more, the pool looks what became of the connection
        let rows = query.fetch_all(&mut *connection).await.map_err(|error| DbErr::Query(said(error)))?;
        if shared.hands_on && shared.waiting.load(Ordering::SeqCst) > 0 {
            shared.handed_on().push(connection);
        }
        Ok(rows)
    }
}

impl Shared {
    fn handed_on(&self) -> MutexGuard<'_, Vec<PoolConnection<Postgres>>> {
        self.handed_on.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits for a turn.
struct Waiting<'s>(&'s Shared);

impl<'s> Waiting<'s> {
    fn new(shared: &'s Shared) -> Self {
        shared.waiting.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.0.waiting.fetch_sub(1, Ordering::SeqCst) == 1 {
            // meant for somebody who went away
            self.0.handed_on().clear();
        }
    }
}

fn said(error: sqlx::Error) -> RuntimeErr {
    RuntimeErr::SqlxError(error.into())
}
