use std::sync::Arc;

use async_graphql::{Description, Enum, Object};

use crate::db::Window;
use crate::graphql::{Asking, Id, Relation, Shown};
use crate::id::Kind;

/// Stub.
#[derive(Clone, Debug, Description)]
pub struct Membership(Arc<entity::membership::Model>);

impl Shown for Membership {
    type Row = entity::membership::Model;

    fn of(row: Arc<entity::membership::Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![]
    }
}

#[Object(use_type_description)]
impl Membership {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Membership, self.0.id)
    }
}

/// The leads of a group today.
pub fn leads(_: &Asking<'_>) -> Window {
    Window::default()
}

/// What a seat is. Organisations hold LEAD, CO_LEAD, MEMBER, OBSERVER, DONOR; people the others, and OBSERVER.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::MembershipRole")]
pub enum MembershipRole {
    /// An organisation that leads (chef de file). Gives no rights by itself: its named people hold roles.
    Lead,
    /// An organisation that leads with another.
    CoLead,
    /// An organisation that takes part.
    Member,
    /// An organisation or person that listens.
    Observer,
    /// An organisation that funds.
    Donor,
    /// A person who coordinates. An officer.
    Coordinator,
    /// A person who coordinates with another. An officer.
    CoCoordinator,
    /// A person who manages the information (gestionnaire de l'information). An officer.
    InformationManager,
    /// A person who keeps the record. An officer.
    Secretary,
    /// A person in charge of a topic, or an organisation's contact (point focal).
    FocalPoint,
    /// A person who speaks for a member organisation.
    Representative,
}
