//! From a person to the rows that lead to them.

use sea_orm::Condition;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use uuid::Uuid;

use crate::db::Dialect;
use crate::db::visible::{col, one_of};
use crate::person::registry::{Part, Step};

/// The rows of a part that lead to one of these people.
pub fn leads_to(dialect: Dialect, part: &Part, people: &[Uuid]) -> Condition {
    part.ways.iter().fold(Condition::any(), |any, way| {
        any.add(ends_at(dialect, col(&part.table, &way.column), &way.steps, people))
    })
}

fn ends_at(dialect: Dialect, column: Expr, steps: &[Step], people: &[Uuid]) -> Expr {
    let Some((step, rest)) = steps.split_first() else { return one_of(dialect, column, people) };
    let next = ends_at(dialect, col(&step.table, &step.column), rest, people);
    let select = Query::select()
        .expr(col(&step.table, &step.key))
        .from(Alias::new(&step.table))
        .and_where(next)
        .take();
    column.in_subquery(select)
}
