//! A point on the agenda of a meeting.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{
    AgendaItemKind, AgendaItemPurpose, AgendaItemStatus, OfflineChannel, Sensitivity, Visibility,
};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "agenda_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub meeting_id: Uuid,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub visibility: Visibility,
    pub sensitivity: Sensitivity,
    pub published_at: Option<DateTimeUtc>,
    pub position: i32,
    pub printed_number: Option<String>,
    pub kind: AgendaItemKind,
    pub purpose: Option<AgendaItemPurpose>,
    pub title: String,
    pub planned_minutes: Option<i32>,
    pub status: AgendaItemStatus,
    pub status_note: Option<String>,
    pub offline_channel: Option<OfflineChannel>,
    pub deferred_to_id: Option<Uuid>,
    pub continues_id: Option<Uuid>,
    pub discussion: Option<String>,
    pub language: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
