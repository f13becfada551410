//! A dated seat in a group.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{HandoverState, MembershipRole};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub group_id: Uuid,
    pub organisation_id: Option<Uuid>,
    pub person_id: Option<Uuid>,
    pub role: MembershipRole,
    pub role_title: Option<String>,
    pub since: Option<Date>,
    pub until: Option<Date>,
    pub funded_by_id: Option<Uuid>,
    pub is_dedicated: Option<bool>,
    pub topic: Option<String>,
    pub topic_folded: Option<String>,
    pub represents: Option<String>,
    pub verified_on: Option<Date>,
    pub note: Option<String>,
    pub handover_state: HandoverState,
    pub handover_successor_id: Option<Uuid>,
    pub handover_supporter_id: Option<Uuid>,
    pub handover_meeting_id: Option<Uuid>,
    pub handover_note: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
