use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use entity::service_account::Model;
use entity::{coordination_group, enums, operation};
use uuid::Uuid;

use super::super::types::ServiceAccount;
use super::super::{rules, store};
use crate::auth::Action;
use crate::db::{Change, Seen, Tx, expect_version};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{Front, Id, StepInput, answer, change_text, new_id, payloads, step_inputs};
use crate::id::Kind;
use crate::membership::{MembershipRole, grant};
use crate::text;

/// A seat of a service.
#[derive(InputObject)]
pub struct ServiceSeatInput {
    /// The group, of the service's operation.
    pub group: Id,
    /// OBSERVER, REPRESENTATIVE, SECRETARY or INFORMATION_MANAGER. You must have the right to give it to somebody there.
    pub role: MembershipRole,
}

/// What a new service starts with.
#[derive(InputObject)]
pub struct ServiceAccountCreateInput {
    /// An id of your own (`svc_` and the hex of a UUID); left out, one is made.
    pub id: Option<Id>,
    /// Its name.
    pub name: String,
    /// What it is for, and who looks after it.
    pub description: Option<String>,
    /// The group whose coordinators look after it. Give this or the operation.
    pub group: Option<Id>,
    /// The operation whose managers look after it. Give this or the group.
    pub operation: Option<Id>,
    /// What it may, at most 100.
    pub seats: Vec<ServiceSeatInput>,
}

/// What changes; what is left out stays, null clears.
#[derive(InputObject)]
pub struct ServiceAccountUpdateInput {
    /// The service.
    pub id: Id,
    /// The version that you read.
    pub expected_version: i32,
    /// Its name.
    pub name: Option<String>,
    /// What it is for, and who looks after it.
    pub description: MaybeUndefined<String>,
    /// What it may: the whole list. What it has already stays without further right; seats in groups that you may not
    /// see stay.
    pub seats: Option<Vec<ServiceSeatInput>>,
}

step_inputs! {
    /// Which service may ask again.
    ServiceAccountActivateInput;
    /// Which service may ask no more.
    ServiceAccountDeactivateInput;
}

payloads! {
    /// The service that was entered.
    ServiceAccountCreatePayload => service_account ("serviceAccount"): ServiceAccount;
    /// The service as it is now.
    ServiceAccountUpdatePayload => service_account ("serviceAccount"): ServiceAccount;
    /// The service, whose tokens hold again.
    ServiceAccountActivatePayload => service_account ("serviceAccount"): ServiceAccount;
    /// The service, whose tokens hold no more.
    ServiceAccountDeactivatePayload => service_account ("serviceAccount"): ServiceAccount;
}

/// Changes to services.
#[derive(Default)]
pub struct ServiceAccountMutation;

#[Object]
impl ServiceAccountMutation {
    /// Enters a service: a dashboard, a script. Coordinators of its group, managers of its operation, administrators;
    /// each seat needs the right to give that role in that group. In person, not by API token.
    async fn service_account_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it starts with.")] input: ServiceAccountCreateInput,
    ) -> Result<ServiceAccountCreatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let (group_id, operation_id) = owner(&tx, input.group, input.operation).await?;
            let now = tx.now();
            let row = Model {
                id: new_id(input.id, Kind::ServiceAccount)?,
                description: text::optional(input.description.as_deref(), text::LONGEST).at("description")?,
                group_id,
                operation_id,
                created_by_id: tx.actor().account_id,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let permit = tx.permit(Action::ServiceAccountManage, &store::target(&row))?;
            let name = text::required(&input.name, text::LONGEST_NAME).at("name")?;
            let seats = seats(&tx, operation_id, &input.seats, &[]).await?;
            let change = store::create(&tx, &permit, row.clone(), name).await?;
            let detail = store::change_seats(&tx, &permit, &row, &seats, &[]).await?;
            tx.commit(change.detail(detail)).await
        })
        .await
    }

    /// Changes a service. Whoever manages it; each new seat needs the right to give that role in that group. In person,
    /// not by API token.
    async fn service_account_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: ServiceAccountUpdateInput,
    ) -> Result<ServiceAccountUpdatePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let seen = service(&tx, input.id).await.at("id")?;
            let permit = tx.permit(Action::ServiceAccountManage, &store::target(&seen))?;
            expect_version(Some(input.expected_version), seen.version)?;
            let mut row = Model::clone(&seen);
            change_text(&mut row.description, &input.description, text::LONGEST, "description")?;
            let name = input.name.as_deref().map(|n| text::required(n, text::LONGEST_NAME));
            let change = store::update(&tx, &permit, &seen, row, name.transpose().at("name")?).await?;
            let Some(asked) = &input.seats else { return tx.commit(change).await };
            let held = store::seats(&tx, seen.id).await?;
            let wanted = seats(&tx, seen.operation_id, asked, &held).await?;
            let added: Vec<_> = wanted.iter().filter(|s| !held.contains(s)).copied().collect();
            let gone = held.into_iter().filter(|s| !wanted.contains(s)).collect();
            let removed = seen_ones(&tx, gone).await?;
            let detail = store::change_seats(&tx, &permit, &seen, &added, &removed).await?;
            tx.commit(change.detail(detail)).await
        })
        .await
    }

    /// A service may ask again: its tokens hold again. Whoever manages it. In person, not by API token.
    async fn service_account_activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which service.")] input: ServiceAccountActivateInput,
    ) -> Result<ServiceAccountActivatePayload> {
        answer(ctx, switch(ctx, input.into(), true)).await
    }

    /// A service may ask no more: its tokens hold no more, with the next request. Whoever manages it. In person, not by
    /// API token.
    async fn service_account_deactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which service.")] input: ServiceAccountDeactivateInput,
    ) -> Result<ServiceAccountDeactivatePayload> {
        answer(ctx, switch(ctx, input.into(), false)).await
    }
}

pub(super) async fn service(tx: &Tx, id: Id) -> Result<Seen<Model>> {
    tx.seen(Kind::ServiceAccount, id.of(Kind::ServiceAccount)?).await
}

async fn switch(ctx: &Context<'_>, input: StepInput, active: bool) -> Result<Uuid> {
    let tx = Front::of(ctx).begin().await?;
    let seen = service(&tx, input.id).await.at("id")?;
    let permit = tx.permit(Action::ServiceAccountManage, &store::target(&seen))?;
    expect_version(input.expected_version, seen.version)?;
    let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
    let change: Change = store::switch(&tx, &permit, &seen, active).await?.because(reason);
    tx.commit(change).await
}

/// Whose a new service is: group and operation.
async fn owner(tx: &Tx, group: Option<Id>, operation: Option<Id>) -> Result<(Option<Uuid>, Uuid)> {
    match (group, operation) {
        (Some(id), None) => {
            let id = id.of(Kind::Group).at("group")?;
            let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, id).await.at("group")?;
            Ok((Some(group.id), group.operation_id))
        }
        (None, Some(id)) => {
            let id = id.of(Kind::Operation).at("operation")?;
            let operation: Seen<operation::Model> = tx.seen(Kind::Operation, id).await.at("operation")?;
            Ok((None, operation.id))
        }
        _ => Err(Error::rule(Rule::ExactlyOne).at("group")),
    }
}

type Seat = (Uuid, enums::MembershipRole);

/// The seats asked for, each once. What is not `held` already needs the right to give it.
async fn seats(tx: &Tx, operation: Uuid, asked: &[ServiceSeatInput], held: &[Seat]) -> Result<Vec<Seat>> {
    if asked.len() > rules::MOST_SEATS {
        return Err(Error::refused(Why::TooMany { limit: rules::MOST_SEATS }).at("seats"));
    }
    let mut seats = Vec::new();
    for (number, input) in asked.iter().enumerate() {
        let path = format!("seats.{number}");
        let id = input.group.of(Kind::Group).at("group").at(&path)?;
        let group: Seen<coordination_group::Model> = tx.seen(Kind::Group, id).await.at("group").at(&path)?;
        let seat = (group.id, input.role.into());
        if seats.contains(&seat) {
            continue;
        }
        if !held.contains(&seat) {
            rules::role(seat.1).at("role").at(&path)?;
            if group.operation_id != operation {
                return Err(Error::rule(Rule::OtherGroup).at("group").at(&path));
            }
            grant::permit_to_give(tx.actor(), seat.1, &group, &[]).at("role").at(&path)?;
        }
        seats.push(seat);
    }
    Ok(seats)
}

/// Those in groups that the viewer sees.
async fn seen_ones(tx: &Tx, seats: Vec<Seat>) -> Result<Vec<Seat>> {
    let mut seen = Vec::new();
    for seat in seats {
        match tx.seen::<coordination_group::Model>(Kind::Group, seat.0).await {
            Ok(_) => seen.push(seat),
            Err(Error::Refused(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(seen)
}
