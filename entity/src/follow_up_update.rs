//! A dated note on a follow-up: "actions prises".

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::FollowUpStatus;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "follow_up_update")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub follow_up_id: Uuid,
    pub meeting_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
    pub person_id: Option<Uuid>,
    pub text: String,
    pub language: String,
    pub occurred_on: Option<Date>,
    pub occurred_text: Option<String>,
    pub occurred_is_inferred: bool,
    pub status_after: Option<FollowUpStatus>,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
