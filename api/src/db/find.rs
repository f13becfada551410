//! Conditions in store terms: what filters become.

use sea_orm::sea_query::ArrayType;
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, LikeExpr, Query, SelectStatement, extension::postgres::PgFunc,
};
use sea_orm::{Condition, Value};
use uuid::Uuid;

use super::{Dialect, MAIN, Table};
use crate::auth::Scope;

/// A condition on the rows of the statement's main table.
#[derive(Clone, Debug)]
pub struct Where {
    condition: Condition,
    /// Whether it is about the row of one id.
    is_of_one: bool,
}

impl Default for Where {
    fn default() -> Self {
        Self::everything()
    }
}

impl From<Condition> for Where {
    fn from(condition: Condition) -> Self {
        Self { condition, is_of_one: false }
    }
}

/// A column of an aliased table.
pub(crate) fn col(alias: &str, column: &str) -> Expr {
    Expr::col((Alias::new(alias), Alias::new(column)))
}

/// A condition that no row meets. What is added to it narrows it: it stays empty.
pub(crate) fn nothing() -> Condition {
    Condition::all().add(Expr::cust("1 = 0"))
}

/// What SQLite takes a bound list of ids apart with: this stands around its mark.
pub(super) const LIST: (&str, &str) = ("(SELECT unhex(value) FROM json_each(", "))");

/// `column` is one of `ids`, bound as one array so that the statement's text does not vary.
pub(crate) fn one_of(dialect: Dialect, column: Expr, ids: &[Uuid]) -> Expr {
    if dialect == Dialect::Postgres {
        let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
        let array = Value::Array(ArrayType::Uuid, Some(Box::new(values)));
        return column.eq(PgFunc::any(Expr::val(array)));
    }
    let hex: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
    let json = serde_json::to_string(&hex).unwrap_or_default();
    Expr::cust_with_exprs(format!("? IN {}?{}", LIST.0, LIST.1), [column, Expr::val(json)])
}

/// The same for words (enum values, codes).
pub(crate) fn one_of_words(column: Expr, words: &[String]) -> Expr {
    // Few and known: a plain list keeps the planner's statistics useful.
    column.is_in(words.iter().cloned())
}

impl Where {
    /// Every row.
    #[must_use]
    pub fn everything() -> Self {
        Condition::all().into()
    }

    /// No row.
    #[must_use]
    pub fn nothing() -> Self {
        nothing().into()
    }

    /// All of them.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Condition::all(), |all, part| all.add(part.condition)).into()
    }

    /// At least one of them; of none: nothing.
    #[must_use]
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = parts.into_iter().peekable();
        if parts.peek().is_none() {
            return Self::nothing();
        }
        parts.fold(Condition::any(), |any, part| any.add(part.condition)).into()
    }

    /// The other rows. A comparison with null is neither met nor not met, so it is spelled out here:
    /// what does not meet the condition is in.
    #[must_use]
    pub fn except(part: Self) -> Self {
        let expr = Expr::case(part.condition, Expr::val(1)).finally(Expr::val(0));
        Condition::all().add(Expr::expr(expr).eq(0)).into()
    }

    /// And also this.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Condition::all().add(self.condition).add(other.condition).into()
    }

    /// `column = value`.
    #[must_use]
    pub fn eq(column: &str, value: impl Into<Value>) -> Self {
        let condition = Condition::all().add(col(MAIN, column).eq(Expr::val(value)));
        Self { condition, is_of_one: column == "id" }
    }

    /// `column <> value`, and the column has one.
    #[must_use]
    pub fn ne(column: &str, value: impl Into<Value>) -> Self {
        Condition::all().add(col(MAIN, column).ne(Expr::val(value))).into()
    }

    /// `column > value`.
    #[must_use]
    pub fn gt(column: &str, value: impl Into<Value>) -> Self {
        Condition::all().add(col(MAIN, column).gt(Expr::val(value))).into()
    }

    /// `column >= value`.
    #[must_use]
    pub fn gte(column: &str, value: impl Into<Value>) -> Self {
        Condition::all().add(col(MAIN, column).gte(Expr::val(value))).into()
    }

    /// `column < value`.
    #[must_use]
    pub fn lt(column: &str, value: impl Into<Value>) -> Self {
        Condition::all().add(col(MAIN, column).lt(Expr::val(value))).into()
    }

    /// `column <= value`.
    #[must_use]
    pub fn lte(column: &str, value: impl Into<Value>) -> Self {
        Condition::all().add(col(MAIN, column).lte(Expr::val(value))).into()
    }

    /// The column has no value, or has one.
    #[must_use]
    pub fn is_null(column: &str, null: bool) -> Self {
        let column = col(MAIN, column);
        Condition::all().add(if null { column.is_null() } else { column.is_not_null() }).into()
    }

    /// The column is one of these ids.
    #[must_use]
    pub fn ids(dialect: Dialect, column: &str, ids: &[Uuid]) -> Self {
        Condition::all().add(one_of(dialect, col(MAIN, column), ids)).into()
    }

    /// The column is one of these words.
    #[must_use]
    pub fn words(column: &str, words: &[String]) -> Self {
        Condition::all().add(one_of_words(col(MAIN, column), words)).into()
    }

    /// The column is one of these words, which are ours and always the same: they stand in the statement's text, so
    /// that an index of the rows that have them can be used.
    ///
    /// # Panics
    /// In builds with debug assertions: what is given is no word of an enum.
    #[must_use]
    pub fn always_words(column: &str, words: &[String]) -> Self {
        debug_assert!(words.iter().all(|word| is_word(word)), "{words:?}");
        let spelled = words.iter().filter(|word| is_word(word)).map(|word| Expr::cust(format!("'{word}'")));
        Condition::all().add(col(MAIN, column).is_in(spelled)).into()
    }

    /// The folded column contains this folded text.
    #[must_use]
    pub fn contains(column: &str, folded: &str) -> Self {
        Self::like(column, format!("%{}%", escape(folded)))
    }

    /// The folded column starts with this folded text.
    #[must_use]
    pub fn starts_with(column: &str, folded: &str) -> Self {
        Self::like(column, format!("{}%", escape(folded)))
    }

    fn like(column: &str, pattern: String) -> Self {
        Condition::all().add(col(MAIN, column).like(LikeExpr::new(pattern).escape('\\'))).into()
    }

    /// A row of `table` exists whose `key` is this row's `column` and that meets `condition`
    /// (on the alias `x`).
    pub(crate) fn exists(table: &str, key: &str, column: &str, condition: Condition) -> Self {
        Condition::all().add(Expr::exists(related(table, "x", key, MAIN, column, condition))).into()
    }

    /// The viewer may see this row of `table`: asked once, not for every row of the statement.
    #[must_use]
    pub fn is_seen(scope: &Scope, table: &Table, id: Uuid) -> Self {
        let visible = (table.visible)(scope, "sn");
        if visible.is_empty() {
            return Self::everything();
        }
        let select = Query::select()
            .expr(Expr::val(1))
            .from_as(Alias::new(table.name), Alias::new("sn"))
            .cond_where(Condition::all().add(col("sn", "id").eq(id)).add(visible))
            .take();
        Condition::all().add(Expr::exists(select)).into()
    }

    /// The viewer may see the row of `table` whose id is in this row's `column`.
    #[must_use]
    pub fn points_to_seen(scope: &Scope, table: &Table, column: &str) -> Self {
        points_to_seen(scope, table, MAIN, column).into()
    }

    /// The row of `table`, which is also the statement's main one, that meets `condition` (on the alias
    /// `x`), or the row into which that one was merged.
    pub(crate) fn standing_for(table: &str, condition: Condition) -> Self {
        let stands = Expr::expr(col("x", "merged_into_id")).if_null(col("x", "id"));
        let select = Query::select()
            .expr(stands)
            .from_as(Alias::new(table), Alias::new("x"))
            .cond_where(condition)
            .take();
        Condition::all().add(col(MAIN, "id").in_subquery(select)).into()
    }

    /// Whether it keeps one row at most: that of an id.
    pub(super) fn is_of_one(&self) -> bool {
        self.is_of_one
    }

    /// Whether it keeps every row.
    pub(super) fn is_everything(&self) -> bool {
        self.condition.is_empty()
    }

    pub(crate) fn condition(&self) -> Condition {
        self.condition.clone()
    }
}

/// The viewer may see the row of `table` whose id is in `alias.column`.
pub(crate) fn points_to_seen(scope: &Scope, table: &Table, alias: &str, column: &str) -> Condition {
    let visible = (table.visible)(scope, "sn");
    if visible.is_empty() {
        return Condition::all();
    }
    Condition::all().add(Expr::exists(related(table.name, "sn", "id", alias, column, visible)))
}

/// `SELECT 1 FROM table AS alias WHERE alias.key = outer.column AND condition`.
pub(crate) fn related(
    table: &str,
    alias: &str,
    key: &str,
    outer: &str,
    column: &str,
    condition: Condition,
) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from_as(Alias::new(table), Alias::new(alias))
        .cond_where(Condition::all().add(col(alias, key).eq(col(outer, column))).add(condition))
        .take()
}

/// Whether a text is written like the values of our enums, which may stand in a statement as they are.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::SqliteQueryBuilder;

    use super::*;

    #[test]
    fn nothing_stays_nothing_when_it_is_narrowed() {
        // `among` of no ids answers it, and visibility conditions add to that: an "or" here opens the table
        let narrowed = nothing().add(col("t0", "visibility").eq("GROUP"));
        let sql = Query::select().expr(Expr::val(1)).cond_where(narrowed).to_string(SqliteQueryBuilder);
        assert!(sql.contains("(1 = 0) AND "), "{sql}");
    }
}
