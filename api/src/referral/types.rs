use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Referral(Arc<entity::referral::Model>);

impl Shown for Referral {
    type Row = entity::referral::Model;

    fn of(row: Arc<entity::referral::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Referral {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Referral, self.0.id)
    }
}
