use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Organisation(Arc<entity::organisation::Model>);

impl Shown for Organisation {
    type Row = entity::organisation::Model;

    fn of(row: Arc<entity::organisation::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Organisation {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Organisation, self.0.id)
    }
}
