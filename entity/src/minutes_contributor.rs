//! An author or reviewer of minutes, with the function as printed.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::ContributorRole;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "minutes_contributor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub minutes_id: Uuid,
    pub position: i32,
    pub role: ContributorRole,
    pub display_name: String,
    pub function_text: Option<String>,
    pub organisation_text: Option<String>,
    pub person_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
