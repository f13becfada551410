//! The code of a row in another system.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "external_reference")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub system: String,
    pub code: String,
    pub operation_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
    pub person_id: Option<Uuid>,
    pub membership_id: Option<Uuid>,
    pub meeting_id: Option<Uuid>,
    pub recommendation_id: Option<Uuid>,
    pub follow_up_id: Option<Uuid>,
    pub document_id: Option<Uuid>,
    pub announcement_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
