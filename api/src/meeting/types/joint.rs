use std::sync::Arc;

use async_graphql::{Context, Description, Object};
use entity::meeting_group;

use crate::graphql::{Direct, Front, Relation, Shown, Written};
use crate::group::Group;

/// Another group of a joint meeting.
#[derive(Clone, Debug, Description)]
pub struct JointGroupFields(Arc<meeting_group::Model>);

/// See [`JointGroupFields`].
pub type JointGroup = Written<JointGroupFields>;

impl Direct for JointGroupFields {}

impl Shown for JointGroupFields {
    type Row = meeting_group::Model;

    fn of(row: Arc<meeting_group::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![Relation::one::<Group>("group", "group_id")]
    }
}

#[Object(name = "JointGroup", use_type_description)]
impl JointGroupFields {
    /// The group; null if you may not see it.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }
}
