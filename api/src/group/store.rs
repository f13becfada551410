//! The only SQL for groups, their aliases and sectors.

use entity::coordination_group::{Column, Entity, Model};
use entity::enums::Visibility;
use entity::{group_alias, group_sector};
use sea_orm::sea_query::{
    Alias, BinOper, CommonTableExpression, Expr, ExprTrait, JoinType, Query, UnionType,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rules::{self, Step};
use crate::auth::{Action, Permit, Scope, Target};
use crate::db::visible::{among, col, with_parent};
use crate::db::{Change, Direction, MAIN, Order, Seen, SortColumn, SortKind, Tx, Where, table};
use crate::error::{At, Error, Result, Rule, Why};
use crate::id::{self, Kind};
use crate::text::{self, fold};

table!(coordination_group, visible, versioned);

/// Aliases, reached through their group.
pub mod alias {
    crate::db::table!(group_alias, crate::db::visible::with_parent);
}

/// Sectors, reached through their group.
pub mod sector {
    crate::db::table!(group_sector, super::with_parent);
}

/// PUBLIC groups for everybody, OPERATION groups for accounts of the operation, the others for
/// whoever has a seat; OFFICERS groups for officers.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let reach = scope.reach(Action::GroupReadInternal);
    let operations: Vec<Uuid> = scope.operations().into_iter().collect();
    let visibility = |v: Visibility| col(alias, "visibility").eq(v.word());
    let mut seats = reach.member_of.clone();
    seats.extend(&reach.observer_of);
    let parts: Vec<Uuid> = scope.actor().parts.iter().map(|p| p.group_id).collect();
    let any = Condition::any()
        .add(visibility(Visibility::Public))
        .add(among(scope, alias, "operation_id", &operations).add(visibility(Visibility::Operation)))
        .add(among(scope, alias, "id", &seats).add(visibility(Visibility::Officers).not()))
        .add(among(scope, alias, "id", &reach.officer_of))
        // a sub-group that was entered just now is not among the viewer's seats yet
        .add(among(scope, alias, "parent_id", &reach.officer_of))
        .add(among(scope, alias, "operation_id", &reach.manager_of))
        .add(among(scope, alias, "id", &parts));
    // admin: the table says "name"; which other columns an administrator reads is for types.rs
    if scope.actor().is_admin { Condition::all() } else { any }
}

/// What a write about a group is about.
#[must_use]
pub fn target(group: &Model) -> Target {
    Target::of(group.id, Some(group.operation_id), None)
}

/// Columns that lists may be ordered by.
pub const NAME: SortColumn = SortColumn { name: "name_folded", kind: SortKind::Text };
/// When it was entered.
pub const CREATED: SortColumn = SortColumn { name: "created_at", kind: SortKind::Instant };
/// When it was last changed.
pub const UPDATED: SortColumn = SortColumn { name: "updated_at", kind: SortKind::Instant };

/// By name.
pub fn by_name() -> Order {
    Order(vec![(NAME, Direction::Ascending)])
}

/// Groups that go by this name, acronym or alias; case and accents do not matter.
pub fn called(name: &str) -> Where {
    let folded = fold(name);
    Where::any([
        Where::eq("name_folded", folded.as_str()),
        Where::exists("group_alias", "group_id", "id", Condition::all().add(col("x", "folded").eq(folded))),
    ])
}

/// Groups of a sector.
pub fn in_sector(code: &str) -> Where {
    let folded = fold(code);
    let sector = Condition::all().add(crate::db::visible::among_those(
        "x",
        "sector_code",
        "sector",
        "s",
        "code",
        Condition::all().add(col("s", "code_folded").eq(folded)),
    ));
    Where::exists("group_sector", "group_id", "id", sector)
}

/// Enters a group.
pub async fn create(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::GroupCreate, None)?;
    if Entity::find().filter(Column::Slug.eq(&row.slug)).one(tx.conn()).await?.is_some() {
        return Err(Error::refused(Why::Duplicate).at("slug"));
    }
    let (id, operation) = (row.id, row.operation_id);
    let status = row.status.word();
    tx.insert(Model { name_folded: fold(&row.name), ..row }).await.at("id")?;
    Ok(Change::new("groupCreate", Kind::Group, id).in_group(id, operation).step(None, status))
}

/// Changes a group.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::GroupUpdate, Some(seen.id))?;
    above_is_sound(tx, seen.id, row.parent_id).await.at("parent")?;
    tx.save(seen, Model { name_folded: fold(&row.name), ..row }).await?;
    Ok(Change::new("groupUpdate", Kind::Group, seen.id).in_group(seen.id, seen.operation_id))
}

/// Takes a step of the group's life. `action` is the right that the step needs.
pub async fn step(
    tx: &Tx,
    permit: &Permit,
    action: Action,
    seen: &Seen<Model>,
    step: Step,
    reason: Option<String>,
) -> Result<Change> {
    permit.covers(action, Some(seen.id))?;
    let (name, to) = rules::step(step, seen.status)?;
    let today = tx.today(seen.operation_id);
    let mut row = Model { status: to, ..Model::clone(seen) };
    match step {
        Step::Activate => {
            row.activated_on = row.activated_on.or(Some(today));
            row.deactivated_on = None;
        }
        Step::Deactivate => row.deactivated_on = Some(today),
        Step::Suspend => {}
    }
    tx.save(seen, row).await?;
    Ok(Change::new(name, Kind::Group, seen.id)
        .in_group(seen.id, seen.operation_id)
        .step(seen.status.word(), to.word())
        .because(reason))
}

/// Writes the aliases of a group anew: name and language.
pub async fn set_aliases(tx: &Tx, group: Uuid, aliases: &[(String, Option<String>)]) -> Result<()> {
    tx.clear::<group_alias::Entity>(group_alias::Column::GroupId, group).await?;
    let mut rows: Vec<group_alias::Model> = Vec::new();
    for (number, (name, language)) in aliases.iter().enumerate() {
        let path = format!("aliases.{number}");
        let name = text::required(name, text::LONGEST_NAME).at("name").at(&path)?;
        let language = language.as_deref().map(text::language).transpose().at("language").at(&path)?;
        let folded = fold(&name);
        if rows.iter().any(|r| r.folded == folded) {
            return Err(Error::refused(Why::Duplicate).at(&path));
        }
        rows.push(group_alias::Model { id: id::new(), group_id: group, name, folded, language });
    }
    tx.insert_all(rows).await
}

/// Writes the sectors of a group anew, by code.
pub async fn set_sectors(tx: &Tx, group: Uuid, codes: &[String]) -> Result<()> {
    tx.clear::<group_sector::Entity>(group_sector::Column::GroupId, group).await?;
    let mut rows: Vec<group_sector::Model> = Vec::new();
    for (number, code) in codes.iter().enumerate() {
        let code = crate::reference::sector(tx, code).await.at(&format!("sectors.{number}"))?;
        if rows.iter().all(|r| r.sector_code != code) {
            rows.push(group_sector::Model { id: id::new(), group_id: group, sector_code: code });
        }
    }
    tx.insert_all(rows).await
}

/// Refuses a parent that is the group itself or one of its own sub-groups.
async fn above_is_sound(tx: &Tx, group: Uuid, parent: Option<Uuid>) -> Result<()> {
    let mut above = parent;
    for _ in 0..32 {
        match above {
            None => return Ok(()),
            Some(id) if id == group => break,
            Some(id) => above = Entity::find_by_id(id).one(tx.conn()).await?.and_then(|g| g.parent_id),
        }
    }
    Err(Error::rule(Rule::Circular))
}

/// Rows whose `column` is this group or one of its sub-groups, at any depth, as far as the viewer sees them.
pub fn within(scope: &Scope, column: &str, group: Uuid) -> Where {
    Where::from(family(scope, MAIN, column, &Where::eq("id", group)))
}

/// Rows of the table under `alias` whose `column` is one of these groups or one of their sub-groups, at any
/// depth. Only groups that the viewer sees, reached through groups that the viewer sees: others would tell
/// that they are there.
pub(crate) fn family(scope: &Scope, alias: &str, column: &str, groups: &Where) -> Condition {
    // the inner alias hides the outer one of the same name: the condition is about groups
    let mut start = Query::select()
        .expr(col(MAIN, "id"))
        .from_as(Alias::new("coordination_group"), Alias::new(MAIN))
        .cond_where(Condition::all().add(groups.condition()).add(visible(scope, MAIN)))
        .take();
    let below = Query::select()
        .expr(col("c", "id"))
        .from_as(Alias::new("coordination_group"), Alias::new("c"))
        .join(JoinType::InnerJoin, Alias::new("family"), col("c", "parent_id").eq(col("family", "id")))
        .cond_where(visible(scope, "c"))
        .take();
    let family = CommonTableExpression::new()
        .query(start.union(UnionType::Distinct, below).take())
        .column(Alias::new("id"))
        .table_name(Alias::new("family"))
        .to_owned();
    let select = Query::select().column(Alias::new("id")).from(Alias::new("family")).take();
    let query = select.with(Query::with().recursive(true).cte(family).to_owned());
    Condition::all().add(col(alias, column).binary(BinOper::In, Expr::SubQuery(None, Box::new(query.into()))))
}
