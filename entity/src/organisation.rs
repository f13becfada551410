//! An agency, NGO, ministry, embassy or a unit of one.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub name_folded: String,
    pub acronym: Option<String>,
    pub acronym_folded: Option<String>,
    pub native_name: Option<String>,
    pub native_name_folded: Option<String>,
    pub slug: String,
    pub type_code: Option<String>,
    pub parent_id: Option<Uuid>,
    pub merged_into_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
