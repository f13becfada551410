//! A role that waits for an e-mail address.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{InvitationStatus, MembershipRole};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub group_id: Uuid,
    pub operation_id: Uuid,
    pub organisation_id: Option<Uuid>,
    pub person_id: Option<Uuid>,
    pub role: MembershipRole,
    pub email: String,
    pub email_folded: String,
    pub display_name: String,
    pub since: Option<Date>,
    pub until: Option<Date>,
    pub status: InvitationStatus,
    pub digest: String,
    pub invited_by_id: Option<Uuid>,
    pub accepted_at: Option<DateTimeUtc>,
    pub membership_id: Option<Uuid>,
    pub expires_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
