use async_graphql::{Context, InputObject, Object};
use entity::enums::RequestStatus;
use entity::membership_request::Model;
use entity::{coordination_group, organisation};
use uuid::Uuid;

use super::rules;
use super::store::{self, Decision};
use super::types::MembershipRequest;
use crate::auth::{Action, Permit, Target};
use crate::db::{Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{Date, Front, Id, answer, new_id, payloads, referenced};
use crate::id::Kind;
use crate::membership::MembershipRole;
use crate::membership::grant::{self, Seat};
use crate::text;

/// For which seat one asks.
#[derive(InputObject)]
pub struct MembershipRequestInput {
    /// An id of your own (`req_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// The group: one that you see, and in which you have no seat.
    pub group: Id,
    /// The organisation for which you would sit there; your own if left out.
    pub organisation: Option<Id>,
    /// REPRESENTATIVE or OBSERVER.
    pub role: MembershipRole,
    /// What you want to say to those who decide.
    pub note: Option<String>,
}

/// The seat is given.
#[derive(InputObject)]
pub struct MembershipRequestApproveInput {
    /// The request.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// The first day on which the seat holds; left out: from now on.
    pub since: Option<Date>,
    /// The first day on which it holds no more; left out: open.
    pub until: Option<Date>,
    /// What you want to say to whoever asks.
    pub note: Option<String>,
}

/// The seat is not given.
#[derive(InputObject)]
pub struct MembershipRequestDeclineInput {
    /// The request.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// What you want to say to whoever asks.
    pub note: Option<String>,
}

/// One's own request is taken back.
#[derive(InputObject)]
pub struct MembershipRequestWithdrawInput {
    /// The request.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
}

payloads! {
    /// The request that was made.
    MembershipRequestPayload => membership_request ("membershipRequest"): MembershipRequest;
    /// The request, with the seat that was given.
    MembershipRequestApprovePayload => membership_request ("membershipRequest"): MembershipRequest;
    /// The request that was declined.
    MembershipRequestDeclinePayload => membership_request ("membershipRequest"): MembershipRequest;
    /// The request that was taken back.
    MembershipRequestWithdrawPayload => membership_request ("membershipRequest"): MembershipRequest;
}

/// Asking for seats, and deciding.
#[derive(Default)]
pub struct MembershipRequestMutation;

#[Object]
impl MembershipRequestMutation {
    /// Asks for a seat in a group that you see. Whoever is signed in and has an entry among the people.
    ///
    /// `DUPLICATE` at `group`: you have a seat there, or have asked already.
    async fn membership_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which seat.")] input: MembershipRequestInput,
    ) -> Result<MembershipRequestPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let group: Seen<coordination_group::Model> =
                tx.seen(Kind::Group, input.group.of(Kind::Group).at("group")?).await.at("group")?;
            let permit = tx.permit(Action::MembershipRequest, &target(&group))?;
            let person = tx.actor().person_id.ok_or_else(|| Error::refused(Why::Denied))?;
            let row = row(&tx, &group, person, &input).await?;
            if grant::has_seat(&tx, group.id, person).await? {
                return Err(Error::refused(Why::Duplicate).at("group"));
            }
            let change = store::create(&tx, &permit, row).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Gives the seat that somebody asks for. Whoever may give that role in the group; nobody to themselves (`OWN_ROLE`).
    /// Who got the seat in the meantime keeps it: no second one.
    async fn membership_request_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request.")] input: MembershipRequestApproveInput,
    ) -> Result<MembershipRequestApprovePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let (seen, group) = request(&tx, input.id).await?;
            let permit = permit_to_decide(&tx, &seen, &group).await?;
            expect_version(input.expected_version, seen.version)?;
            rules::pending(seen.status)?;
            let seat = Seat {
                role: seen.role,
                person: seen.person_id,
                organisation: seen.organisation_id,
                since: input.since.map(|d| d.0),
                until: input.until.map(|d| d.0),
            };
            let membership = grant::give(&tx, tx.actor(), &group, seat).await?;
            let decision = Decision {
                name: "membershipRequestApprove",
                to: RequestStatus::Approved,
                note: note(input.note.as_deref())?,
                membership: Some(membership),
            };
            let change = store::decide(&tx, &permit, Action::MembershipGrantMember, &seen, decision).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Does not give the seat that somebody asks for. Whoever may give that role in the group.
    async fn membership_request_decline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request.")] input: MembershipRequestDeclineInput,
    ) -> Result<MembershipRequestDeclinePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let (seen, group) = request(&tx, input.id).await?;
            let permit = permit_to_decide(&tx, &seen, &group).await?;
            expect_version(input.expected_version, seen.version)?;
            let decision = Decision {
                name: "membershipRequestDecline",
                to: RequestStatus::Declined,
                note: note(input.note.as_deref())?,
                membership: None,
            };
            let change = store::decide(&tx, &permit, Action::MembershipGrantMember, &seen, decision).await?;
            tx.commit(change).await
        })
        .await
    }

    /// Takes one's own request back.
    async fn membership_request_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request.")] input: MembershipRequestWithdrawInput,
    ) -> Result<MembershipRequestWithdrawPayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let (seen, group) = request(&tx, input.id).await?;
            let permit = tx.permit(Action::MembershipRequest, &target(&group))?;
            if tx.actor().person_id != Some(seen.person_id) {
                return Err(Error::refused(Why::Denied));
            }
            expect_version(input.expected_version, seen.version)?;
            let (name, to) = ("membershipRequestWithdraw", RequestStatus::Withdrawn);
            let decision = Decision { name, to, note: None, membership: None };
            let change = store::decide(&tx, &permit, Action::MembershipRequest, &seen, decision).await?;
            tx.commit(change).await
        })
        .await
    }
}

fn target(group: &coordination_group::Model) -> Target {
    Target::of(group.id, Some(group.operation_id), None)
}

fn note(text: Option<&str>) -> Result<Option<String>> {
    text::optional(text, text::LONGEST).at("note")
}

/// The request that an input names, and its group, which whoever asked may not see any more.
async fn request(tx: &Tx, id: Id) -> Result<(Seen<Model>, coordination_group::Model)> {
    let id = id.of(Kind::MembershipRequest).at("id")?;
    let seen: Seen<Model> = tx.seen(Kind::MembershipRequest, id).await.at("id")?;
    let group = store::group_of(tx, &seen).await?;
    Ok((seen, group))
}

/// The right to give the role, and not to oneself.
async fn permit_to_decide(tx: &Tx, seen: &Model, group: &coordination_group::Model) -> Result<Permit> {
    let own = crate::person::organisation_of(tx, seen.person_id).await?;
    let mut organisations: Vec<Uuid> = seen.organisation_id.into_iter().chain(own).collect();
    organisations.dedup();
    let permit = grant::permit_to_give(tx.actor(), seen.role, group, &organisations)?;
    if tx.actor().person_id == Some(seen.person_id) {
        return Err(Error::rule(Rule::OwnRole).at("id"));
    }
    Ok(permit)
}

/// The row of a new request.
async fn row(
    tx: &Tx,
    group: &coordination_group::Model,
    person: Uuid,
    input: &MembershipRequestInput,
) -> Result<Model> {
    let now = tx.now();
    let named = input.organisation;
    let organisation =
        referenced::<organisation::Model>(tx, Kind::Organisation, named, "organisation").await?;
    let role = input.role.into();
    rules::role(role).at("role")?;
    Ok(Model {
        id: new_id(input.id, Kind::MembershipRequest)?,
        group_id: group.id,
        operation_id: group.operation_id,
        person_id: person,
        organisation_id: organisation.or(tx.actor().organisation_id),
        role,
        note: note(input.note.as_deref())?,
        status: RequestStatus::Pending,
        decision_note: None,
        decided_by_id: None,
        decided_at: None,
        membership_id: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}
