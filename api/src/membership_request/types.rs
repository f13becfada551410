use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::membership_request::Model;

use super::{rules, store};
use crate::graphql::{DateTime, Direct, Front, Id, Relation, Shown, Written};
use crate::group::Group;
use crate::id::Kind;
use crate::membership::{Membership, MembershipRole};
use crate::organisation::Organisation;
use crate::person::Person;

/// What became of a membership request.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::RequestStatus", name = "MembershipRequestStatus")]
pub enum RequestStatus {
    /// It waits for a decision.
    Pending,
    /// The seat was given.
    Approved,
    /// The seat was not given.
    Declined,
    /// Whoever asked thought better of it.
    Withdrawn,
}

/// Somebody asks for a seat in a group. Visible to whoever asks, and to those who may give it: information managers and
/// coordinators of the group, operation managers, administrators, focal points those of their own organisation.
#[derive(Clone, Debug, Description)]
pub struct MembershipRequestFields(Arc<Model>);

/// See [`MembershipRequestFields`].
pub type MembershipRequest = Written<MembershipRequestFields>;

impl Direct for MembershipRequestFields {}

impl Shown for MembershipRequestFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Person>("person", "person_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
            Relation::one::<Membership>("membership", "membership_id"),
        ]
    }
}

#[Object(name = "MembershipRequest", use_type_description)]
impl MembershipRequestFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::MembershipRequest, self.0.id)
    }

    /// The group; null if you may not see it any more.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// Who asks.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.0.person_id)
    }

    /// The organisation for which they would sit there.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.organisation_id)
    }

    /// The role they ask for.
    fn role(&self) -> MembershipRole {
        self.0.role.into()
    }

    /// What they say.
    fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// What became of it.
    fn status(&self) -> RequestStatus {
        self.0.status.into()
    }

    /// The steps (mutations) that its state allows now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        let (steps, front) = (rules::allowed(self.0.status), Front::of(ctx));
        // whoever asks withdraws, and nobody gives a seat to themselves
        if front.actor().person_id == Some(self.0.person_id) {
            return steps.into_iter().filter(|step| *step == "membershipRequestWithdraw").collect();
        }
        front.actor().steps(steps, &store::target(&self.0))
    }

    /// What whoever decided says.
    fn decision_note(&self) -> Option<&str> {
        self.0.decision_note.as_deref()
    }

    /// When it was decided or withdrawn, UTC.
    fn decided_at(&self) -> Option<DateTime> {
        self.0.decided_at.map(DateTime)
    }

    /// The seat that was given.
    fn membership(&self, ctx: &Context<'_>) -> Option<Membership> {
        Front::of(ctx).one(self.0.membership_id)
    }

    /// When it was made, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed, UTC.
    fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
