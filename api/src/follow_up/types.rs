use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct FollowUp(Arc<entity::follow_up::Model>);

impl Shown for FollowUp {
    type Row = entity::follow_up::Model;

    fn of(row: Arc<entity::follow_up::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl FollowUp {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::FollowUp, self.0.id)
    }
}
