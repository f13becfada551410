use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::referral::Model;

use super::{rules, store};
use crate::agenda::AgendaItem;
use crate::follow_up::FollowUp;
use crate::graphql::{Date, DateTime, Direct, Front, Id, Relation, Shown, Written};
use crate::group::Group;
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::recommendation::Recommendation;

/// Where a referral is in its life: SENT, ON_AGENDA, ANSWERED, RETURNED.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::ReferralStatus")]
pub enum ReferralStatus {
    /// The other forum was asked.
    Sent,
    /// The other forum has it on an agenda.
    OnAgenda,
    /// The other forum answered.
    Answered,
    /// The other forum gave it back; the answer says why.
    Returned,
}

/// A group asks another forum, e.g. a working group the humanitarian country team.
///
/// Visible to whoever has a seat in either group, and to operation managers. The other side sees what
/// was sent; what it is about only if it may see that anyway.
#[derive(Clone, Debug, Description)]
pub struct ReferralFields(Arc<Model>);

/// See [`ReferralFields`].
pub type Referral = Written<ReferralFields>;

impl Direct for ReferralFields {}

impl Shown for ReferralFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("from", "from_group_id"),
            Relation::one::<Group>("to", "to_group_id"),
            Relation::one::<Recommendation>("recommendation", "recommendation_id"),
            Relation::one::<FollowUp>("followUp", "follow_up_id"),
            Relation::one::<AgendaItem>("agendaItem", "agenda_item_id"),
            Relation::one::<Meeting>("meeting", "meeting_id"),
        ]
    }
}

#[Object(name = "Referral", use_type_description)]
impl ReferralFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Referral, self.0.id)
    }

    /// The group that asks.
    fn from(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.from_group_id)
    }

    /// The group that is asked.
    fn to(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.to_group_id)
    }

    /// The recommendation that it is about.
    fn recommendation(&self, ctx: &Context<'_>) -> Option<Recommendation> {
        Front::of(ctx).one(self.0.recommendation_id)
    }

    /// The action point (follow-up) that it is about.
    fn follow_up(&self, ctx: &Context<'_>) -> Option<FollowUp> {
        Front::of(ctx).one(self.0.follow_up_id)
    }

    /// The point of the agenda from which it comes.
    fn agenda_item(&self, ctx: &Context<'_>) -> Option<AgendaItem> {
        Front::of(ctx).one(self.0.agenda_item_id)
    }

    /// The meeting of the group that is asked, on whose agenda it was put.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.meeting_id)
    }

    /// What is asked.
    fn text(&self) -> &str {
        &self.0.text
    }

    /// The language of the text (BCP 47).
    fn language(&self) -> &str {
        &self.0.language
    }

    /// When it was sent; null if not recorded.
    fn sent_on(&self) -> Option<Date> {
        self.0.sent_on.map(Date)
    }

    /// Where it is in its life.
    fn status(&self) -> ReferralStatus {
        self.0.status.into()
    }

    /// The answer; of a returned referral, why.
    fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }

    /// When it was answered or returned; null if not recorded.
    fn answered_on(&self) -> Option<Date> {
        self.0.answered_on.map(Date)
    }

    /// The steps (mutations) that its state allows now and that you may take.
    fn available_transitions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().steps(rules::allowed(self.0.status), &store::asked(&self.0))
    }

    /// When it was entered, UTC.
    fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last changed, UTC.
    fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// What you may do with it, by the names of the permission table (`docs/permissions.csv`); the same table
    /// decides when the mutation comes. Empty for anonymous viewers.
    fn viewer_permissions(&self, ctx: &Context<'_>) -> Vec<&str> {
        Front::of(ctx).actor().permissions(Kind::Referral, &store::asked(&self.0))
    }

    /// Counts its changes; give it as `expectedVersion`.
    fn version(&self) -> i32 {
        self.0.version
    }
}
