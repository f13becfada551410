//! Tracked work: an action point.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{DatePrecision, DueQualifier, FollowUpStatus, Priority, Sensitivity, Visibility};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "follow_up")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub visibility: Visibility,
    pub sensitivity: Sensitivity,
    pub published_at: Option<DateTimeUtc>,
    pub public_text: Option<String>,
    pub meeting_id: Option<Uuid>,
    pub agenda_item_id: Option<Uuid>,
    pub recommendation_id: Option<Uuid>,
    pub depends_on_id: Option<Uuid>,
    pub position: i32,
    pub text: String,
    pub text_folded: String,
    pub language: String,
    pub status: FollowUpStatus,
    pub priority: Priority,
    pub raised_on: Option<Date>,
    pub responsible_text: Option<String>,
    pub due_on: Option<Date>,
    pub due_text: Option<String>,
    pub due_qualifier: Option<DueQualifier>,
    pub due_precision: Option<DatePrecision>,
    pub due_is_inferred: bool,
    pub blocked_reason: Option<String>,
    pub blocked_by_id: Option<Uuid>,
    pub action_taken: Option<String>,
    pub closed_on: Option<Date>,
    pub status_reason: Option<String>,
    pub due_change_count: i32,
    pub reassignment_count: i32,
    pub note: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
