//! Who was at a meeting, or which organisation, as written.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{AttendanceCapacity, AttendanceStatus, Sensitivity, Visibility};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "attendance")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub meeting_id: Uuid,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub visibility: Visibility,
    pub sensitivity: Sensitivity,
    pub position: i32,
    pub display_name: Option<String>,
    pub organisation_text: Option<String>,
    pub function_text: Option<String>,
    pub person_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
    pub status: AttendanceStatus,
    pub capacity: Option<AttendanceCapacity>,
    pub is_chair: bool,
    pub is_minute_taker: bool,
    pub is_presenter: bool,
    pub note: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
