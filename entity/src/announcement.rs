//! A mission, assessment or event told to a meeting.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{AnnouncementKind, AnnouncementStatus, DatePrecision, Sensitivity, Visibility};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "announcement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub visibility: Visibility,
    pub sensitivity: Sensitivity,
    pub published_at: Option<DateTimeUtc>,
    pub meeting_id: Option<Uuid>,
    pub agenda_item_id: Option<Uuid>,
    pub position: i32,
    pub kind: AnnouncementKind,
    pub text: String,
    pub language: String,
    pub organisation_id: Option<Uuid>,
    pub place_id: Option<Uuid>,
    pub place_text: Option<String>,
    pub starts_on: Option<Date>,
    pub starts_precision: Option<DatePrecision>,
    pub ends_on: Option<Date>,
    pub ends_precision: Option<DatePrecision>,
    pub dates_text: Option<String>,
    pub status: AnnouncementStatus,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
