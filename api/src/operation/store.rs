//! The only SQL for operations.

use entity::operation::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::auth::{Action, Permit, Target};
use crate::db::visible::everyone;
use crate::db::{Change, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{Error, Result, Why};
use crate::id::Kind;
use crate::text::fold;

// operation.read is yes for everybody, also anonymous: names of responses are public.
table!(operation, everyone, versioned);

/// What a write about an operation is about.
#[must_use]
pub fn target(operation: Uuid) -> Target {
    Target { operation: Some(operation), ..Target::default() }
}

/// By name.
pub fn by_name() -> Order {
    Order(vec![(SortColumn { name: "name_folded", kind: SortKind::Text }, Direction::Ascending)])
}

/// What a new operation starts with.
pub struct New {
    pub id: Uuid,
    pub code: String,
    pub slug: String,
    pub name: String,
    pub country: Option<String>,
    pub time_zone: String,
    pub default_language: String,
}

/// Opens an operation.
pub async fn create(tx: &Tx, permit: &Permit, new: New) -> Result<Change> {
    permit.covers(Action::OperationWrite, None)?;
    for (taken, field) in [(Column::Code.eq(&new.code), "code"), (Column::Slug.eq(&new.slug), "slug")] {
        if Entity::find().filter(taken).one(tx.conn()).await?.is_some() {
            return Err(Error::refused(Why::Duplicate).at(field));
        }
    }
    let now = tx.now();
    let row = Model {
        id: new.id,
        code: new.code,
        slug: new.slug,
        name_folded: fold(&new.name),
        name: new.name,
        country: new.country,
        time_zone: new.time_zone,
        default_language: new.default_language,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let id = row.id;
    tx.insert(row).await.map_err(|e| e.at("id"))?;
    Ok(Change::new("operationCreate", Kind::Operation, id).in_operation(id))
}

/// Changes an operation.
pub async fn update(tx: &Tx, permit: &Permit, seen: &Seen<Model>, row: Model) -> Result<Change> {
    permit.covers(Action::OperationWrite, None)?;
    tx.save(seen, Model { name_folded: fold(&row.name), ..row }).await?;
    Ok(Change::new("operationUpdate", Kind::Operation, seen.id).in_operation(seen.id))
}
