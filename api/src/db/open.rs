//! Opening a database: SQLite out of the box, PostgreSQL in production.

use std::collections::HashMap;
use std::num::NonZeroU16;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use uuid::Uuid;

use super::template::Templates;
use super::{postgres, sqlite};
use crate::clock;
use crate::error::Result;

/// The oldest SQLite that Kafo runs on: earlier ones can corrupt a database in WAL mode.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// A connection to PostgreSQL that nobody used for so long is asked whether it lives before it is used: the server may
/// have started anew, or something between have forgotten it. One in use is not asked: that costs a round trip.
const IDLE: Duration = Duration::from_secs(2);

/// How a connection to SQLite is set that reads: it cannot write, whatever a mistake of ours may ask of it.
pub(super) const SQLITE_READING: [(&str, &str); 3] =
    [("busy_timeout", "5000"), ("query_only", "ON"), ("mmap_size", "67108864")];

/// Which SQL a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// What reads whole answers.
#[derive(Clone)]
pub(super) enum Readers {
    Sqlite(sqlite::Readers),
    Postgres(postgres::Readers),
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(super) reader: DatabaseConnection,
    pub(super) rows: Readers,
    /// SQLite: one connection, handed out in order of arrival. PostgreSQL: the same pool.
    pub(super) writer: DatabaseConnection,
    /// Counts what this process has written.
    writes: Arc<AtomicU64>,
    /// Time zones of the operations: "today" differs between them.
    zones: Arc<RwLock<HashMap<Uuid, Tz>>>,
    pub(super) templates: Arc<Templates>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db").field("dialect", &self.dialect()).finish_non_exhaustive()
    }
}

impl Db {
    /// How many connections to PostgreSQL there are if nobody says.
    pub const CONNECTIONS: NonZeroU16 = NonZeroU16::new(8).expect("a number");

    /// Opens `sqlite://path` or `postgres://…`, the latter with at most so many connections. A missing SQLite file is
    /// created.
    ///
    /// # Errors
    /// What the driver says, for whoever started the process; never sent to a client.
    pub async fn open(url: &str, connections: NonZeroU16) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            return Self::open_sqlite(url).await;
        }
        Self::open_postgres(url, connections).await
    }

    async fn open_sqlite(url: &str) -> Result<Self, DbErr> {
        let path = url.split('?').next().unwrap_or(url);
        let options = |connections: u32, suffix: &str| {
            let mut options = ConnectOptions::new(format!("{path}?mode={suffix}"));
            options
                .max_connections(connections)
                .min_connections(1)
                .acquire_timeout(Duration::from_secs(30))
                .test_before_acquire(false)
                .sqlx_logging(false)
                .map_sqlx_sqlite_opts(|o| {
                    o.pragma("journal_mode", "WAL")
                        .pragma("synchronous", "FULL")
                        .pragma("foreign_keys", "ON")
                        .pragma("busy_timeout", "5000")
                        .pragma("temp_store", "MEMORY")
                        .pragma("mmap_size", "67108864")
                });
            options
        };
        let writer = Database::connect(options(1, "rwc")).await?;
        let version =
            writer.query_one_raw(Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version() AS v"));
        let version: String = version.await?.map_or_else(|| Ok(String::new()), |row| row.try_get("", "v"))?;
        if parse_version(&version) < OLDEST_SQLITE {
            let (a, b, c) = OLDEST_SQLITE;
            return Err(DbErr::Custom(format!(
                "SQLite {version} is too old: Kafo needs {a}.{b}.{c} or later"
            )));
        }
        let mut reading = options(4, "rw");
        reading.map_sqlx_sqlite_opts(|o| {
            SQLITE_READING.into_iter().fold(o, |o, (name, value)| o.pragma(name, value))
        });
        let reader = Database::connect(reading).await?;
        let file = SqliteConnectOptions::from_str(path).map_err(|e| DbErr::Custom(e.to_string()))?;
        let rows = Readers::Sqlite(sqlite::Readers::of(file.get_filename().to_owned()));
        Ok(Self::of(reader, rows, writer))
    }

    async fn open_postgres(url: &str, connections: NonZeroU16) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(connections.get().into())
            .min_connections(1)
            .connect_timeout(Duration::from_secs(10))
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire_if_idle_for(IDLE)
            .sqlx_logging(false)
            .set_application_name("kafo")
            // the same few statements, again and again: planning each anew costs more than running it
            .map_sqlx_postgres_opts(|o| {
                o.options([("plan_cache_mode", "force_generic_plan"), ("jit", "off")])
            });
        let pool = Database::connect(options).await?;
        let rows = postgres::Readers::of(pool.get_postgres_connection_pool().clone(), connections);
        Ok(Self::of(pool.clone(), Readers::Postgres(rows), pool))
    }

    fn of(reader: DatabaseConnection, rows: Readers, writer: DatabaseConnection) -> Self {
        let (writes, zones, templates) = (Arc::default(), Arc::default(), Arc::default());
        Self { reader, rows, writer, writes, zones, templates }
    }

    /// Goes up whenever this process writes, before a transaction commits and once more after it: what was read under
    /// a number holds as long as the number does.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    pub(super) fn note_write(&self) {
        self.writes.fetch_add(1, Ordering::SeqCst);
    }

    /// Which SQL it speaks.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.rows {
            Readers::Sqlite(_) => Dialect::Sqlite,
            Readers::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The reading connection without a viewer: for who signs in and for the reference lists, which
    /// everybody sees. A tidy test says which files may use it.
    pub(crate) const fn unscoped(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Brings the tables up to date.
    ///
    /// # Errors
    /// What the database says.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        Migrator::up(&self.writer, None).await
    }

    /// Every migration, and whether it has run.
    ///
    /// # Errors
    /// What the database says.
    pub async fn migrations(&self) -> Result<Vec<(String, bool)>, DbErr> {
        let pending = Migrator::get_pending_migrations(&self.writer).await?;
        let pending: Vec<String> = pending.iter().map(|m| m.name().to_owned()).collect();
        Ok(Migrator::migrations()
            .iter()
            .map(|m| (m.name().to_owned(), !pending.iter().any(|p| p == m.name())))
            .collect())
    }

    /// Whether a statement gets through.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn ping(&self) -> Result<()> {
        let backend = self.reader.get_database_backend();
        self.reader.query_one_raw(Statement::from_string(backend, "SELECT 1")).await?;
        Ok(())
    }

    /// Reads the operations' time zones anew.
    ///
    /// # Errors
    /// `Internal`, logged.
    pub async fn refresh_zones(&self) -> Result<()> {
        let backend = self.reader.get_database_backend();
        let rows = Statement::from_string(backend, "SELECT id, time_zone FROM operation");
        let mut zones = HashMap::new();
        for row in self.reader.query_all_raw(rows).await? {
            let zone: String = row.try_get("", "time_zone")?;
            zones.insert(row.try_get("", "id")?, zone.parse().unwrap_or(Tz::UTC));
        }
        if let Ok(mut known) = self.zones.write() {
            *known = zones;
        }
        Ok(())
    }

    /// The calendar day at `instant` in the operation's time zone (UTC if it is not known yet).
    #[must_use]
    pub fn today_in(&self, operation: Uuid, instant: DateTime<Utc>) -> NaiveDate {
        let zone = self.zones.read().ok().and_then(|zones| zones.get(&operation).copied());
        clock::day_in(instant, zone.unwrap_or(Tz::UTC))
    }

    /// The operations whose calendar day at `instant` is not the one of UTC, by day.
    #[must_use]
    pub fn other_days(&self, instant: DateTime<Utc>) -> Vec<(NaiveDate, Vec<Uuid>)> {
        let mut days: HashMap<NaiveDate, Vec<Uuid>> = HashMap::new();
        if let Ok(zones) = self.zones.read() {
            for (operation, zone) in zones.iter() {
                days.entry(clock::day_in(instant, *zone)).or_default().push(*operation);
            }
        }
        days.remove(&clock::day_in(instant, Tz::UTC));
        days.into_iter().collect()
    }
}

fn parse_version(version: &str) -> (u32, u32, u32) {
    let mut parts = version.split('.').map(|p| p.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(parse_version("3.9.0") < parse_version("3.51.3"));
        assert!(parse_version("3.51.3") >= OLDEST_SQLITE);
        assert!(parse_version("") < OLDEST_SQLITE);
    }
}
