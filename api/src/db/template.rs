//! Statements that are written once for a viewer and then filled in.
//!
//! Most of a statement says which rows a viewer may see: it is the same whenever the same viewer, with the same seats,
//! asks for the same shape. Only what a request narrows it by is written anew.

use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use sea_orm::sea_query::{
    Expr, PostgresQueryBuilder, Query, QueryBuilder, SelectStatement, SqlWriter, SqliteQueryBuilder, Values,
};
use sea_orm::{Condition, DbBackend, Statement, Value};
use sha2::{Digest, Sha256};

use super::Dialect;
use super::find::{LIST, is_word};
use crate::auth::Actor;

/// So many statements are kept; each takes a few kilobytes.
const KEPT: NonZeroUsize = NonZeroUsize::new(1000).expect("a number");

/// Where the condition of a request comes in.
const HERE: &str = "\u{1}";

/// That place, as a condition.
pub(super) fn here() -> Expr {
    Expr::cust(HERE)
}

/// A viewer, by everything that is known of them: two with the same digest see the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Viewer([u8; 32]);

impl Viewer {
    pub fn of(actor: &Actor) -> Self {
        let mut digest = Digester(Sha256::new());
        actor.hash(&mut digest);
        Self(digest.0.finalize().into())
    }
}

/// Feeds what is hashed to a digest that nobody can make collide.
struct Digester(Sha256);

impl Hasher for Digester {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&self) -> u64 {
        0
    }
}

/// A statement with a place for one more condition.
#[derive(Debug)]
pub(super) struct Template {
    before: String,
    after: String,
    values: Vec<Value>,
}

impl Template {
    /// Of a statement that names [`here`] once.
    pub fn of(select: &SelectStatement, dialect: Dialect) -> Self {
        let mut text = Text::of(select, dialect, Vec::new(), true);
        if dialect == Dialect::Sqlite {
            text.sql = lists_once(text.sql);
        }
        let (before, after) = text.sql.split_once(HERE).unwrap_or((&text.sql, ""));
        Self { before: before.to_owned(), after: after.to_owned(), values: text.values }
    }

    /// The statement under this condition, too.
    pub fn under(&self, condition: Condition, dialect: Dialect) -> Statement {
        /// What stands before a condition that is written for itself.
        const LEAD: &str = "SELECT 1 WHERE ";
        let alone = Query::select().expr(Expr::cust("1")).cond_where(condition).take();
        let text = Text::of(&alone, dialect, self.values.clone(), false);
        let condition = text.sql.strip_prefix(LEAD).unwrap_or("TRUE");
        let sql = [&self.before, "(", condition, ")", &self.after].concat();
        statement(sql, text.values, dialect)
    }
}

/// The same statement, in which a list of ids that SQLite would take apart in several places is taken apart once.
fn lists_once(mut sql: String) -> String {
    let (open, close) = LIST;
    let marks: Vec<String> = sql
        .match_indices(open)
        .filter_map(|(at, _)| sql[at + open.len()..].split_once(close))
        .map(|(mark, _)| mark.to_owned())
        .collect();
    let mut lists: Vec<String> = Vec::new();
    for mark in marks {
        let (list, name) = ([open, &mark, close].concat(), format!("ids{}", lists.len()));
        // one that has got its name stands nowhere any more
        if sql.matches(&list).count() > 1 {
            sql = sql.replace(&list, &format!("(SELECT id FROM {name})"));
            lists.push(format!("{name}(id) AS MATERIALIZED {list}"));
        }
    }
    if lists.is_empty() { sql } else { format!("WITH {} {sql}", lists.join(", ")) }
}

/// Writes a statement out.
pub(super) fn write(select: &SelectStatement, dialect: Dialect) -> Statement {
    let text = Text::of(select, dialect, Vec::new(), false);
    statement(text.sql, text.values, dialect)
}

fn statement(sql: String, values: Vec<Value>, dialect: Dialect) -> Statement {
    let backend = match dialect {
        Dialect::Postgres => DbBackend::Postgres,
        Dialect::Sqlite => DbBackend::Sqlite,
    };
    Statement { sql, values: Some(Values(values)), db_backend: backend }
}

/// The text of a statement and what is bound into it. Equal values are bound once: a viewer's groups stand in every
/// table's condition. Numbers of rows stand in the text: bound, they make PostgreSQL plan anew each time.
struct Text {
    sql: String,
    values: Vec<Value>,
    mark: char,
    /// Whether words of ours (`OPEN`, `PUBLIC`) stand in the text, so that a plan that is made once knows how rare
    /// they are. Not in what a request brings: its text would never be the same twice.
    spells_words: bool,
}

impl Text {
    fn of(select: &SelectStatement, dialect: Dialect, values: Vec<Value>, spells_words: bool) -> Self {
        let mark = if dialect == Dialect::Postgres { '$' } else { '?' };
        let mut text = Self { sql: String::with_capacity(1024), values, mark, spells_words };
        match dialect {
            Dialect::Postgres => select.build_collect_into(PostgresQueryBuilder, &mut text),
            Dialect::Sqlite => select.build_collect_into(SqliteQueryBuilder, &mut text),
        }
        text
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.sql.write_str(text)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sql)
    }
}

impl SqlWriter for Text {
    fn push_param<T: QueryBuilder>(&mut self, value: Value, _: &T) {
        // writing to a string does not fail
        match &value {
            Value::BigUnsigned(Some(rows)) => {
                let _ = write!(self.sql, "{rows}");
                return;
            }
            Value::String(Some(word)) if self.spells_words && is_word(word) => {
                let _ = write!(self.sql, "'{word}'");
                return;
            }
            _ => {}
        }
        let known = self.values.iter().position(|known| *known == value);
        let place = known.unwrap_or_else(|| {
            self.values.push(value);
            self.values.len() - 1
        });
        let _ = write!(self.sql, "{}{}", self.mark, place + 1);
    }

    fn as_writer(&mut self) -> &mut dyn Write {
        self
    }
}

/// The statements written so far, by viewer and shape.
pub(super) struct Templates(Mutex<LruCache<(Viewer, String), Arc<Template>>>);

impl Default for Templates {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(KEPT)))
    }
}

impl Templates {
    /// The one for this viewer and shape; written by `write` if it is not there.
    pub fn get(&self, viewer: Viewer, shape: String, write: impl FnOnce() -> Template) -> Arc<Template> {
        let key = (viewer, shape);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| {
            let written = Arc::new(write());
            self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, written.clone());
            written
        })
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Alias, ExprTrait};
    use uuid::Uuid;

    use super::*;
    use crate::db::find::{col, one_of};

    #[test]
    fn a_template_is_filled_in_where_it_says() {
        let select = Query::select()
            .expr(col("t0", "id"))
            .from_as(Alias::new("thing"), Alias::new("t0"))
            .and_where(col("t0", "kind").eq("a"))
            .and_where(col("t0", "status").eq("OPEN"))
            .and_where(here())
            .limit(7)
            .take();
        for (dialect, mark) in [(Dialect::Postgres, '$'), (Dialect::Sqlite, '?')] {
            let template = Template::of(&select, dialect);
            let condition = Condition::all().add(col("t0", "name").eq("B")).add(col("t0", "kind").ne("a"));
            let statement = template.under(condition, dialect);
            let end = format!(
                "\"kind\" = {mark}1 AND \"t0\".\"status\" = 'OPEN' AND ((\"t0\".\"name\" = {mark}2 AND \"t0\".\"kind\" <> {mark}1)) LIMIT 7"
            );
            assert!(statement.sql.ends_with(&end), "{}", statement.sql);
            assert_eq!(statement.values, Some(Values(vec!["a".into(), "B".into()])));
            let all = template.under(Condition::all(), dialect);
            assert!(all.sql.ends_with("AND ((TRUE)) LIMIT 7"), "{}", all.sql);
        }
    }

    #[test]
    fn a_list_that_stands_twice_is_taken_apart_once() {
        let (twice, once) = ([Uuid::from_u128(1)], [Uuid::from_u128(2)]);
        let among = |column, ids: &[Uuid]| one_of(Dialect::Sqlite, col("t0", column), ids);
        let select = Query::select()
            .expr(col("t0", "id"))
            .from_as(Alias::new("thing"), Alias::new("t0"))
            .and_where(among("group_id", &twice))
            .and_where(among("operation_id", &once))
            .and_where(among("owner_id", &twice))
            .and_where(here())
            .take();
        let statement = Template::of(&select, Dialect::Sqlite).under(Condition::all(), Dialect::Sqlite);
        let start =
            "WITH ids0(id) AS MATERIALIZED (SELECT unhex(value) FROM json_each(?1)) SELECT \"t0\".\"id\" ";
        assert!(statement.sql.starts_with(start), "{}", statement.sql);
        for (column, list) in [
            ("group_id", "(SELECT id FROM ids0)"),
            ("operation_id", "(SELECT unhex(value) FROM json_each(?2))"),
            ("owner_id", "(SELECT id FROM ids0)"),
        ] {
            let condition = format!("\"t0\".\"{column}\" IN {list}");
            assert!(statement.sql.contains(&condition), "{}", statement.sql);
        }
        assert_eq!(statement.values.map(|values| values.0.len()), Some(2));
    }
}
