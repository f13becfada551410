//! A recommendation, decision or proposal of a meeting.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{RecommendationKind, RecommendationStatus, Sensitivity, Visibility};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "recommendation")]
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
    pub derived_from_id: Option<Uuid>,
    pub establishes_group_id: Option<Uuid>,
    pub position: i32,
    pub kind: RecommendationKind,
    pub text: String,
    pub text_folded: String,
    pub language: String,
    pub status: RecommendationStatus,
    pub status_reason: Option<String>,
    pub note: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
