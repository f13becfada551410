use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::api_token::Model;
use entity::{coordination_group, operation, service_account};
use uuid::Uuid;

use super::super::store::token::{self as store, Limits};
use super::super::types::{ApiToken, TokenScope};
use super::super::{rules, store as services};
use super::account::service;
use crate::account::principal_of;
use crate::auth::token::digest;
use crate::auth::{Action, Actor, Permit, Target, api_token};
use crate::db::{Seen, Tx};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::{DateTime, Front, Id, Payload, UserError, answer, payloads};
use crate::id::{self, Kind};
use crate::membership::grant;
use crate::text;

/// What a new API token is for.
#[derive(InputObject)]
pub struct ApiTokenCreateInput {
    /// The service that is to use it (`svc_…`); left out, it is one of your own account.
    pub account: Option<Id>,
    /// What it is for.
    pub name: String,
    /// What it may be used for; READ is always among them.
    pub scopes: Vec<TokenScope>,
    /// Only in these groups and their sub-groups, at most 100: groups in which the account has a seat. With `operations`,
    /// in either. Both left out: wherever the account has rights.
    pub groups: Option<Vec<Id>>,
    /// Only in these operations, at most 100: ones in which the account has a seat or a grant.
    pub operations: Option<Vec<Id>>,
    /// Until when it holds, at most 366 days ahead.
    pub expires_at: DateTime,
}

/// Which API token holds no more.
#[derive(InputObject)]
pub struct ApiTokenRevokeInput {
    /// The token's id.
    pub id: Id,
    /// Why, for the record.
    pub reason: Option<String>,
}

/// The API token that was made.
#[derive(SimpleObject)]
pub struct ApiTokenCreatePayload {
    /// The token: `kafo_…`. Shown now and never again; send it as `Authorization: Bearer …`.
    token: Option<String>,
    /// What Kafo keeps of it; null if nothing changed.
    api_token: Option<ApiToken>,
    /// Why nothing was changed; empty if it was.
    user_errors: Vec<UserError>,
}

impl Payload for ApiTokenCreatePayload {
    type Node = ApiToken;
    const FIELD: &'static str = "apiToken";

    fn new(api_token: Option<ApiToken>, user_errors: Vec<UserError>) -> Self {
        Self { token: None, api_token, user_errors }
    }
}

payloads! {
    /// The API token, which holds no more.
    ApiTokenRevokePayload => api_token ("apiToken"): ApiToken;
}

/// Making and revoking API tokens.
#[derive(Default)]
pub struct ApiTokenMutation;

#[Object]
impl ApiTokenMutation {
    /// Makes an API token for a program: of your own account, or of a service that you manage and whose every seat you
    /// may give. What it may is what the account may, cut to its scopes and groups. In person, not by API token.
    ///
    /// `OUT_OF_RANGE` at `expiresAt`; `NO_SEAT` at a group or operation in which the account has nothing; `TOO_MANY`: an
    /// account has at most 50 tokens that hold.
    async fn api_token_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is for.")] input: ApiTokenCreateInput,
    ) -> Result<ApiTokenCreatePayload> {
        let mut shown = None;
        let payload: ApiTokenCreatePayload = answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let service = match input.account {
                Some(id) => Some(service(&tx, id).await.at("account")?),
                None => None,
            };
            let service = service.as_deref();
            let (action, permit) = permit(&tx, service)?;
            let account = service.map(|s| s.id).or(tx.actor().account_id).ok_or(Error::Unauthenticated)?;
            if let Some(service) = service {
                may_give_all(&tx, service).await.at("account")?;
            }
            let token = api_token::new();
            let row = row(&tx, account, &token, &input)?;
            let limits = limits(&tx, &input).await?;
            something_there(&tx, account, &limits).await?;
            if store::alive(&tx, account).await? >= rules::MOST_TOKENS {
                return Err(Error::refused(Why::TooMany { limit: rules::MOST_TOKENS }));
            }
            let change = store::create(&tx, &permit, action, service, row, &limits).await?;
            let id = tx.commit(change).await?;
            shown = Some(token);
            Ok(id)
        })
        .await?;
        Ok(ApiTokenCreatePayload { token: shown, ..payload })
    }

    /// Revokes an API token: it holds no more with the next request. Whose it is, and whoever manages the service. In
    /// person, not by API token.
    async fn api_token_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token.")] input: ApiTokenRevokeInput,
    ) -> Result<ApiTokenRevokePayload> {
        answer(ctx, async {
            let tx = Front::of(ctx).begin().await?;
            let id = input.id.of(Kind::ApiToken).at("id")?;
            let seen: Seen<Model> = tx.seen(Kind::ApiToken, id).await.at("id")?;
            let service = services::of_account(&tx, seen.account_id).await?;
            let service = service.as_deref();
            let (action, permit) = permit(&tx, service)?;
            let reason = text::optional(input.reason.as_deref(), text::LONGEST).at("reason")?;
            let change = store::revoke(&tx, &permit, action, service, &seen).await?;
            tx.commit(change.because(reason)).await
        })
        .await
    }
}

/// The right to look after the tokens of a service, or one's own.
fn permit(tx: &Tx, service: Option<&service_account::Model>) -> Result<(Action, Permit)> {
    let (action, target) = match service {
        Some(service) => (Action::ServiceAccountManage, services::target(service)),
        None => (Action::TokenManageOwn, Target::default()),
    };
    Ok((action, tx.permit(action, &target)?))
}

/// Refuses a token for a service that may more than the viewer may give: the token would give it to them.
async fn may_give_all(tx: &Tx, service: &service_account::Model) -> Result<()> {
    for (group, role) in services::seats(tx, service.id).await? {
        let seen = tx.seen::<coordination_group::Model>(Kind::Group, group).await;
        let group = seen.map_err(|e| match e {
            Error::Refused(_) => Error::refused(Why::Denied),
            other => other,
        })?;
        grant::permit_to_give(tx.actor(), role, &group, &[])?;
    }
    Ok(())
}

fn row(tx: &Tx, account: Uuid, token: &str, input: &ApiTokenCreateInput) -> Result<Model> {
    let now = tx.now();
    rules::life(now, input.expires_at.0)?;
    Ok(Model {
        id: id::new(),
        account_id: account,
        name: text::required(&input.name, text::LONGEST_NAME).at("name")?,
        digest: digest(token),
        scopes: rules::words(&rules::scopes(input.scopes.iter().map(|s| (*s).into()))),
        created_by_id: tx.actor().account_id,
        created_at: now,
        expires_at: input.expires_at.0,
        revoked_at: None,
        last_used_at: None,
        version: 1,
        updated_at: now,
    })
}

/// Where the token is to hold: what the viewer sees.
async fn limits(tx: &Tx, input: &ApiTokenCreateInput) -> Result<Limits> {
    let mut limits = Limits::default();
    for (list, field) in [(&input.groups, "groups"), (&input.operations, "operations")] {
        if list.as_ref().is_some_and(|l| l.len() > rules::MOST_SEATS) {
            return Err(Error::refused(Why::TooMany { limit: rules::MOST_SEATS }).at(field));
        }
        // an empty list would hold everywhere: whoever gives one means something else
        if list.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::refused(Why::Required).at(field));
        }
    }
    for (number, id) in input.groups.iter().flatten().enumerate() {
        let path = format!("groups.{number}");
        let group: Seen<coordination_group::Model> =
            tx.seen(Kind::Group, id.of(Kind::Group).at(&path)?).await.at(&path)?;
        limits.groups.push(group.id);
    }
    for (number, id) in input.operations.iter().flatten().enumerate() {
        let path = format!("operations.{number}");
        let operation: Seen<operation::Model> =
            tx.seen(Kind::Operation, id.of(Kind::Operation).at(&path)?).await.at(&path)?;
        limits.operations.push(operation.id);
    }
    Ok(limits)
}

/// Refuses limits to where the account has nothing: the token would be good for nothing there.
async fn something_there(tx: &Tx, account: Uuid, limits: &Limits) -> Result<()> {
    let holder: Actor = principal_of(tx, account).await?.ok_or_else(|| {
        let (from, allowed) = (rules::state(false).to_owned(), rules::allowed(false));
        Error::refused(Why::State { from, allowed }).at("account")
    })?;
    for (number, group) in limits.groups.iter().enumerate() {
        if !holder.seats.iter().any(|s| s.group_id == *group) {
            return Err(Error::rule(Rule::NoSeat).at(&format!("groups.{number}")));
        }
    }
    for (number, operation) in limits.operations.iter().enumerate() {
        let seated = holder.seats.iter().any(|s| s.operation_id == *operation);
        if !seated && !holder.managed.contains(operation) {
            return Err(Error::rule(Rule::NoSeat).at(&format!("operations.{number}")));
        }
    }
    Ok(())
}
