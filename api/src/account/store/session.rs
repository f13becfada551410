//! Sign-ins and their refresh tokens (RFC 9700): each token holds once, a reused one ends the sign-in.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::SessionMethod;
use entity::{account, refresh_token, session};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, UpdateMany};
use serde_json::json;
use uuid::Uuid;

use crate::account::rules;
use crate::auth::{Scope, token};
use crate::db::visible::{col, nothing};
use crate::db::{Change, Direction, Order, SortColumn, SortKind, Tx, Where, table};
use crate::error::{At, Error, Result};
use crate::graphql::Front;
use crate::id::{self, Kind};

table!(session, own);

/// One's own sign-ins, and nobody else's.
fn own(scope: &Scope, alias: &str) -> Condition {
    match scope.actor().account_id {
        Some(account) => Condition::all().add(col(alias, "account_id").eq(account)),
        None => nothing(),
    }
}

/// The sign-ins that have not ended.
#[must_use]
pub fn alive(now: DateTime<Utc>) -> Where {
    Where::is_null("revoked_at", true).and(Where::gt("expires_at", now))
}

/// The latest sign-in first.
#[must_use]
pub fn order() -> Order {
    Order(vec![(SortColumn { name: "created_at", kind: SortKind::Instant }, Direction::Descending)])
}

/// For how long a client whose answer got lost may send a spent refresh token again.
const LOST_ANSWER: TimeDelta = TimeDelta::seconds(60);

/// For how long a sign-in that has expired is kept: until then a spent token of it is known for one.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Forgets sign-ins that expired long ago, with their refresh tokens.
pub(super) async fn forget_sessions(tx: &Tx) -> Result<()> {
    let old = session::Column::ExpiresAt.lt(tx.now() - KEPT);
    let theirs =
        Query::select().column(session::Column::Id).from(session::Entity).and_where(old.clone()).take();
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::SessionId.in_subquery(theirs))
        .exec(tx.conn())
        .await?;
    session::Entity::delete_many().filter(old).exec(tx.conn()).await?;
    Ok(())
}

/// A pair of tokens.
#[derive(Debug)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// Until when it holds.
    pub expires: DateTime<Utc>,
    /// The refresh token.
    pub refresh: String,
}

/// A new sign-in.
pub(super) fn new_session(account: Uuid, method: SessionMethod, now: DateTime<Utc>) -> session::Model {
    session::Model {
        id: id::new(),
        account_id: account,
        created_at: now,
        expires_at: now + token::SESSION_IDLE,
        revoked_at: None,
        method,
        second_factor: false,
        client: None,
        last_used_at: Some(now),
    }
}

/// The same with what its client calls itself.
pub(super) fn named(front: &Front<'_>, row: session::Model) -> session::Model {
    let client = front.origin().agent.as_deref().and_then(rules::client_name);
    session::Model { client, ..row }
}

/// Opens a sign-in for somebody whom an issuer of OpenID Connect vouches for.
///
/// # Errors
/// `Internal`, logged.
pub async fn open_by_openid(front: &Front<'_>, tx: &Tx, account: Uuid) -> Result<Tokens> {
    let row = named(front, new_session(account, SessionMethod::Openid, tx.now()));
    let session = row.id;
    tx.insert(row).await?;
    next_pair(front, tx, account, session).await
}

/// The first pair of tokens of a sign-in.
pub(super) async fn next_pair(front: &Front<'_>, tx: &Tx, account: Uuid, session: Uuid) -> Result<Tokens> {
    pair_after(front, tx, account, session, None).await
}

async fn pair_after(
    front: &Front<'_>,
    tx: &Tx,
    account: Uuid,
    session: Uuid,
    parent_id: Option<Uuid>,
) -> Result<Tokens> {
    let refresh = token::random();
    tx.insert(refresh_token::Model {
        id: id::new(),
        session_id: session,
        digest: token::digest(&refresh),
        created_at: tx.now(),
        used_at: None,
        parent_id,
        discarded_at: None,
    })
    .await?;
    let (access, expires) = token::issue(&front.signing_key()?, account, session, tx.now())?;
    Ok(Tokens { access, expires, refresh })
}

/// Exchanges a refresh token for the next pair. A spent one ends the whole sign-in (RFC 9700), unless
/// it was spent a moment ago and nobody has used what it gave: then that answer got lost, what it held
/// is discarded, and there is another pair. So at most one token of a sign-in is alive at any time.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub async fn refresh(front: &Front<'_>, given: &str) -> Result<Tokens> {
    let tx = front.begin_apart().await?;
    let digest = token::digest(given);
    let by_digest =
        || refresh_token::Entity::find().filter(refresh_token::Column::Digest.eq(digest.as_str()));
    let known = by_digest().one(tx.conn()).await?.ok_or(Error::Unauthenticated)?;
    // whatever else happens to this sign-in waits, so that what is read below still stands at the commit
    let session = session::Entity::find_by_id(known.session_id).lock(LockType::NoKeyUpdate);
    let session = session.one(tx.conn()).await?.filter(|s| s.revoked_at.is_none() && s.expires_at > tx.now());
    let session = session.ok_or(Error::Unauthenticated)?;
    let active = account::Entity::find_by_id(session.account_id).one(tx.conn()).await?;
    if !active.is_some_and(|a| a.is_active) {
        return Err(Error::Unauthenticated);
    }
    let given = by_digest().one(tx.conn()).await?.ok_or(Error::Unauthenticated)?;
    if !(spend(&tx, given.id).await? || (is_fresh(&given, tx.now()) && discard_unseen(&tx, given.id).await?))
    {
        let session = session.id;
        revoke(&tx, |all| all.filter(session::Column::Id.eq(session))).await?;
        tx.commit(Change::new("sessionReuse", Kind::Session, session)).await?;
        return Err(Error::Unauthenticated);
    }
    let until = std::cmp::min(tx.now() + token::SESSION_IDLE, session.created_at + token::SESSION_LIFE);
    session::Entity::update_many()
        .col_expr(session::Column::LastUsedAt, Expr::value(tx.now()))
        .col_expr(session::Column::ExpiresAt, Expr::value(until))
        .filter(session::Column::Id.eq(session.id))
        .exec(tx.conn())
        .await?;
    let tokens = pair_after(front, &tx, session.account_id, session.id, Some(given.id)).await?;
    tx.commit_unrecorded().await?;
    Ok(tokens)
}

/// Spends a token that is alive; whether it was. The WHERE decides.
async fn spend(tx: &Tx, token: Uuid) -> Result<bool> {
    let spent = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(tx.now()))
        .filter(refresh_token::Column::Id.eq(token))
        .filter(refresh_token::Column::UsedAt.is_null())
        .filter(refresh_token::Column::DiscardedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(spent.rows_affected == 1)
}

fn is_fresh(token: &refresh_token::Model, now: DateTime<Utc>) -> bool {
    token.discarded_at.is_none() && token.used_at.is_some_and(|at| now - at <= LOST_ANSWER)
}

/// Discards what a spent token gave, if nobody has used it; whether there was such a token.
async fn discard_unseen(tx: &Tx, parent: Uuid) -> Result<bool> {
    let discarded = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::DiscardedAt, Expr::value(tx.now()))
        .filter(refresh_token::Column::ParentId.eq(parent))
        .filter(refresh_token::Column::UsedAt.is_null())
        .filter(refresh_token::Column::DiscardedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(discarded.rows_affected == 1)
}

/// Ends sign-ins that have not ended; how many.
async fn revoke(
    tx: &Tx,
    which: impl FnOnce(UpdateMany<session::Entity>) -> UpdateMany<session::Entity>,
) -> Result<u64> {
    let alive = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(tx.now()))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(tx.now()));
    Ok(which(alive).exec(tx.conn()).await?.rows_affected)
}

/// Ends the sign-ins of an account, all or all but one; how many.
pub(super) async fn revoke_all(tx: &Tx, account: Uuid, but: Option<Uuid>) -> Result<u64> {
    revoke(tx, |all| {
        let all = all.filter(session::Column::AccountId.eq(account));
        match but {
            Some(session) => all.filter(session::Column::Id.ne(session)),
            None => all,
        }
    })
    .await
}

/// Ends the viewer's sign-in.
///
/// # Errors
/// `Internal`, logged.
pub async fn sign_out(front: &Front<'_>) -> Result<()> {
    let Some(session) = front.actor().session_id else { return Ok(()) };
    let tx = front.begin_apart().await?;
    revoke(&tx, |all| all.filter(session::Column::Id.eq(session))).await?;
    tx.commit(Change::new("signOut", Kind::Session, session)).await?;
    Ok(())
}

/// Account and sign-in of a viewer who signed in here: a token of a service or of another issuer does
/// not look after an account.
///
/// # Errors
/// `UNAUTHENTICATED`, `PERMISSION_DENIED`.
pub(super) fn signed_in(front: &Front<'_>) -> Result<(Uuid, Uuid)> {
    match (front.actor().account_id, front.actor().session_id) {
        (Some(account), Some(session)) => Ok((account, session)),
        (Some(_), None) => Err(Error::refused(crate::error::Why::Denied)),
        (None, _) => Err(Error::Unauthenticated),
    }
}

/// Ends one of the viewer's sign-ins.
///
/// # Errors
/// `NOT_FOUND`: not theirs, or ended.
pub async fn revoke_session(front: &Front<'_>, id: Uuid) -> Result<()> {
    let (account, _) = signed_in(front)?;
    let tx = front.begin_apart().await?;
    let which = Condition::all().add(session::Column::Id.eq(id)).add(session::Column::AccountId.eq(account));
    if revoke(&tx, |all| all.filter(which)).await? == 0 {
        return Err(Error::not_found(Kind::Session)).at("id");
    }
    tx.commit(Change::new("sessionRevoke", Kind::Session, id)).await?;
    Ok(())
}

/// Ends the viewer's sign-ins, all or all but this one; how many.
///
/// # Errors
/// `UNAUTHENTICATED`, `Internal`.
pub async fn revoke_all_sessions(front: &Front<'_>, keep_current: bool) -> Result<u64> {
    let (account, session) = signed_in(front)?;
    let tx = front.begin_apart().await?;
    let count = revoke_all(&tx, account, keep_current.then_some(session)).await?;
    let change = Change::new("sessionRevokeAll", Kind::Account, account);
    tx.commit(change.detail(json!({ "revoked": count }))).await?;
    Ok(count)
}

/// Opens a sign-in for the command line that lasts as long as the command.
///
/// # Errors
/// `Internal`, logged.
pub async fn open_session(tx: Tx, account: Uuid) -> Result<Uuid> {
    let row = new_session(account, SessionMethod::CommandLine, tx.now());
    let session = row.id;
    tx.insert(row).await?;
    tx.commit_unrecorded().await?;
    Ok(session)
}

/// Ends a sign-in of the command line.
///
/// # Errors
/// `Internal`, logged.
pub async fn close_session(tx: Tx, session: Uuid) -> Result<()> {
    revoke(&tx, |all| all.filter(session::Column::Id.eq(session))).await?;
    tx.commit_unrecorded().await
}
