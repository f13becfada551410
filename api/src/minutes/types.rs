use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Minutes(Arc<entity::minutes::Model>);

impl Shown for Minutes {
    type Row = entity::minutes::Model;

    fn of(row: Arc<entity::minutes::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Minutes {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Minutes, self.0.id)
    }
}
