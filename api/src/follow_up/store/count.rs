//! Counts of follow-ups by dimension, medians included, in one statement.

use chrono::NaiveDate;
use entity::enums::FollowUpStatus;
use sea_orm::sea_query::{
    Alias, Asterisk, Expr, ExprTrait, Func, JoinType, NullOrdering, Query, SelectStatement, WindowStatement,
};
use sea_orm::{ActiveEnum, Condition, Order, QueryResult};
use uuid::Uuid;

use super::TABLE;
use super::find::{overdue, without_owner};
use crate::db::visible::col;
use crate::db::{MAIN, Reader, Where};
use crate::error::Result;
use crate::graphql::Asking;

/// By what is counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dimensions {
    /// By group.
    pub group: bool,
    /// By status.
    pub status: bool,
    /// By assigned organisation.
    pub organisation: bool,
    /// By due month.
    pub due_month: bool,
}

/// The counts of one combination.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// The group counted by.
    pub group: Option<Uuid>,
    /// The status counted by.
    pub status: Option<FollowUpStatus>,
    /// The organisation counted by.
    pub organisation: Option<Uuid>,
    /// The month counted by, `YYYY-MM`.
    pub due_month: Option<String>,
    /// How many.
    pub count: i64,
    /// How many are overdue.
    pub overdue: i64,
    /// How many name nobody responsible.
    pub without_owner: i64,
    /// How many have no due day.
    pub without_date: i64,
    /// The two days in the middle of all days of agreement (one twice if their number is odd).
    middle: Option<(NaiveDate, NaiveDate)>,
}

impl Counts {
    /// The median age on a day.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "days")]
    pub fn median_age(&self, day: NaiveDate) -> Option<f64> {
        self.middle.map(|(a, b)| ((day - a).num_days() + (day - b).num_days()) as f64 / 2.0)
    }
}

/// Counts the visible follow-ups that meet the filter.
pub async fn count(
    reader: &Reader,
    filter: &Where,
    by: Dimensions,
    asking: &Asking<'_>,
) -> Result<Vec<Counts>> {
    let numbered = numbered(reader, filter, by, asking);
    let dimensions = names(by);
    let mut select = Query::select();
    for name in &dimensions {
        select.column(Alias::new(*name));
    }
    let sum = |name: &str| Func::sum(Expr::col(Alias::new(name))).cast_as(Alias::new("bigint"));
    // of n days the (n+1)/2-th and the (n+2)/2-th are in the middle (whole-number division)
    let middle = |add: i64| {
        let place = Expr::col(Alias::new("n")).add(add).div(2);
        Expr::case(Expr::col(Alias::new("number")).eq(place), Expr::col(Alias::new("raised_on")))
    };
    select
        .expr_as(Func::count(Expr::col(Asterisk)), Alias::new("count"))
        .expr_as(sum("is_overdue"), Alias::new("overdue"))
        .expr_as(sum("is_without_owner"), Alias::new("without_owner"))
        .expr_as(sum("is_without_date"), Alias::new("without_date"))
        .expr_as(Func::max(middle(1)), Alias::new("low"))
        .expr_as(Func::max(middle(2)), Alias::new("high"))
        .from_subquery(numbered, Alias::new("numbered"));
    for name in &dimensions {
        select.add_group_by([Expr::col(Alias::new(*name))]);
    }
    select.order_by(Alias::new("count"), Order::Desc);
    for name in &dimensions {
        select.order_by_with_nulls(Alias::new(*name), Order::Asc, NullOrdering::Last);
    }
    reader.all(&select).await?.iter().map(|row| read(row, by)).collect()
}

fn names(by: Dimensions) -> Vec<&'static str> {
    [
        (by.group, "group_id"),
        (by.status, "status"),
        (by.organisation, "organisation_id"),
        (by.due_month, "due_month"),
    ]
    .into_iter()
    .filter_map(|(wanted, name)| wanted.then_some(name))
    .collect()
}

/// Each follow-up (once for each organisation, if counted by it) with its dimensions, its flags, and
/// its number among the days of agreement.
fn numbered(reader: &Reader, filter: &Where, by: Dimensions, asking: &Asking<'_>) -> SelectStatement {
    let flag = |condition: &Where| Expr::case(condition.condition(), Expr::val(1)).finally(Expr::val(0));
    let mut inner = reader.from(&TABLE);
    inner
        .expr_as(col(MAIN, "raised_on"), Alias::new("raised_on"))
        .expr_as(flag(&overdue(asking)), Alias::new("is_overdue"))
        .expr_as(flag(&without_owner()), Alias::new("is_without_owner"))
        .expr_as(flag(&Where::is_null("due_on", true)), Alias::new("is_without_date"))
        .cond_where(filter.condition());
    if by.group {
        inner.expr_as(col(MAIN, "group_id"), Alias::new("group_id"));
    }
    if by.status {
        inner.expr_as(col(MAIN, "status"), Alias::new("status"));
    }
    if by.due_month {
        let day = col(MAIN, "due_on").cast_as(Alias::new("text"));
        let month = Func::cust(Alias::new("substr")).args([day, Expr::val(1), Expr::val(7)]);
        inner.expr_as(month, Alias::new("due_month"));
    }
    if by.organisation {
        let assigned = Query::select()
            .distinct()
            .columns([Alias::new("follow_up_id"), Alias::new("organisation_id")])
            .from(Alias::new("assignment"))
            .and_where(Expr::col(Alias::new("organisation_id")).is_not_null())
            .take();
        let same = Condition::all().add(col("assigned", "follow_up_id").eq(col(MAIN, "id")));
        inner
            .join_subquery(JoinType::LeftJoin, assigned, Alias::new("assigned"), same)
            .expr_as(col("assigned", "organisation_id"), Alias::new("organisation_id"));
    }
    let mut days = WindowStatement::new();
    let mut all = WindowStatement::new();
    for name in names(by) {
        use sea_orm::sea_query::OverStatement;
        days.add_partition_by(Expr::col(Alias::new(name)));
        all.add_partition_by(Expr::col(Alias::new(name)));
    }
    days.order_by_with_nulls(Alias::new("raised_on"), Order::Asc, NullOrdering::Last);
    Query::select()
        .column(Asterisk)
        .expr_window_as(Func::cust(Alias::new("ROW_NUMBER")), days, Alias::new("number"))
        .expr_window_as(Func::count(Expr::col(Alias::new("raised_on"))), all, Alias::new("n"))
        .from_subquery(inner, Alias::new("flagged"))
        .take()
}

fn read(row: &QueryResult, by: Dimensions) -> Result<Counts> {
    let number = |name: &str| -> Result<i64> { Ok(row.try_get::<Option<i64>>("", name)?.unwrap_or(0)) };
    let (low, high): (Option<NaiveDate>, Option<NaiveDate>) =
        (row.try_get("", "low")?, row.try_get("", "high")?);
    Ok(Counts {
        group: if by.group { row.try_get("", "group_id")? } else { None },
        status: if by.status {
            Some(FollowUpStatus::try_from_value(&row.try_get("", "status")?)?)
        } else {
            None
        },
        organisation: if by.organisation { row.try_get("", "organisation_id")? } else { None },
        due_month: if by.due_month { row.try_get("", "due_month")? } else { None },
        count: number("count")?,
        overdue: number("overdue")?,
        without_owner: number("without_owner")?,
        without_date: number("without_date")?,
        middle: low.zip(high),
    })
}
