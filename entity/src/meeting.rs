//! One meeting of one group.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{
    AgendaStatus, AttendanceRecord, MeetingKind, MeetingStatus, Modality, Sensitivity, Visibility,
};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "meeting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub visibility: Visibility,
    pub sensitivity: Sensitivity,
    pub published_at: Option<DateTimeUtc>,
    pub series_id: Option<Uuid>,
    pub title: Option<String>,
    pub title_folded: Option<String>,
    pub kind: MeetingKind,
    pub status: MeetingStatus,
    pub held_on: Option<Date>,
    pub occurs_on: Option<Date>,
    pub date_text: Option<String>,
    pub times_text: Option<String>,
    pub scheduled_start: Option<DateTimeUtc>,
    pub scheduled_end: Option<DateTimeUtc>,
    pub actual_start: Option<DateTimeUtc>,
    pub actual_end: Option<DateTimeUtc>,
    pub time_zone: String,
    pub notes: Option<String>,
    pub modality: Modality,
    pub venue_text: Option<String>,
    pub host_organisation_id: Option<Uuid>,
    pub place_id: Option<Uuid>,
    pub agenda_status: AgendaStatus,
    pub agenda_as_invited: Option<String>,
    pub attendance_record: AttendanceRecord,
    pub headcount: Option<i32>,
    pub language: String,
    pub status_reason: Option<String>,
    pub record_digest: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
