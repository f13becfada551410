use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct AgendaItem(Arc<entity::agenda_item::Model>);

impl Shown for AgendaItem {
    type Row = entity::agenda_item::Model;

    fn of(row: Arc<entity::agenda_item::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl AgendaItem {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::AgendaItem, self.0.id)
    }
}
