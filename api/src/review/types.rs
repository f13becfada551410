use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Review(Arc<entity::review::Model>);

impl Shown for Review {
    type Row = entity::review::Model;

    fn of(row: Arc<entity::review::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Review {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Review, self.0.id)
    }
}
