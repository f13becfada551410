//! Somebody asks for a seat.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{MembershipRole, RequestStatus};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "membership_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub person_id: Uuid,
    pub organisation_id: Option<Uuid>,
    pub role: MembershipRole,
    pub note: Option<String>,
    pub status: RequestStatus,
    pub decision_note: Option<String>,
    pub decided_by_id: Option<Uuid>,
    pub decided_at: Option<DateTimeUtc>,
    pub membership_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
