//! A meeting looked at a recommendation or follow-up.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{ReviewOutcome, Sensitivity, Visibility};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "review")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub meeting_id: Uuid,
    pub agenda_item_id: Option<Uuid>,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub visibility: Visibility,
    pub sensitivity: Sensitivity,
    pub published_at: Option<DateTimeUtc>,
    pub recommendation_id: Option<Uuid>,
    pub follow_up_id: Option<Uuid>,
    pub position: i32,
    pub outcome: ReviewOutcome,
    pub action_taken: Option<String>,
    pub next_step: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
