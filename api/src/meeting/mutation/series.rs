use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::meeting_series::Model;
use entity::{coordination_group, operation, place};

use crate::auth::Action;
use crate::belonging::Belonging;
use crate::db::{Seen, expect_version};
use crate::error::{At, Result};
use crate::graphql::{Front, Id, answer, change_reference, change_text, new_id, payloads, referenced};
use crate::id::Kind;
use crate::meeting::rules;
use crate::meeting::store::series as store;
use crate::meeting::types::MeetingSeries;
use crate::operation::time_zone;
use crate::text;

/// What a new series starts with.
#[derive(InputObject)]
pub struct MeetingSeriesCreateInput {
    /// An id of your own (`ser_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The group that meets.
    pub group: Id,
    /// Its name.
    pub name: String,
    /// When it recurs: a rule of RFC 5545 without `RRULE:`, e.g. `FREQ=MONTHLY;BYDAY=1TH`.
    pub rule: Option<String>,
    /// The time zone in which it recurs (IANA); the operation's if left out.
    pub time_zone: Option<String>,
    /// The place where it usually meets.
    pub place: Option<Id>,
    /// The room or address where it usually meets.
    pub venue_text: Option<String>,
}

/// What changes; what is left out stays, null clears. Meetings that belong to the series keep their own values.
#[derive(InputObject)]
pub struct MeetingSeriesUpdateInput {
    /// The series.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// Its name.
    pub name: Option<String>,
    /// When it recurs: a rule of RFC 5545 without `RRULE:`.
    pub rule: MaybeUndefined<String>,
    /// The time zone in which it recurs (IANA).
    pub time_zone: Option<String>,
    /// The place where it usually meets.
    pub place: MaybeUndefined<Id>,
    /// The room or address where it usually meets.
    pub venue_text: MaybeUndefined<String>,
}

payloads! {
    /// The series that was entered.
    MeetingSeriesCreatePayload => meeting_series ("meetingSeries"): MeetingSeries;
    /// The series as it is now.
    MeetingSeriesUpdatePayload => meeting_series ("meetingSeries"): MeetingSeries;
}

/// Changes to meeting series.
#[derive(Default)]
pub struct MeetingSeriesMutation;

#[Object]
impl MeetingSeriesMutation {
    /// Enters a recurring meeting of a group. Officers and operation managers. `OUT_OF_RANGE` if the rule is none.
    async fn meeting_series_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it starts with.")] input: MeetingSeriesCreateInput,
    ) -> Result<MeetingSeriesCreatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let group: Seen<coordination_group::Model> =
                tx.seen(Kind::Group, input.group.of(Kind::Group).at("group")?).await.at("group")?;
            let permit = tx.permit(Action::MeetingWrite, &Belonging::of_group(&group).target())?;
            let operation: Seen<operation::Model> = tx.seen(Kind::Operation, group.operation_id).await?;
            let zone = input.time_zone.as_deref().map(time_zone).transpose().at("timeZone")?;
            let now = tx.now();
            let row = Model {
                id: new_id(input.id, Kind::MeetingSeries)?,
                group_id: group.id,
                name: text::required(&input.name, text::LONGEST_NAME).at("name")?,
                rule: text::optional(input.rule.as_deref(), text::LONGEST_NAME).at("rule")?,
                time_zone: zone.unwrap_or_else(|| operation.time_zone.clone()),
                place_id: referenced::<place::Model>(&tx, Kind::Place, input.place, "place").await?,
                venue_text: text::optional(input.venue_text.as_deref(), text::LONGEST).at("venueText")?,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            row.rule.as_deref().map(rules::recurrence).transpose().at("rule")?;
            let change = store::create(&tx, &permit, row).await?;
            tx.commit(change.in_group(group.id, group.operation_id)).await
        })
        .await
    }

    /// Changes a series. Officers and operation managers. `OUT_OF_RANGE` if the rule is none.
    async fn meeting_series_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: MeetingSeriesUpdateInput,
    ) -> Result<MeetingSeriesUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen: Seen<Model> =
                tx.seen(Kind::MeetingSeries, input.id.of(Kind::MeetingSeries).at("id")?).await.at("id")?;
            let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, seen.group_id).await?;
            let permit = tx.permit(Action::MeetingWrite, &Belonging::of_group(&group).target())?;
            expect_version(Some(input.expected_version), seen.version)?;
            let mut row = Model::clone(&seen);
            if let Some(name) = &input.name {
                row.name = text::required(name, text::LONGEST_NAME).at("name")?;
            }
            change_text(&mut row.rule, &input.rule, text::LONGEST_NAME, "rule")?;
            row.rule.as_deref().map(rules::recurrence).transpose().at("rule")?;
            if let Some(zone) = &input.time_zone {
                row.time_zone = time_zone(zone).at("timeZone")?;
            }
            change_reference::<place::Model>(&tx, Kind::Place, &mut row.place_id, &input.place, "place")
                .await?;
            change_text(&mut row.venue_text, &input.venue_text, text::LONGEST, "venueText")?;
            let change = store::update(&tx, &permit, &seen, row).await?;
            tx.commit(change.in_group(group.id, group.operation_id)).await
        })
        .await
    }
}
