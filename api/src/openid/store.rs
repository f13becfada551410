//! The only SQL for sign-ins through OpenID Connect and for the identities that accounts are linked to.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{AccountKind, InvitationStatus, SessionMethod};
use entity::openid_flow::{Column as Flow, Entity as Flows, Model as FlowModel};
use entity::openid_identity::{Column, Entity, Model};
use entity::{account, invitation, session};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::client::{Arrival, Departure};
use super::flow::LIFE;
use crate::account::new_row;
use crate::auth::{Action, Permit, Scope, token};
use crate::db::visible::{col, nothing};
use crate::db::{Change, Dialect, Direction, Order, Seen, SortColumn, SortKind, Tx, table};
use crate::error::{Error, Result, Rule};
use crate::id::{self, Kind};
use crate::text::{self, fold};

table!(openid_identity, visible);

/// One's own.
fn visible(scope: &Scope, alias: &str) -> Condition {
    match scope.actor().account_id {
        Some(me) => Condition::all().add(col(alias, "account_id").eq(me)),
        None => nothing(),
    }
}

/// The oldest first.
pub fn order() -> Order {
    Order(vec![(SortColumn { name: "created_at", kind: SortKind::Instant }, Direction::Ascending)])
}

/// The part of a flow that the issuer decides.
pub fn blank(issuer: &str, departure: &Departure, now: DateTime<Utc>) -> FlowModel {
    FlowModel {
        id: id::new(),
        state_digest: String::new(),
        browser_digest: None,
        issuer: issuer.to_owned(),
        nonce: departure.nonce.clone(),
        verifier: departure.verifier.clone(),
        account_id: None,
        return_to: None,
        subject: None,
        code_digest: None,
        code_expires_at: None,
        created_at: now,
        used_at: None,
        expires_at: now + LIFE,
    }
}

/// Writes a flow down; those that nobody finished in time go.
///
/// # Errors
/// `Internal`, logged.
pub async fn insert(tx: &Tx, flow: FlowModel) -> Result<()> {
    Flows::delete_many().filter(Flow::ExpiresAt.lte(tx.now())).exec(tx.conn()).await?;
    tx.insert(flow).await
}

/// Begins a link: the ticket with which a browser comes for it.
///
/// # Errors
/// `Internal`, logged.
pub async fn ticket(tx: &Tx, account: Uuid, issuer: &str, return_to: &str) -> Result<String> {
    let (ticket, now) = (token::random(), tx.now());
    let flow = FlowModel {
        id: id::new(),
        state_digest: token::digest(&ticket),
        browser_digest: None,
        issuer: issuer.to_owned(),
        nonce: String::new(),
        verifier: String::new(),
        account_id: Some(account),
        return_to: Some(return_to.to_owned()),
        subject: None,
        code_digest: None,
        code_expires_at: None,
        created_at: now,
        used_at: None,
        expires_at: now + LIFE,
    };
    insert(tx, flow).await?;
    Ok(ticket)
}

/// The flow that meets the condition, taken away: once.
async fn redeem(tx: &Tx, condition: Condition) -> Result<FlowModel> {
    let found = Flows::find().filter(condition).filter(Flow::ExpiresAt.gt(tx.now())).one(tx.conn()).await?;
    let flow = found.ok_or(Error::Unauthenticated)?;
    // of two at once, one finds the row gone
    let gone = flow.clone().delete(tx.conn()).await?;
    if gone.rows_affected == 1 { Ok(flow) } else { Err(Error::Unauthenticated) }
}

/// The link that this ticket began; the ticket is spent.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub async fn redeem_ticket(tx: &Tx, ticket: &str) -> Result<FlowModel> {
    let mine = Flow::StateDigest.eq(token::digest(ticket));
    redeem(tx, Condition::all().add(mine).add(Flow::BrowserDigest.is_null())).await
}

/// The flow of somebody who came back, by our code, in the browser where it began; the code is spent.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub async fn redeem_code(tx: &Tx, code: &str, browser: Option<&str>) -> Result<FlowModel> {
    let browser = browser.ok_or(Error::Unauthenticated)?;
    let mine = Condition::all()
        .add(Flow::CodeDigest.eq(token::digest(code)))
        .add(Flow::BrowserDigest.eq(token::digest(browser)))
        .add(Flow::CodeExpiresAt.gt(tx.now()));
    redeem(tx, mine).await
}

/// The flow of this state and browser; it cannot be taken again.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub async fn take(tx: &Tx, state: &str, browser: &str) -> Result<FlowModel> {
    let mine = Condition::all()
        .add(Flow::StateDigest.eq(token::digest(state)))
        .add(Flow::BrowserDigest.eq(token::digest(browser)))
        .add(Flow::ExpiresAt.gt(tx.now()))
        .add(Flow::UsedAt.is_null());
    let taken = Flows::update_many()
        .col_expr(Flow::UsedAt, Expr::value(tx.now()))
        .filter(mine)
        .exec(tx.conn())
        .await?;
    if taken.rows_affected == 0 {
        return Err(Error::Unauthenticated);
    }
    let flow = Flows::find().filter(Flow::StateDigest.eq(token::digest(state))).one(tx.conn()).await?;
    flow.ok_or(Error::Unauthenticated)
}

/// Who came back, and the code that stands for them.
///
/// # Errors
/// `Internal`, logged.
pub async fn arrived(tx: &Tx, flow: Uuid, subject: &str, code: &str, life: TimeDelta) -> Result<()> {
    Flows::update_many()
        .col_expr(Flow::Subject, Expr::value(subject))
        .col_expr(Flow::CodeDigest, Expr::value(token::digest(code)))
        .col_expr(Flow::CodeExpiresAt, Expr::value(tx.now() + life))
        .filter(Flow::Id.eq(flow))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Whose account an identity is linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// One that may sign in.
    Active(Uuid),
    /// One that may not.
    Inactive(Uuid),
    /// None.
    Nobody,
}

/// Whose account an identity is linked to.
///
/// # Errors
/// `Internal`, logged.
pub async fn account_of(tx: &Tx, issuer: &str, subject: &str) -> Result<Linked> {
    let link = Entity::find().filter(identity(issuer, subject)).one(tx.conn()).await?;
    let Some(link) = link else { return Ok(Linked::Nobody) };
    let account = account::Entity::find_by_id(link.account_id).one(tx.conn()).await?;
    let active = account.filter(|a| a.is_active && a.kind == AccountKind::Person);
    Ok(active.map_or(Linked::Inactive(link.account_id), |a| Linked::Active(a.id)))
}

fn identity(issuer: &str, subject: &str) -> Condition {
    Condition::all().add(Column::Issuer.eq(issuer)).add(Column::Subject.eq(subject))
}

/// Makes an account of an open invitation to the address that the issuer has verified, linked to the identity.
/// It has no seat yet: its invitations become memberships at the sign-in that follows. `None` if nobody invited
/// the address, or an account has it already, which only its holder may link.
///
/// # Errors
/// `Internal`, logged.
pub async fn welcome(tx: &Tx, issuer: &str, arrival: &Arrival) -> Result<Option<Change>> {
    let Some(email) = arrival.verified_email.as_deref().and_then(|e| text::email(e).ok()) else {
        return Ok(None);
    };
    let invited = invitation::Entity::find()
        .filter(invitation::Column::EmailFolded.eq(fold(&email)))
        .filter(invitation::Column::Status.eq(InvitationStatus::Open))
        .filter(invitation::Column::ExpiresAt.gt(tx.now()))
        .order_by_asc(invitation::Column::CreatedAt)
        .one(tx.conn())
        .await?;
    let has_it = account::Column::EmailFolded.eq(fold(&email));
    let known = account::Entity::find().filter(has_it).one(tx.conn()).await?;
    let (Some(invited), None) = (invited, known) else { return Ok(None) };
    let account = new_row(tx, id::new(), email, invited.display_name);
    let change = Change::new("accountCreate", Kind::Account, account.id)
        .in_group(invited.group_id, invited.operation_id)
        .detail(serde_json::json!({ "by": "openid" }));
    let link = Model {
        id: id::new(),
        account_id: account.id,
        issuer: issuer.to_owned(),
        subject: arrival.subject.clone(),
        created_at: tx.now(),
        last_used_at: None,
    };
    tx.insert(account).await?;
    tx.insert(link).await?;
    Ok(Some(change))
}

/// Writes down that a sign-in failed: through which issuer, and on which account if there is one; never who the
/// issuer says it was.
///
/// # Errors
/// `Internal`, logged.
pub async fn record_failure(tx: Tx, issuer: &str, account: Uuid) -> Result<()> {
    let detail = serde_json::json!({ "by": "openid", "issuer": issuer });
    tx.commit(Change::new("signInFailed", Kind::Account, account).detail(detail)).await?;
    Ok(())
}

/// Writes down that somebody came in by this identity.
///
/// # Errors
/// `Internal`, logged.
pub async fn used(tx: &Tx, issuer: &str, subject: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(tx.now()))
        .filter(identity(issuer, subject))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Links an identity to an account. Linked to it already, nothing changes.
///
/// # Errors
/// `DUPLICATE` if it is linked to another account.
pub async fn link(tx: &Tx, permit: &Permit, account: Uuid, flow: &FlowModel) -> Result<(Uuid, bool)> {
    permit.covers(Action::TokenManageOwn, None)?;
    let subject = flow.subject.as_deref().ok_or(Error::Internal)?;
    let known = Entity::find().filter(identity(&flow.issuer, subject)).one(tx.conn()).await?;
    if let Some(own) = known.filter(|i| i.account_id == account) {
        return Ok((own.id, false));
    }
    let row = Model {
        id: id::new(),
        account_id: account,
        issuer: flow.issuer.clone(),
        subject: subject.to_owned(),
        created_at: tx.now(),
        last_used_at: None,
    };
    let link = row.id;
    tx.insert(row).await?;
    Ok((link, true))
}

/// Takes a link away, and ends the sign-ins through OpenID Connect but this one.
///
/// # Errors
/// `LAST_WAY_IN` if there is no password and no other link.
pub async fn unlink(tx: Tx, permit: &Permit, link: &Seen<Model>) -> Result<Uuid> {
    permit.covers(Action::TokenManageOwn, None)?;
    let mut find = account::Entity::find_by_id(link.account_id);
    if tx.dialect() == Dialect::Postgres {
        // of two links that go at once, one must stay
        find = find.lock_exclusive();
    }
    let account = find.one(tx.conn()).await?.ok_or(Error::Internal)?;
    let links = Entity::find().filter(Column::AccountId.eq(account.id)).count(tx.conn()).await?;
    if account.password_hash.is_none() && links < 2 {
        return Err(Error::rule(Rule::LastWayIn));
    }
    Entity::delete_by_id(link.id).exec(tx.conn()).await?;
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(tx.now()))
        .filter(session::Column::AccountId.eq(account.id))
        .filter(session::Column::Method.eq(SessionMethod::Openid))
        .filter(session::Column::RevokedAt.is_null())
        .filter(Expr::col(session::Column::Id).ne(tx.actor().session_id.unwrap_or_default()))
        .exec(tx.conn())
        .await?;
    tx.commit(Change::new("openidUnlink", Kind::OpenidIdentity, link.id)).await
}
