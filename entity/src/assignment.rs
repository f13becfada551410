//! One assignee of a follow-up.

use entity_derive::FromCells;
use sea_orm::entity::prelude::*;

use crate::enums::{AssignmentPart, AssignmentState, MembershipRole};

#[derive(Clone, Debug, PartialEq, Eq, Default, DeriveEntityModel, FromCells)]
#[sea_orm(table_name = "assignment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub follow_up_id: Uuid,
    pub position: i32,
    pub part: AssignmentPart,
    pub written_as: Option<String>,
    pub is_inferred: bool,
    pub person_id: Option<Uuid>,
    pub organisation_id: Option<Uuid>,
    pub group_id: Option<Uuid>,
    pub role: Option<MembershipRole>,
    pub state: AssignmentState,
    pub response: Option<String>,
    pub responded_on: Option<Date>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
