use std::sync::Arc;

use async_graphql::{Context, Description, Object};
use entity::meeting_series::Model;

use crate::error::Result;
use crate::graphql::{Connection, DateTime, Direct, Front, Id, Relation, Shown, Written};
use crate::group::Group;
use crate::id::Kind;
use crate::meeting::{Meeting, MeetingFilter, MeetingOrderBy};
use crate::place::Place;

/// A recurring meeting of a group. Visible to whoever has a seat in the group, and to operation managers.
#[derive(Clone, Debug, Description)]
pub struct MeetingSeriesFields(Arc<Model>);

/// See [`MeetingSeriesFields`].
pub type MeetingSeries = Written<MeetingSeriesFields>;

impl Direct for MeetingSeriesFields {}

impl Shown for MeetingSeriesFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        vec![
            Relation::one::<Group>("group", "group_id"),
            Relation::one::<Place>("place", "place_id"),
            Relation::connection::<Meeting>("meetings", "series_id"),
        ]
    }
}

#[Object(name = "MeetingSeries", use_type_description)]
impl MeetingSeriesFields {
    /// Its id.
    pub async fn id(&self) -> Id {
        Id(Kind::MeetingSeries, self.0.id)
    }

    /// The group that meets.
    fn group(&self, ctx: &Context<'_>) -> Option<Group> {
        Front::of(ctx).one(self.0.group_id)
    }

    /// Its name.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// When it recurs: a rule of RFC 5545 without `RRULE:`, e.g. `FREQ=MONTHLY;BYDAY=1TH`; null if there is none.
    fn rule(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }

    /// The time zone (IANA) in which it recurs.
    fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// The place where it usually meets.
    fn place(&self, ctx: &Context<'_>) -> Option<Place> {
        Front::of(ctx).one(self.0.place_id)
    }

    /// The room or address where it usually meets, as written.
    fn venue_text(&self) -> Option<&str> {
        self.0.venue_text.as_deref()
    }

    /// Its meetings that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    fn meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MeetingFilter>,
        #[graphql(desc = "In which order; the latest first if left out.")] order_by: Option<
            Vec<MeetingOrderBy>,
        >,
        #[graphql(desc = "The first so many, at most 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Meeting>> {
        let _read_ahead = (filter, order_by, first, after, last, before);
        Front::of(ctx).connection(&*self.0)
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
