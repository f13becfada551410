//! To whom a recommendation is addressed.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "addressee")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub recommendation_id: Uuid,
    pub position: i32,
    pub written_as: Option<String>,
    pub person_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
