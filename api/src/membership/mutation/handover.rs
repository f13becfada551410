use async_graphql::{Context, InputObject, Object};
use entity::enums::HandoverState;
use entity::membership::Model;
use entity::{meeting, organisation};
use uuid::Uuid;

use super::super::rules::{self, Step};
use super::super::store;
use super::super::types::Membership;
use super::{permit, seen_seat};
use crate::auth::Action;
use crate::db::{Change, Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{Date, Front, Id, answer, own_inputs, payloads, referenced};
use crate::id::{self, Kind};
use crate::text;

/// A lead says that it wants to hand over.
#[derive(InputObject)]
pub struct MembershipHandoverAnnounceInput {
    /// The membership: a LEAD or CO_LEAD.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// The meeting at which it was announced.
    pub meeting: Option<Id>,
    /// A note, for members and officers.
    pub note: Option<String>,
}

/// Who could take over.
#[derive(InputObject)]
pub struct MembershipHandoverProposeInput {
    /// The membership: a LEAD or CO_LEAD.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// The organisation that would take over, if one is named already.
    pub proposed_successor: Option<Id>,
    /// The organisation that would support whoever takes over.
    pub supporter: Option<Id>,
    /// A note, for members and officers; left out, the one that stands stays.
    pub note: Option<String>,
}

/// A step of a handover.
#[derive(InputObject)]
pub struct MembershipHandoverStepInput {
    /// The membership: a LEAD or CO_LEAD.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// Why, for the record.
    pub reason: Option<String>,
}

/// The successor takes over.
#[derive(InputObject)]
pub struct MembershipHandoverCompleteInput {
    /// The membership: a LEAD or CO_LEAD.
    pub id: Id,
    /// The version that you read; left out, the step is taken from whatever stands.
    pub expected_version: Option<i32>,
    /// The organisation that takes over; the proposed successor if left out.
    pub successor: Option<Id>,
    /// The day of the change: the first of the new lead, and the first on which the old one holds no more; today in the operation's time zone if left out.
    pub on: Option<Date>,
    /// Why, for the record.
    pub reason: Option<String>,
}

own_inputs! {
    /// Which handover is agreed.
    MembershipHandoverAgreeInput(MembershipHandoverStepInput);
    /// Which handover is off.
    MembershipHandoverWithdrawInput(MembershipHandoverStepInput);
}

payloads! {
    /// The membership, with its handover announced.
    MembershipHandoverAnnouncePayload => membership ("membership"): Membership;
    /// The membership, with a handover proposed.
    MembershipHandoverProposePayload => membership ("membership"): Membership;
    /// The membership, with its handover agreed.
    MembershipHandoverAgreePayload => membership ("membership"): Membership;
    /// The membership that was handed over, with its end; null if you may not see it any more.
    MembershipHandoverCompletePayload => membership ("membership"): Membership;
    /// The membership, with its handover withdrawn.
    MembershipHandoverWithdrawPayload => membership ("membership"): Membership;
}

/// The handover of a lead.
#[derive(Default)]
pub struct HandoverMutation;

#[Object]
impl HandoverMutation {
    /// A lead organisation says that it wants to hand over. Coordinators, operation managers, administrators.
    async fn membership_handover_announce(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead, and where it said so.")] input: MembershipHandoverAnnounceInput,
    ) -> Result<MembershipHandoverAnnouncePayload> {
        answer(ctx, async {
            let mut open = begin(ctx, input.id, input.expected_version, Step::Announce).await?;
            let (tx, row) = (&open.tx, &mut open.row);
            row.handover_meeting_id = meeting_of(tx, row.group_id, input.meeting).await.at("meeting")?;
            row.handover_note = text::optional(input.note.as_deref(), text::LONGEST).at("note")?;
            // a new round: what was proposed before a withdrawal is over
            row.handover_successor_id = None;
            row.handover_supporter_id = None;
            open.finish(None, None).await
        })
        .await
    }

    /// A successor, or support, is proposed; nothing is decided. Coordinators, operation managers, administrators.
    async fn membership_handover_propose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead, and who could take over.")] input: MembershipHandoverProposeInput,
    ) -> Result<MembershipHandoverProposePayload> {
        answer(ctx, async {
            let mut open = begin(ctx, input.id, input.expected_version, Step::Propose).await?;
            let (tx, row) = (&open.tx, &mut open.row);
            let (successor, supporter) = (input.proposed_successor, input.supporter);
            row.handover_successor_id = organisation(tx, successor, "proposedSuccessor").await?;
            row.handover_supporter_id = organisation(tx, supporter, "supporter").await?;
            if row.handover_successor_id.is_some() && row.handover_successor_id == row.organisation_id {
                return Err(Error::rule(Rule::Circular).at("proposedSuccessor"));
            }
            if input.note.is_some() {
                row.handover_note = text::optional(input.note.as_deref(), text::LONGEST).at("note")?;
            }
            open.finish(None, None).await
        })
        .await
    }

    /// The group agrees to what was proposed. Coordinators, operation managers, administrators.
    async fn membership_handover_agree(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead.")] input: MembershipHandoverAgreeInput,
    ) -> Result<MembershipHandoverAgreePayload> {
        answer(ctx, async {
            let open = begin(ctx, input.step.id, input.step.expected_version, Step::Agree).await?;
            open.finish(None, input.step.reason).await
        })
        .await
    }

    /// The successor takes over: the old lead ends and the new one begins, on the same day. Operation managers, administrators.
    async fn membership_handover_complete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead, who takes over, and when.")] input: MembershipHandoverCompleteInput,
    ) -> Result<MembershipHandoverCompletePayload> {
        answer(ctx, async {
            let mut open = begin(ctx, input.id, input.expected_version, Step::Complete).await?;
            let (tx, row) = (&open.tx, &mut open.row);
            let named = organisation(tx, input.successor, "successor").await?;
            let successor = named.or(row.handover_successor_id);
            let successor = successor.ok_or_else(|| Error::refused(Why::Required).at("successor"))?;
            if row.organisation_id == Some(successor) {
                return Err(Error::rule(Rule::Circular).at("successor"));
            }
            let on = input.on.map_or_else(|| tx.today(open.operation), |d| d.0);
            rules::period(row.since, Some(on)).at("on")?;
            row.until = Some(on);
            row.handover_successor_id = Some(successor);
            let next = Model {
                id: id::new(),
                organisation_id: Some(successor),
                role_title: None,
                since: Some(on),
                until: None,
                funded_by_id: None,
                is_dedicated: None,
                topic: None,
                represents: None,
                verified_on: None,
                note: None,
                handover_state: HandoverState::None,
                handover_successor_id: None,
                handover_supporter_id: None,
                handover_meeting_id: None,
                handover_note: None,
                created_at: tx.now(),
                updated_at: tx.now(),
                version: 1,
                ..row.clone()
            };
            open.finish(Some(next), input.reason).await
        })
        .await
    }

    /// Nothing comes of the handover: the lead stays. Coordinators, operation managers, administrators.
    async fn membership_handover_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lead.")] input: MembershipHandoverWithdrawInput,
    ) -> Result<MembershipHandoverWithdrawPayload> {
        answer(ctx, async {
            let open = begin(ctx, input.step.id, input.step.expected_version, Step::Withdraw).await?;
            open.finish(None, input.step.reason).await
        })
        .await
    }
}

/// A step that was allowed and is not written yet.
struct Open {
    tx: Tx,
    permit: crate::auth::Permit,
    action: Action,
    name: &'static str,
    operation: Uuid,
    seen: Seen<Model>,
    row: Model,
}

/// Everything up to what the step itself changes.
async fn begin(ctx: &Context<'_>, id: Id, expected_version: Option<i32>, step: Step) -> Result<Open> {
    let tx = Front::of(ctx).begin().await?;
    let (seen, group) = seen_seat(&tx, id).await?;
    let action = match step {
        Step::Complete => Action::MembershipGrantCoordinator,
        _ => Action::MembershipHandover,
    };
    let permit = permit(&tx, action, &group, &[], &[])?;
    expect_version(expected_version, seen.version)?;
    if !rules::leads(seen.role) {
        return Err(Error::rule(Rule::RoleHolder).at("id"));
    }
    // a handover that is completed says so, also when the seat has ended by it
    let (name, to) = rules::step(step, seen.handover_state)?;
    if rules::ended(seen.until, tx.today(group.operation_id)) {
        return Err(rules::over());
    }
    let row = Model { handover_state: to, ..Model::clone(&seen) };
    Ok(Open { tx, permit, action, name, operation: group.operation_id, seen, row })
}

impl Open {
    /// Writes the step.
    async fn finish(self, successor: Option<Model>, reason: Option<String>) -> Result<Uuid> {
        let reason = text::optional(reason.as_deref(), text::LONGEST).at("reason")?;
        let change = Change::new(self.name, Kind::Membership, self.seen.id)
            .in_group(self.seen.group_id, self.operation)
            .because(reason);
        let (tx, seen) = (&self.tx, &self.seen);
        let change =
            store::hand_over(tx, &self.permit, self.action, seen, self.row, successor, change).await?;
        self.tx.commit(change).await
    }
}

async fn organisation(tx: &Tx, id: Option<Id>, field: &str) -> Result<Option<Uuid>> {
    referenced::<organisation::Model>(tx, Kind::Organisation, id, field).await
}

/// A meeting of the group.
async fn meeting_of(tx: &Tx, group: Uuid, id: Option<Id>) -> Result<Option<Uuid>> {
    let id = id.map(|id| id.of(Kind::Meeting)).transpose()?;
    let seen: Option<Seen<meeting::Model>> = tx.seen_if(Kind::Meeting, id).await?;
    match seen {
        Some(meeting) if meeting.group_id != group => Err(Error::rule(Rule::OtherGroup)),
        other => Ok(other.map(|m| m.id)),
    }
}
