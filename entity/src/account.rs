//! Who may sign in.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::AccountKind;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Option<Uuid>,
    pub email: String,
    pub email_folded: String,
    pub display_name: String,
    pub password_hash: Option<String>,
    pub language: Option<String>,
    pub is_active: bool,
    pub kind: AccountKind,
    pub email_is_proven: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
