use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Document(Arc<entity::document::Model>);

impl Shown for Document {
    type Row = entity::document::Model;

    fn of(row: Arc<entity::document::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Document {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Document, self.0.id)
    }
}
