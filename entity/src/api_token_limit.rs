//! Where a token holds.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "api_token_limit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub api_token_id: Uuid,
    pub group_id: Option<Uuid>,
    pub operation_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
