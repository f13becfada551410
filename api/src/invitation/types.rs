use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::invitation::Model;

use super::{rules, store};
use crate::auth::Action;
use crate::graphql::{Date, DateTime, Direct, Front, Id, Relation, Shown, Written};
use crate::group::Group;
use crate::id::Kind;
use crate::membership::{Membership, MembershipRole, grant};
use crate::organisation::Organisation;
use crate::person::Person;

/// What became of an invitation.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::InvitationStatus")]
pub enum InvitationStatus {
    /// It waits; whether its link is still good says `isExpired`.
    Open,
    /// It became a membership.
    Accepted,
    /// It was taken back.
    Withdrawn,
}

/// A role in a group that waits for an e-mail address. It becomes a membership when somebody accepts it with the token
/// of its link, or when the account of that address signs in, if whoever invited may still give the role then. Visible to
/// whoever may invite: information managers and coordinators of the group, operation managers, administrators, focal points
/// those of their own organisation.
#[derive(Clone, Debug, Description)]
pub struct InvitationFields(Arc<Model>);

/// See [`InvitationFields`].
pub type Invitation = Written<InvitationFields>;

impl Direct for InvitationFields {}

impl InvitationFields {
    fn has_expired(&self, ctx: &Context<'_>) -> bool {
        self.0.expires_at <= Front::of(ctx).now()
    }
}

impl Shown for InvitationFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Organisation>("organisation", "organisation_id"),
            Relation::one::<Person>("person", "person_id"),
            Relation::one::<Membership>("membership", "membership_id"),
        ]
    }
}

#[Object(name = "Invitation", use_type_description)]
impl InvitationFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Invitation, self.0.id)
    }

    /// The group.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// The organisation for which the seat is.
    fn organisation(&self, ctx: &Context<'_>) -> Option<Organisation> {
        Front::of(ctx).one(self.0.organisation_id)
    }

    /// The person who is meant; null: they are entered when they accept.
    fn person(&self, ctx: &Context<'_>) -> Option<Person> {
        Front::of(ctx).one(self.0.person_id)
    }

    /// The role that waits.
    fn role(&self) -> MembershipRole {
        self.0.role.into()
    }

    /// The address. To programs only with the scope CONTACTS.
    fn email(&self, ctx: &Context<'_>) -> Option<&str> {
        let shown = Front::of(ctx).actor().covers(Action::PersonReadContact);
        Some(self.0.email.as_str()).filter(|_| shown)
    }

    /// The name of whoever is invited.
    fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// The first day on which the seat will hold; null: from the day it is accepted.
    fn since(&self) -> Option<Date> {
        self.0.since.map(Date)
    }

    /// The first day on which the seat will hold no more; null: open.
    fn until(&self) -> Option<Date> {
        self.0.until.map(Date)
    }

    /// What became of it.
    fn status(&self) -> InvitationStatus {
        self.0.status.into()
    }

    /// Until when the link is good, UTC.
    fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }

    /// Whether the link is good no more; `invitationRenew` makes another.
    fn is_expired(&self, ctx: &Context<'_>) -> bool {
        self.has_expired(ctx)
    }

    /// The steps (mutations) that its state allows now and that you may take; accepting is for whoever is invited.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        let (front, target) = (Front::of(ctx), store::target(&self.0));
        let mut steps = front.actor().steps(rules::allowed(self.0.status, self.has_expired(ctx)), &target);
        // whoever renews it answers for the role
        steps.retain(|s| *s != "invitationRenew" || grant::may_give(front.actor(), self.0.role, &target));
        steps
    }

    /// When it was accepted, UTC.
    fn accepted_at(&self) -> Option<DateTime> {
        self.0.accepted_at.map(DateTime)
    }

    /// What it became.
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
