use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Attendance(Arc<entity::attendance::Model>);

impl Shown for Attendance {
    type Row = entity::attendance::Model;

    fn of(row: Arc<entity::attendance::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Attendance {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Attendance, self.0.id)
    }
}
