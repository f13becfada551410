//! A look into the database behind the server's back, and a hand on its clock.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement, Value};
use tests::World;

/// A connection of the test's own.
pub struct Sql(DatabaseConnection);

impl Sql {
    /// To the database of this world.
    pub async fn of(world: &World) -> Self {
        Self(Database::connect(world.storage.url()).await.expect("a connection"))
    }

    /// Runs a statement; `$1` … are bound. What goes on behind the server's back it knows a moment later: it remembers
    /// for 50 ms whom an API token stands for.
    pub async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> u64 {
        let statement = Statement::from_sql_and_values(self.0.get_database_backend(), sql, values);
        let rows = self.0.execute_raw(statement).await.expect("a statement").rows_affected();
        tokio::time::sleep(Duration::from_millis(80)).await;
        rows
    }

    /// The rows of a statement.
    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_all_raw(statement).await.expect("rows")
    }

    /// The number that a statement gives as `n`.
    pub async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get("", "n").expect("a number")
    }

    /// What the change records of a kind say, in their order.
    pub async fn details(&self, kind: &str) -> Vec<String> {
        let rows =
            self.rows(&format!("SELECT detail FROM change WHERE kind = '{kind}' ORDER BY position")).await;
        rows.iter().map(|row| row.try_get("", "detail").expect("a text")).collect()
    }

    /// How many change records there are of a kind.
    pub async fn records(&self, kind: &str) -> i64 {
        self.number(&format!("SELECT count(*) AS n FROM change WHERE kind = '{kind}'")).await
    }
}
