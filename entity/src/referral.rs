//! A group asks another forum.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::ReferralStatus;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "referral")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub from_group_id: Uuid,
    pub to_group_id: Uuid,
    pub operation_id: Uuid,
    pub recommendation_id: Option<Uuid>,
    pub follow_up_id: Option<Uuid>,
    pub agenda_item_id: Option<Uuid>,
    pub meeting_id: Option<Uuid>,
    pub text: String,
    pub language: String,
    pub sent_on: Option<Date>,
    pub status: ReferralStatus,
    pub answer: Option<String>,
    pub answered_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
