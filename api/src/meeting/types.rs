use std::sync::Arc;

use async_graphql::{Description, Object};

use crate::graphql::{Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Meeting(Arc<entity::meeting::Model>);

impl Shown for Meeting {
    type Row = entity::meeting::Model;

    fn of(row: Arc<entity::meeting::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Meeting {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Meeting, self.0.id)
    }
}

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct MeetingSeries(Arc<entity::meeting_series::Model>);

impl Shown for MeetingSeries {
    type Row = entity::meeting_series::Model;

    fn of(row: Arc<entity::meeting_series::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl MeetingSeries {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::MeetingSeries, self.0.id)
    }
}
