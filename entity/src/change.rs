//! One entry of the change sequence.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "change")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub position: i64,
    pub at: DateTimeUtc,
    pub account_id: Option<Uuid>,
    pub acting_for_id: Option<Uuid>,
    pub kind: String,
    pub entity_kind: String,
    pub entity_id: Uuid,
    pub group_id: Option<Uuid>,
    pub operation_id: Option<Uuid>,
    pub from_state: Option<String>,
    pub to_state: Option<String>,
    pub reason: Option<String>,
    pub detail: Option<String>,
    pub request_id: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
