use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::membership::Model;
use entity::{coordination_group, organisation, person};
use uuid::Uuid;

use super::super::rules::{self, Holder};
use super::super::store;
use super::super::types::{Membership, MembershipRole};
use super::{is_own, may_end, organisations, permit, seen_seat};
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule};
use crate::external::{self, ExternalReferenceInput, Owner};
use crate::graphql::{
    Date, Front, Id, answer, change_day, change_reference, change_text, new_id, payloads, referenced,
};
use crate::id::Kind;
use crate::text;

/// A seat to give. An organisation, a person, or both must be named.
#[derive(InputObject)]
pub struct MembershipCreateInput {
    /// An id of your own (`mbr_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The group.
    pub group: Id,
    /// The organisation that holds the seat, or for which the person holds it.
    pub organisation: Option<Id>,
    /// The person. Not yourself.
    pub person: Option<Id>,
    /// What the seat is; LEAD, CO_LEAD, MEMBER and DONOR for organisations, OBSERVER for both, the others for people. An organisation without a named person may be FOCAL_POINT of a topic.
    pub role: MembershipRole,
    /// The role as the group calls it.
    pub role_title: Option<String>,
    /// The first day on which it holds; left out: not recorded, and it holds.
    pub since: Option<Date>,
    /// The first day on which it holds no more; left out: open.
    pub until: Option<Date>,
    /// The organisation that pays for it.
    pub funded_by: Option<Id>,
    /// Whether the person does nothing else; left out: not recorded.
    pub is_dedicated: Option<bool>,
    /// What a focal point is in charge of.
    pub topic: Option<String>,
    /// For whom the holder speaks besides the organisation.
    pub represents: Option<String>,
    /// When somebody last made sure that it is so.
    pub verified_on: Option<Date>,
    /// A note, for members and officers.
    pub note: Option<String>,
    /// Its codes in other systems.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// What changes; what is left out stays, null clears. Group and holder stay: end the seat and give another.
#[derive(InputObject)]
pub struct MembershipUpdateInput {
    /// The membership.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// What the seat is; needs the rights to give the old role and the new one. Not your own.
    pub role: Option<MembershipRole>,
    /// The role as the group calls it.
    pub role_title: MaybeUndefined<String>,
    /// The first day on which it holds. Not your own.
    pub since: MaybeUndefined<Date>,
    /// The first day on which it holds no more; null opens it again. Not your own.
    pub until: MaybeUndefined<Date>,
    /// The organisation that pays for it.
    pub funded_by: MaybeUndefined<Id>,
    /// Whether the person does nothing else.
    pub is_dedicated: MaybeUndefined<bool>,
    /// What a focal point is in charge of.
    pub topic: MaybeUndefined<String>,
    /// For whom the holder speaks besides the organisation.
    pub represents: MaybeUndefined<String>,
    /// When somebody last made sure that it is so.
    pub verified_on: MaybeUndefined<Date>,
    /// A note, for members and officers.
    pub note: MaybeUndefined<String>,
    /// Its codes in other systems, the whole list.
    pub external_references: Option<Vec<ExternalReferenceInput>>,
}

/// The end of a seat.
#[derive(InputObject)]
pub struct MembershipEndInput {
    /// The membership.
    pub id: Id,
    /// The version that you read; left out, whatever stands is ended.
    pub expected_version: Option<i32>,
    /// The first day on which it holds no more; left out: today in the operation's time zone (in UTC, where that is still yesterday), so that it holds no more at once.
    pub on: Option<Date>,
    /// Why, for the record.
    pub reason: Option<String>,
}

payloads! {
    /// The membership that was given.
    MembershipCreatePayload => membership ("membership"): Membership;
    /// The membership as it is now.
    MembershipUpdatePayload => membership ("membership"): Membership;
    /// The membership with its end; null if you may not see it any more.
    MembershipEndPayload => membership ("membership"): Membership;
}

/// Giving, changing and ending seats.
#[derive(Default)]
pub struct SeatMutation;

#[Object]
impl SeatMutation {
    /// Gives a seat in a group. Information managers and coordinators: MEMBER, OBSERVER, DONOR, REPRESENTATIVE; coordinators also SECRETARY, INFORMATION_MANAGER, FOCAL_POINT; focal points REPRESENTATIVE and OBSERVER for people of their own organisation; operation managers and administrators every role.
    async fn membership_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which seat, for whom.")] input: MembershipCreateInput,
    ) -> Result<MembershipCreatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let group: Seen<coordination_group::Model> =
                tx.seen(Kind::Group, input.group.of(Kind::Group).at("group")?).await.at("group")?;
            let references =
                ExternalReferenceInput::pairs(input.external_references.as_deref().unwrap_or(&[]));
            let row = seat(&tx, group.id, input).await?;
            fits(&row)?;
            let action = rules::grant(row.role, row.person_id.is_some());
            let permit = permit(&tx, action, &group, &[], &organisations(&tx, &row).await?)?;
            if is_own(&tx, &row) {
                return Err(Error::rule(Rule::OwnRole).at("person"));
            }
            rules::period(row.since, row.until).at("until")?;
            let change = store::create(&tx, &permit, action, row, group.operation_id).await?;
            external::replace(&tx, Owner(Kind::Membership, change.entity()), &references).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Changes a seat. Whoever may give its role; changing the role needs the right to give the new one too, and nobody changes their own role or its days.
    async fn membership_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: MembershipUpdateInput,
    ) -> Result<MembershipUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let (seen, group) = seen_seat(&tx, input.id).await?;
            let organisations = organisations(&tx, &seen).await?;
            let action = rules::grant(seen.role, seen.person_id.is_some());
            let old_role = permit(&tx, action, &group, &[], &organisations)?;
            expect_version(Some(input.expected_version), seen.version)?;
            let row = changed(&tx, &seen, &input).await?;
            if row.role != seen.role {
                let action = rules::grant(row.role, row.person_id.is_some());
                permit(&tx, action, &group, &[], &organisations).at("role")?;
            }
            own_stays(&tx, &seen, &row)?;
            fits(&row)?;
            rules::period(row.since, row.until).at("until")?;
            let change = store::update(&tx, &old_role, action, &seen, row, &group).await?;
            if let Some(references) = &input.external_references {
                let pairs = ExternalReferenceInput::pairs(references);
                external::replace(&tx, Owner(Kind::Membership, seen.id), &pairs).await?;
            }
            tx.commit(change).await
        })
        .await
    }

    /// Ends a seat; the rights that it gives end with it. One's own; for others whoever may give the role. The last coordinator of a group stays.
    async fn membership_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which seat, and when.")] input: MembershipEndInput,
    ) -> Result<MembershipEndPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let (seen, group) = seen_seat(&tx, input.id).await?;
            let organisations = organisations(&tx, &seen).await?;
            let to_end = may_end(&tx, &seen, &group, &organisations)?;
            expect_version(input.expected_version, seen.version)?;
            let (there, utc) = (tx.today(group.operation_id), tx.now().date_naive());
            if rules::ended(seen.until, there.min(utc)) {
                return Err(rules::over());
            }
            let on = input.on.map_or_else(|| rules::at_once(there, utc, seen.since), |d| d.0);
            rules::period(seen.since, Some(on)).at("on")?;
            let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
            let change = store::end(&tx, &to_end, &seen, on, &group, reason).await?;
            tx.commit(change).await
        })
        .await
    }
}

/// The row of a new seat.
async fn seat(tx: &Tx, group: Uuid, input: MembershipCreateInput) -> Result<Model> {
    let organisation = holder_organisation(tx, input.organisation).await.at("organisation")?;
    let person = holder_person(tx, input.person).await.at("person")?;
    Ok(Model {
        id: new_id(input.id, Kind::Membership)?,
        role_title: text::optional(input.role_title.as_deref(), text::LONGEST_NAME).at("roleTitle")?,
        since: input.since.map(|d| d.0),
        until: input.until.map(|d| d.0),
        funded_by_id: referenced::<organisation::Model>(tx, Kind::Organisation, input.funded_by, "fundedBy")
            .await?,
        is_dedicated: input.is_dedicated,
        topic: text::optional(input.topic.as_deref(), text::LONGEST_NAME).at("topic")?,
        represents: text::optional(input.represents.as_deref(), text::LONGEST_NAME).at("represents")?,
        verified_on: input.verified_on.map(|d| d.0),
        note: text::optional(input.note.as_deref(), text::LONGEST).at("note")?,
        ..store::blank(tx, group, input.role.into(), person, organisation)
    })
}

/// The organisation of a new seat; of a merged one, what it was merged into.
async fn holder_organisation(tx: &Tx, id: Option<Id>) -> Result<Option<Uuid>> {
    let id = id.map(|id| id.of(Kind::Organisation)).transpose()?;
    let seen: Option<Seen<organisation::Model>> = tx.seen_if(Kind::Organisation, id).await?;
    Ok(seen.map(|o| o.merged_into_id.unwrap_or(o.id)))
}

/// The person of a new seat; of a merged one, whom they were merged into. Erased people take no seat.
async fn holder_person(tx: &Tx, id: Option<Id>) -> Result<Option<Uuid>> {
    let id = id.map(|id| id.of(Kind::Person)).transpose()?;
    let seen: Option<Seen<person::Model>> = tx.seen_if(Kind::Person, id).await?;
    if seen.as_ref().is_some_and(|p| p.erased_at.is_some()) {
        return Err(Error::not_found(Kind::Person));
    }
    Ok(seen.map(|p| p.merged_into_id.unwrap_or(p.id)))
}

pub(super) fn fits(row: &Model) -> Result<()> {
    let holder = Holder {
        person: row.person_id.is_some(),
        organisation: row.organisation_id.is_some(),
        topic: row.topic.is_some(),
    };
    rules::fits(row.role, holder)
}

/// Nobody changes what their own seat gives them.
pub(super) fn own_stays(tx: &Tx, seen: &Model, row: &Model) -> Result<()> {
    if !is_own(tx, seen) {
        return Ok(());
    }
    for (changes, field) in [
        (row.role != seen.role, "role"),
        (row.since != seen.since, "since"),
        (row.until != seen.until, "until"),
    ] {
        if changes {
            return Err(Error::rule(Rule::OwnRole).at(field));
        }
    }
    Ok(())
}

/// The row after an update.
async fn changed(tx: &Tx, seen: &Seen<Model>, input: &MembershipUpdateInput) -> Result<Model> {
    let mut row = Model::clone(seen);
    if let Some(role) = input.role {
        row.role = role.into();
    }
    change_text(&mut row.role_title, &input.role_title, text::LONGEST_NAME, "roleTitle")?;
    change_text(&mut row.topic, &input.topic, text::LONGEST_NAME, "topic")?;
    change_text(&mut row.represents, &input.represents, text::LONGEST_NAME, "represents")?;
    change_text(&mut row.note, &input.note, text::LONGEST, "note")?;
    change_day(&mut row.since, &input.since);
    change_day(&mut row.until, &input.until);
    change_day(&mut row.verified_on, &input.verified_on);
    let funder = &mut row.funded_by_id;
    change_reference::<organisation::Model>(tx, Kind::Organisation, funder, &input.funded_by, "fundedBy")
        .await?;
    if !input.is_dedicated.is_undefined() {
        row.is_dedicated = input.is_dedicated.value().copied();
    }
    Ok(row)
}
