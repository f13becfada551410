use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Announcement(Arc<entity::announcement::Model>);

impl Shown for Announcement {
    type Row = entity::announcement::Model;

    fn of(row: Arc<entity::announcement::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Announcement {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Announcement, self.0.id)
    }
}
