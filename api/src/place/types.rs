use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Place(Arc<entity::place::Model>);

impl Shown for Place {
    type Row = entity::place::Model;

    fn of(row: Arc<entity::place::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Place {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Place, self.0.id)
    }
}
