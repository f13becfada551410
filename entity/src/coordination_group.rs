//! A cluster, sector, working group or other forum.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{GroupKind, GroupStatus, Sensitivity, Visibility};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "coordination_group")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub operation_id: Uuid,
    pub kind: GroupKind,
    pub name: String,
    pub name_folded: String,
    pub acronym: Option<String>,
    pub slug: String,
    pub parent_id: Option<Uuid>,
    pub reports_to_id: Option<Uuid>,
    pub place_id: Option<Uuid>,
    pub mandate: Option<String>,
    pub visibility: Visibility,
    pub sensitivity: Sensitivity,
    pub status: GroupStatus,
    pub activated_on: Option<Date>,
    pub deactivated_on: Option<Date>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
