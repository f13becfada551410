//! A paper, promised or real, as a link.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{DocumentKind, DocumentStatus, Sensitivity, Visibility};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub visibility: Visibility,
    pub sensitivity: Sensitivity,
    pub published_at: Option<DateTimeUtc>,
    pub meeting_id: Option<Uuid>,
    pub agenda_item_id: Option<Uuid>,
    pub promised_by_id: Option<Uuid>,
    pub derived_from_id: Option<Uuid>,
    pub position: i32,
    pub kind: DocumentKind,
    pub title: String,
    pub title_folded: String,
    pub language: Option<String>,
    pub status: DocumentStatus,
    pub url: Option<String>,
    pub checksum: Option<String>,
    pub note: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
