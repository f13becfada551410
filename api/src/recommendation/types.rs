use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Recommendation(Arc<entity::recommendation::Model>);

impl Shown for Recommendation {
    type Row = entity::recommendation::Model;

    fn of(row: Arc<entity::recommendation::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Recommendation {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Recommendation, self.0.id)
    }
}
