//! The tables themselves, past the API: what is really there, and what only other processes would write.

use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, Statement,
    TransactionTrait,
};
use serde::Deserialize;
use tests::Storage;

/// A connection to the database of a test.
pub struct Raw(DatabaseConnection);

/// A line of `docs/columns.csv`.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    pub table: String,
    pub column: String,
    pub class: String,
    pub subject: String,
    pub on_erasure: String,
}

/// `docs/columns.csv`.
pub fn registry() -> Vec<Line> {
    let text = include_str!("../../docs/columns.csv");
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().expect("a registry")
}

impl Line {
    /// The rows of its table that lead to this person.
    pub fn leads_to(&self, raw: &Raw, person: &str) -> String {
        let way = |way: &str| {
            let pieces: Vec<&str> = way.split(" > ").collect();
            let mut last = format!("= {}", raw.id(person));
            for piece in pieces[1..].iter().rev() {
                let (table, column) = piece.split_once('.').expect("table.column");
                let (table, key) = table.trim_end_matches(']').split_once('[').unwrap_or((table, "id"));
                last = format!("IN (SELECT {key} FROM {table} WHERE {column} {last})");
            }
            format!("{} {last}", pieces[0])
        };
        self.subject.split(" or ").map(way).collect::<Vec<_>>().join(" OR ")
    }
}

impl Raw {
    pub async fn open(storage: &Storage) -> Self {
        Self(Database::connect(storage.url()).await.expect("a database"))
    }

    pub async fn close(self) {
        self.0.close().await.expect("a connection");
    }

    /// Keeps everybody else from writing to a table, until what is returned is rolled back.
    pub async fn hold(&self, table: &str) -> DatabaseTransaction {
        let held = self.0.begin().await.expect("a transaction");
        let lock = if self.is_sqlite() {
            format!("UPDATE {table} SET id = id WHERE false")
        } else {
            format!("LOCK TABLE {table}")
        };
        held.execute_unprepared(&lock).await.unwrap_or_else(|error| panic!("{lock}: {error}"));
        held
    }

    fn is_sqlite(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Sqlite
    }

    /// The UUID of an id (`per_…`, or bare hex) as SQL.
    pub fn id(&self, id: &str) -> String {
        let hex = id.rsplit('_').next().unwrap_or_default();
        if self.is_sqlite() { format!("x'{hex}'") } else { format!("'{hex}'::uuid") }
    }

    pub async fn run(&self, sql: &str) -> u64 {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let done = self.0.execute_raw(statement).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
    }

    /// The texts in the first column, named `v`, of what is selected.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let rows = self.0.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter().map(|row| row.try_get("", "v").expect("a text")).collect()
    }

    /// Every column of every table: (table, column, whether it holds text).
    pub async fn columns(&self) -> Vec<(String, String, bool)> {
        let sql = if self.is_sqlite() {
            "SELECT m.name || '.' || c.name || '.' || c.type AS v FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid"
        } else {
            "SELECT table_name || '.' || column_name || '.' || data_type AS v FROM information_schema.columns \
             WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        };
        let all = self.texts(sql).await;
        let parts = all.iter().map(|v| v.split('.').collect::<Vec<_>>());
        parts
            .filter(|p| p[0] != "seaql_migrations")
            .map(|p| (p[0].to_owned(), p[1].to_owned(), p[2].eq_ignore_ascii_case("text")))
            .collect()
    }

    /// Every text in the database, `table.column: text`.
    pub async fn dump(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (table, column, is_text) in self.columns().await {
            if is_text {
                let sql = format!("SELECT {column} AS v FROM {table} WHERE {column} IS NOT NULL");
                all.extend(self.texts(&sql).await.into_iter().map(|v| format!("{table}.{column}: {v}")));
            }
        }
        all
    }
}
