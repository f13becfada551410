use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Person(Arc<entity::person::Model>);

impl Shown for Person {
    type Row = entity::person::Model;

    fn of(row: Arc<entity::person::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Person {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Person, self.0.id)
    }
}
