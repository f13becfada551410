//! The only SQL for the audit log.

use std::sync::LazyLock;

use entity::cell::Cells;
use entity::change::{Entity, Model};
use entity::enums::AccountKind;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, JoinType};
use sea_orm::{Condition, DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use super::rules;
use crate::auth::policy::Right;
use crate::auth::{Action, Scope};
use crate::db::visible::{among, col, in_charge, when_related};
use crate::db::{AnyRow, Columns, MAIN, Pointer, Reader, Row, Selected, Slice, Table, Where};
use crate::error::Result;

/// An entry, and who made it.
#[derive(Debug)]
pub struct Entry {
    /// The entry.
    pub row: Model,
    /// Who made it; none for the command line.
    pub actor: Option<Actor>,
}

/// The account that made an entry, as it is now.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub display_name: String,
    /// Whether it is a service's.
    pub is_service: bool,
    /// Its person.
    pub person_id: Option<Uuid>,
}

impl Entry {
    /// The UUID that stands for a position.
    pub fn id_of(position: i64) -> Uuid {
        Uuid::from_u64_pair(0, position.cast_unsigned())
    }

    /// The position for which a UUID stands; none: it is no entry's.
    pub fn position_of(id: Uuid) -> Option<i64> {
        let (high, low) = id.as_u64_pair();
        i64::try_from(low).ok().filter(|_| high == 0)
    }
}

impl Row for Entry {
    fn table() -> &'static Table {
        &TABLE
    }

    fn id(&self) -> Uuid {
        Self::id_of(self.row.position)
    }
}

/// The change sequence has positions, no ids: it is read page by page here, not prefetched.
static TABLE: Table = Table { name: "change", columns, visible, beside: None, decode: by_position };

fn columns() -> &'static Columns {
    static COLUMNS: LazyLock<Columns> = LazyLock::new(Columns::of::<Entity>);
    &COLUMNS
}

fn by_position(_: Cells<'_>, _: usize, _: Selected, _: &[Pointer]) -> std::result::Result<AnyRow, DbErr> {
    Err(DbErr::Type("an entry of the record, which is read by its own statement".to_owned()))
}

/// One's own entries; those of the groups that one coordinates and of the operations that one manages;
/// for information managers those of the group that are not about people; all for administrators.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let Some(any) = in_charge(scope, Action::AuditRead, alias) else { return Condition::all() };
    let informed = scope.groups_with(Action::AuditRead, Right::Group);
    let seated = Condition::all().add(col("am", "person_id").is_not_null());
    let about_things = among(scope, alias, "group_id", &informed)
        .add(col(alias, "entity_kind").is_in(rules::about_things()))
        .add(when_related("membership", "am", "id", alias, "entity_id", seated).not());
    let any = any.add(about_things);
    match scope.actor().account_id.filter(|_| scope.actor().covers(Action::AuditRead)) {
        Some(me) => any.add(col(alias, "account_id").eq(me)),
        None => any,
    }
}

/// Where a page of the log stands: after and before these positions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// Only older entries.
    pub after: Option<i64>,
    /// Only newer entries.
    pub before: Option<i64>,
    /// How many, at most.
    pub size: u64,
    /// The oldest ones instead of the newest.
    pub backward: bool,
}

/// A page of the log, the newest entry first.
pub async fn page(reader: &Reader, filter: &Where, span: Span) -> Result<(Slice, Vec<Entry>)> {
    let position = || col(MAIN, "position");
    let mut select = reader.from(&TABLE);
    for column in columns().names(Selected::ALL) {
        select.expr_as(col(MAIN, column), Alias::new(column));
    }
    for (column, name) in
        [("display_name", "actor_name"), ("kind", "actor_kind"), ("person_id", "actor_person")]
    {
        select.expr_as(col("actor", column), Alias::new(name));
    }
    let made: Expr = col("actor", "id").eq(col(MAIN, "account_id"));
    select
        .join_as(JoinType::LeftJoin, Alias::new("account"), Alias::new("actor"), made)
        .cond_where(filter.condition())
        .limit(span.size + 1);
    if let Some(after) = span.after {
        select.and_where(position().lt(after));
    }
    if let Some(before) = span.before {
        select.and_where(position().gt(before));
    }
    let order = if span.backward { sea_orm::Order::Asc } else { sea_orm::Order::Desc };
    select.order_by_expr(position(), order);
    let rows = reader.all(&select).await?;
    let size = usize::try_from(span.size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    let mut entries: Vec<Entry> = rows.iter().take(size).map(entry).collect::<std::result::Result<_, _>>()?;
    if span.backward {
        entries.reverse();
    }
    let slice = Slice {
        has_next: if span.backward { span.before.is_some() } else { more },
        has_previous: if span.backward { more } else { span.after.is_some() },
        ..Slice::default()
    };
    Ok((slice, entries))
}

/// How many entries the viewer may see that meet a filter.
pub async fn count(reader: &Reader, filter: &Where) -> Result<i64> {
    reader.count(&TABLE, filter).await
}

fn entry(row: &QueryResult) -> std::result::Result<Entry, DbErr> {
    let model = Model::from_query_result(row, "")?;
    let name: Option<String> = row.try_get("", "actor_name")?;
    let kind: Option<String> = row.try_get("", "actor_kind")?;
    let person_id = row.try_get("", "actor_person")?;
    let actor = model.account_id.zip(name).map(|(id, display_name)| Actor {
        id,
        display_name,
        is_service: kind == Some(AccountKind::Service.word()),
        person_id,
    });
    Ok(Entry { row: model, actor })
}
