//! A sign-in on its way to the issuer and back.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "openid_flow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub state_digest: String,
    pub browser_digest: Option<String>,
    pub issuer: String,
    pub nonce: String,
    pub verifier: String,
    pub account_id: Option<Uuid>,
    pub return_to: Option<String>,
    pub subject: Option<String>,
    pub code_digest: Option<String>,
    pub code_expires_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
    pub expires_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
