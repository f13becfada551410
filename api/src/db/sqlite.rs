//! Reading SQLite: rows by the thousand, copied out of it in one piece.
//!
//! The driver that everything else goes through takes each cell as a value of its own, to hand it to another thread:
//! a third of what a read costs. Here a statement runs on a thread of its own from start to end, and what it gave comes
//! back as one [`Block`].

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use entity::block::{Block, Held};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Error, InterruptHandle, OpenFlags, ToSql};
use sea_orm::{DbErr, RuntimeErr, Statement, Value};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, spawn_blocking};

use super::open::SQLITE_READING;

/// So many statements run at once.
pub(super) const READERS: u32 = 4;

/// Connections that can only read.
#[derive(Clone, Debug)]
pub(super) struct Readers(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    /// Of the database in this file.
    pub fn of(path: PathBuf) -> Self {
        let turns = Arc::new(Semaphore::new(READERS as usize));
        Self(Arc::new(Shared { path, idle: Mutex::default(), turns }))
    }

    /// Runs a statement. Who stops waiting for it stops it.
    ///
    /// # Errors
    /// What SQLite says, without what was asked.
    pub async fn run(&self, statement: Statement) -> Result<Block, DbErr> {
        let shared = &self.0;
        let turn = shared.turns.clone().acquire_owned().await.map_err(failed)?;
        let idle = shared.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let path = shared.path.clone();
                spawn_blocking(move || connect(path)).await.map_err(failed)?.map_err(failed)?
            }
        };
        let interrupt = connection.get_interrupt_handle();
        // the turn goes along: it ends when the statement does, whether or not somebody still waits
        let run = spawn_blocking(move || (rows(&connection, &statement), connection, turn));
        let mut running = Running(Some((run.abort_handle(), interrupt)));
        let (rows, connection, _turn) = run.await.map_err(failed)?;
        running.0 = None;
        shared.idle().push(connection);
        rows.map_err(failed)
    }
}

impl Shared {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A statement that is stopped when this is dropped before its end: whether it still waits for a thread or runs. Its
/// connection is then closed, not used again: the stop may come late.
struct Running(Option<(AbortHandle, InterruptHandle)>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some((waiting, running)) = self.0.take() {
            waiting.abort();
            running.interrupt();
        }
    }
}

fn failed(error: impl std::fmt::Display) -> DbErr {
    DbErr::Query(RuntimeErr::Internal(error.to_string()))
}

fn connect(path: PathBuf) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    for (name, value) in SQLITE_READING {
        connection.pragma_update(None, name, value)?;
    }
    connection.set_prepared_statement_cache_capacity(100);
    Ok(connection)
}

fn rows(connection: &Connection, statement: &Statement) -> Result<Block, Error> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    let width = prepared.column_count();
    let mut block = Block::of(width);
    let values = statement.values.iter().flat_map(|values| &values.0);
    let mut rows = prepared.query(rusqlite::params_from_iter(values.map(Bound)))?;
    while let Some(row) = rows.next()? {
        for place in 0..width {
            block.push(match row.get_ref(place)? {
                ValueRef::Null => Held::Nothing,
                ValueRef::Integer(number) => Held::Number(number),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Held::Bytes(bytes),
                other @ ValueRef::Real(_) => {
                    return Err(Error::InvalidColumnType(place, String::new(), other.data_type()));
                }
            });
        }
    }
    Ok(block)
}

/// A value as the other driver binds it.
struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, Error> {
        use rusqlite::types::Value as Owned;
        let number = |number: Option<i64>| number.map_or(Owned::Null, Owned::Integer);
        let text = |text: Option<String>| text.map_or(Owned::Null, Owned::Text);
        Ok(ToSqlOutput::Owned(match self.0 {
            Value::String(Some(text)) => return Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
            Value::Uuid(Some(id)) => return Ok(ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes()))),
            Value::String(None) | Value::Uuid(None) => Owned::Null,
            Value::Bool(truth) => number(truth.map(i64::from)),
            Value::Int(value) => number(value.map(i64::from)),
            Value::BigInt(value) => number(*value),
            Value::ChronoDate(day) => text(day.map(|day| day.to_string())),
            Value::ChronoDateTimeUtc(instant) => text(instant.map(|instant| instant.to_rfc3339())),
            _ => return Err(Error::ToSqlConversionFailure("a value of another kind".into())),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, NaiveDate, Utc};
    use sea_orm::DbBackend;
    use tokio::time::timeout;
    use uuid::Uuid;

    use super::*;

    fn readers() -> Readers {
        Readers::of(":memory:".into())
    }

    fn asked(sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
    }

    #[tokio::test]
    async fn what_is_bound_comes_back() {
        let day = NaiveDate::from_ymd_opt(2026, 2, 28);
        let instant: Option<DateTime<Utc>> = "2026-02-28T23:59:59.123456Z".parse().ok();
        let values = vec![
            "Ségou".into(),
            Uuid::from_u128(7).into(),
            true.into(),
            (-5).into(),
            i64::MAX.into(),
            day.into(),
            instant.into(),
            Value::String(None),
        ];
        let sql = "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 UNION ALL SELECT NULL, NULL, 0, 0, 0, NULL, ?9, ''";
        let ours = [values, vec!["2026-03-01 00:00:00".into()]].concat();
        let block = readers().run(asked(sql, ours)).await.expect("rows");
        let [first, second] = block.rows().collect::<Vec<_>>()[..] else { panic!("{block:?}") };
        assert_eq!(first.at(0).read::<String>().expect("a text"), "Ségou");
        assert_eq!(first.at(1).read::<Uuid>().expect("an id"), Uuid::from_u128(7));
        assert!(first.at(2).read::<bool>().expect("a truth value"));
        assert_eq!(first.at(3).read::<i32>().expect("a number"), -5);
        assert_eq!(first.at(4).read::<i64>().expect("a number"), i64::MAX);
        assert_eq!(first.at(5).read::<Option<NaiveDate>>().expect("a day"), day);
        assert_eq!(first.at(6).read::<Option<DateTime<Utc>>>().expect("an instant"), instant);
        assert_eq!(first.at(7).read::<Option<String>>().expect("nothing"), None);
        assert!(!second.at(2).read::<bool>().expect("a truth value"));
        let midnight = "2026-03-01T00:00:00Z".parse::<DateTime<Utc>>().expect("an instant");
        assert_eq!(second.at(6).read::<DateTime<Utc>>().expect("an instant"), midnight);
        assert_eq!(second.at(7).read::<String>().expect("a text"), "");
        for misread in [
            first.at(8).read::<i32>().err(),
            first.at(4).read::<i32>().err(),
            first.at(0).read::<NaiveDate>().err(),
            first.at(7).read::<String>().err(),
        ] {
            assert!(misread.is_some());
        }
    }

    #[tokio::test]
    async fn a_statement_that_fails_spoils_none_after_it() {
        let readers = readers();
        for sql in ["SELECT nonsense", "SELECT 1.5", "SELECT"] {
            let error = readers.run(asked(sql, vec![])).await.expect_err("an error").to_string();
            assert!(!error.contains(sql), "{error}");
        }
        assert!(readers.run(asked("CREATE TABLE t(a)", vec![])).await.is_err(), "a reader does not write");
        assert_eq!(readers.run(asked("SELECT 1", vec![])).await.expect("a row").rows().count(), 1);
        assert_eq!(readers.0.idle().len(), 1);
    }

    #[tokio::test]
    async fn a_statement_for_which_nobody_waits_ends() {
        const ENDLESS: &str =
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
        let readers = readers();
        for _ in 0..=READERS {
            let waited = timeout(Duration::from_millis(20), readers.run(asked(ENDLESS, vec![]))).await;
            assert!(waited.is_err(), "it has no end");
        }
        let all = timeout(Duration::from_secs(30), readers.0.turns.acquire_many(READERS)).await;
        assert!(all.is_ok_and(|turns| turns.is_ok()), "every turn ended");
        assert!(readers.0.idle().is_empty(), "what was stopped is not used again");
    }
}
