//! One revision of the minutes of a meeting.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{MinutesStatus, Sensitivity, Visibility};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "minutes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub meeting_id: Uuid,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub visibility: Visibility,
    pub sensitivity: Sensitivity,
    pub published_at: Option<DateTimeUtc>,
    pub revision: i32,
    pub status: MinutesStatus,
    pub title: Option<String>,
    pub body: Option<String>,
    pub public_text: Option<String>,
    pub language: String,
    pub reviewed_on: Option<Date>,
    pub circulated_on: Option<Date>,
    pub comments_due_on: Option<Date>,
    pub adopted_on: Option<Date>,
    pub adopted_at_id: Option<Uuid>,
    pub corrections: Option<String>,
    pub status_reason: Option<String>,
    pub supersedes_id: Option<Uuid>,
    pub snapshot: Option<String>,
    pub snapshot_hash: Option<String>,
    pub previous_hash: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
