//! Rows into a database whose tables `kafo migrate up` made: `COPY` on PostgreSQL, inserts in one transaction on SQLite.

use std::fmt::Write;

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Sqlite};

use crate::table::{Table, Tables, Value};

/// Loads the rows; the address says into what.
///
/// # Errors
/// What the database says.
pub async fn load(url: &str, tables: &Tables) -> Result<(), sqlx::Error> {
    match url.strip_prefix("sqlite://") {
        Some(path) => sqlite(path, tables).await,
        None => postgres(url, tables).await,
    }
}

async fn postgres(url: &str, tables: &Tables) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let mut transaction = connection.begin().await?;
    for table in &tables.0 {
        let into = format!("COPY {} ({}) FROM STDIN", table.name, table.columns.join(", "));
        let mut copy = transaction.copy_in_raw(&into).await?;
        for some in table.rows.chunks(1000) {
            let mut text = String::new();
            for row in some {
                line(row, &mut text);
            }
            copy.send(text.into_bytes()).await?;
        }
        copy.finish().await?;
    }
    transaction.commit().await?;
    // what autovacuum would do sooner or later
    connection.execute("VACUUM (ANALYZE)").await?;
    connection.close().await
}

/// A row in the text format of `COPY`.
fn line(row: &[Value], out: &mut String) {
    for (number, value) in row.iter().enumerate() {
        if number > 0 {
            out.push('\t');
        }
        let written = match value {
            Value::Null => write!(out, "\\N"),
            Value::Text(text) => {
                for letter in text.chars() {
                    match letter {
                        '\\' => out.push_str("\\\\"),
                        '\t' => out.push_str("\\t"),
                        '\n' => out.push_str("\\n"),
                        '\r' => out.push_str("\\r"),
                        other => out.push(other),
                    }
                }
                Ok(())
            }
            Value::Id(id) => write!(out, "{id}"),
            Value::Number(number) => write!(out, "{number}"),
            Value::Bool(yes) => write!(out, "{yes}"),
            Value::Day(day) => write!(out, "{day}"),
            Value::At(at) => write!(out, "{}", at.to_rfc3339()),
        };
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }
    out.push('\n');
}

async fn sqlite(path: &str, tables: &Tables) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let mut transaction = connection.begin().await?;
    for table in &tables.0 {
        let into = insert(table);
        for row in &table.rows {
            let query = row.iter().fold(sqlx::query(AssertSqlSafe(into.clone())), bound);
            transaction.execute(query).await?;
        }
    }
    transaction.commit().await?;
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await?;
    if !broken.is_empty() {
        return Err(sqlx::Error::Protocol(format!("{} foreign keys lead nowhere", broken.len())));
    }
    connection.execute("ANALYZE").await?;
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    connection.close().await
}

fn insert(table: &Table) -> String {
    let marks = vec!["?"; table.columns.len()].join(", ");
    format!("INSERT INTO {} ({}) VALUES ({marks})", table.name, table.columns.join(", "))
}

/// The drivers under the server bind the same types, so that what is stored is written alike.
fn bound<'q>(query: Query<'q, Sqlite, SqliteArguments>, value: &Value) -> Query<'q, Sqlite, SqliteArguments> {
    match value {
        Value::Null => query.bind(None::<String>),
        Value::Text(text) => query.bind(text.clone()),
        Value::Id(id) => query.bind(*id),
        Value::Number(number) => query.bind(*number),
        Value::Bool(yes) => query.bind(*yes),
        Value::Day(day) => query.bind(*day),
        Value::At(at) => query.bind(*at),
    }
}
