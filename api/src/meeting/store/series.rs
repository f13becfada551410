//! Meeting series.

use entity::enums::{Sensitivity, Visibility};
use entity::meeting_series::Model;
use sea_orm::Condition;
use sea_orm::sea_query::ExprTrait;

use crate::auth::{Action, Permit, Scope};
use crate::db::visible::{among, among_those, col};
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{At, Result};
use crate::id::Kind;

table!(meeting_series, visible, versioned);

/// Whoever has a seat in the group, under the group's own ceilings; operation managers.
fn visible(scope: &Scope, alias: &str) -> Condition {
    let reach = scope.reach(Action::MeetingRead);
    let mut any = Condition::any().add(among(scope, "sg", "id", &reach.officer_of)).add(among(
        scope,
        "sg",
        "operation_id",
        &reach.manager_of,
    ));
    for (groups, ceiling) in
        [(&reach.member_of, Sensitivity::High), (&reach.observer_of, Sensitivity::Moderate)]
    {
        let above = [Sensitivity::High, Sensitivity::Severe].into_iter().filter(|s| *s > ceiling);
        any = any.add(
            among(scope, "sg", "id", groups)
                .add(col("sg", "visibility").ne(Visibility::Officers.word()))
                .add(col("sg", "sensitivity").is_not_in(above.map(Sensitivity::word))),
        );
    }
    Condition::all().add(among_those(alias, "group_id", "coordination_group", "sg", "id", any))
}

/// By name.
pub fn by_name() -> Order {
    Order(vec![(SortColumn { name: "name", kind: SortKind::Text }, Direction::Ascending)])
}

/// Enters a series.
pub async fn create(tx: &Tx, permit: &Permit, row: Model) -> Result<Change> {
    permit.covers(Action::MeetingWrite, Some(row.group_id))?;
    let change = Change::new("meetingSeriesCreate", Kind::MeetingSeries, row.id);
    tx.insert(row).await.at("id")?;
    Ok(change)
}

/// Changes a series. Meetings that belong to it keep their own times and places.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::MeetingWrite, Some(seen.group_id))?;
    tx.save(seen, row).await?;
    Ok(Change::new("meetingSeriesUpdate", Kind::MeetingSeries, seen.id))
}
