//! Many seats in one go.

use chrono::NaiveDate;
use entity::membership::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{folded, rules};
use crate::auth::{Action, Permit};
use crate::db::{Seen, Tx};
use crate::error::Result;

/// What changes in a group at once. Each seat was permitted by itself.
#[derive(Debug, Default)]
pub struct Batch {
    /// Seats as they were seen, and as they shall be.
    pub changed: Vec<(Seen<Model>, Model)>,
    /// Seats that are new.
    pub created: Vec<Model>,
}

/// Writes a batch. The group was seen in this transaction.
pub async fn write(tx: &Tx, permit: &Permit, group: Uuid, batch: Batch) -> Result<()> {
    permit.covers(Action::MembershipSync, Some(group))?;
    let mut changed = batch.changed;
    // what ends makes room for what begins
    changed.sort_by_key(|(seen, row)| row.until.is_none() || row.until == seen.until);
    for (seen, row) in changed {
        tx.save(&seen, folded(row)).await?;
    }
    tx.insert_all(batch.created.into_iter().map(folded).collect()).await
}

/// The seats of a person that have not ended by a day, by group; also those that the viewer does not
/// see. Whoever is to lose all of them must not keep one that is hidden.
pub async fn of_person(tx: &Tx, person: Uuid, today: NaiveDate) -> Result<Vec<Uuid>> {
    let rows = Entity::find()
        .filter(Column::PersonId.eq(person))
        .order_by_asc(Column::GroupId)
        .order_by_asc(Column::Id)
        .all(tx.conn())
        .await?;
    let open = rows.into_iter().filter(|row| !rules::ended(row.until, today));
    Ok(open.map(|row| row.id).collect())
}
