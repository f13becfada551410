use std::sync::Arc;

use async_graphql::{Context, Description, Enum, Object};
use entity::review::Model;

use crate::agenda::AgendaItem;
use crate::auth::Action;
use crate::follow_up::FollowUp;
use crate::graphql::{DateTime, Direct, Front, Id, Relation, Shown, Written};
use crate::id::Kind;
use crate::meeting::Meeting;
use crate::recommendation::Recommendation;

/// What a meeting found when it looked at a recommendation or follow-up. It moves what was reviewed,
/// unless a later meeting has looked at it too.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::enums::ReviewOutcome")]
pub enum ReviewOutcome {
    /// It stays on the list.
    KeptOpen,
    /// It stays on the list and gets more time.
    Extended,
    /// Done: a recommendation is implemented; a follow-up is done, and what was done must be said.
    Done,
    /// A part was done: a recommendation is partly implemented, a follow-up in progress.
    PartlyDone,
    /// Something stands in the way: a follow-up is blocked, and by what must be said.
    Blocked,
    /// Not done, and no longer expected: a recommendation is not implemented, a follow-up cancelled.
    NotAchieved,
    /// The meeting lets it go: a recommendation is withdrawn, a follow-up cancelled.
    Dropped,
    /// Another forum is asked; it stays on the list.
    Referred,
}

/// A meeting looked at a recommendation or a follow-up (suivi des recommandations). Members of the
/// group see it, if they may see what was reviewed.
#[derive(Clone, Debug, Description)]
pub struct ReviewFields(Arc<Model>);

/// See [`ReviewFields`].
pub type Review = Written<ReviewFields>;

impl Direct for ReviewFields {}

impl Shown for ReviewFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Meeting>("meeting", "meeting_id"),
            Relation::one::<AgendaItem>("agendaItem", "agenda_item_id"),
            Relation::one::<Recommendation>("recommendation", "recommendation_id"),
            Relation::one::<FollowUp>("followUp", "follow_up_id"),
        ]
    }
}

impl ReviewFields {
    /// Free texts are for the group: nobody confirmed them for publication.
    fn is_seen_whole(&self, ctx: &Context<'_>) -> bool {
        let scope = Front::of(ctx).scope();
        scope.may_read(
            Action::RecommendationRead,
            self.0.group_id,
            Some(self.0.operation_id),
            Some(self.0.meeting_id),
        )
    }
}

#[Object(name = "Review", use_type_description)]
impl ReviewFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::Review, self.0.id)
    }

    /// The meeting that looked.
    fn meeting(&self, ctx: &Context<'_>) -> Option<Meeting> {
        Front::of(ctx).one(self.0.meeting_id)
    }

    /// The point of the agenda under which it looked; null if not recorded.
    fn agenda_item(&self, ctx: &Context<'_>) -> Option<AgendaItem> {
        Front::of(ctx).one(self.0.agenda_item_id)
    }

    /// The recommendation that was reviewed; null if it was a follow-up.
    fn recommendation(&self, ctx: &Context<'_>) -> Option<Recommendation> {
        Front::of(ctx).one(self.0.recommendation_id)
    }

    /// The follow-up that was reviewed; null if it was a recommendation.
    fn follow_up(&self, ctx: &Context<'_>) -> Option<FollowUp> {
        Front::of(ctx).one(self.0.follow_up_id)
    }

    /// Its place among the reviews of the meeting, from 1.
    fn position(&self) -> i32 {
        self.0.position
    }

    /// What the meeting found.
    fn outcome(&self) -> ReviewOutcome {
        self.0.outcome.into()
    }

    /// What was done since (actions prises), as told to the meeting. For the group.
    fn action_taken(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.action_taken.as_deref().filter(|_| self.is_seen_whole(ctx))
    }

    /// What the meeting decided to do next. For the group.
    fn next_step(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.next_step.as_deref().filter(|_| self.is_seen_whole(ctx))
    }

    /// When it was entered, UTC.
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
