//! Changing a password, and one-time links for a forgotten one.

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{AccountKind, GrantKind};
use entity::{account, account_grant, password_reset};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::session::{revoke_all, signed_in};
use super::sign_in::{forget_devices, still};
use super::throttle::{self, Attempt};
use super::{owner, second_factor};
use crate::account::rules;
use crate::auth::{password, token};
use crate::db::{Change, Tx};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::Front;
use crate::id::{self, Kind};

/// How long a link for a forgotten password holds.
const LINK_LIFE: TimeDelta = TimeDelta::minutes(60);

/// Whether the viewer knows their password. A wrong one counts as a failure of this sign-in, so that
/// whoever found an open screen cannot guess on.
///
/// # Errors
/// `WRONG_PASSWORD` at `field`, `THROTTLED`, `UNAUTHENTICATED`, `PERMISSION_DENIED` for services.
pub(super) async fn prove(front: &Front<'_>, given: &str, field: &str) -> Result<(account::Model, Attempt)> {
    let (account, session) = signed_in(front)?;
    let turn = password::queue()?;
    let attempt = throttle::begin_signed_in(front, session).await?;
    let row = account::Entity::find_by_id(account).one(front.reader().db().unscoped()).await?;
    let row = row.ok_or(Error::Unauthenticated)?;
    if password::verify(turn, given, row.password_hash.clone()).await? {
        Ok((row, attempt))
    } else {
        Err(Error::rule(Rule::WrongPassword)).at(field)
    }
}

/// Sets a new password, and ends all other sign-ins of the viewer.
///
/// # Errors
/// `WRONG_PASSWORD`, `WEAK_PASSWORD`, `THROTTLED`.
pub async fn change_password(front: &Front<'_>, current: &str, new: &str) -> Result<()> {
    let (_, session) = signed_in(front)?;
    let actor = front.actor();
    password::check(new, &[&actor.email, &actor.display_name]).at("newPassword")?;
    let (account, attempt) = prove(front, current, "currentPassword").await?;
    let hash = password::hash(new).await?;
    let tx = front.begin_apart().await?;
    still(&tx, &account).await?;
    attempt.succeeded(&tx).await?;
    set_password(&tx, account.id, hash).await?;
    let revoked = revoke_all(&tx, account.id, Some(session)).await?;
    let change = Change::new("passwordChange", Kind::Account, account.id);
    tx.commit(change.detail(json!({ "revoked": revoked }))).await?;
    Ok(())
}

/// Writes the hash; links for a forgotten password hold no more.
async fn set_password(tx: &Tx, account: Uuid, hash: String) -> Result<()> {
    account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, Expr::value(hash))
        .col_expr(account::Column::UpdatedAt, Expr::value(tx.now()))
        .col_expr(account::Column::Version, Expr::col(account::Column::Version).add(1))
        .filter(account::Column::Id.eq(account))
        .exec(tx.conn())
        .await?;
    spend_links(tx, account).await
}

async fn spend_links(tx: &Tx, account: Uuid) -> Result<()> {
    password_reset::Entity::update_many()
        .col_expr(password_reset::Column::UsedAt, Expr::value(tx.now()))
        .filter(password_reset::Column::AccountId.eq(account))
        .filter(password_reset::Column::UsedAt.is_null())
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// A link for a forgotten password. Shown once.
pub struct Issued {
    /// What `passwordReset` takes.
    pub token: String,
    /// Until when it holds, UTC.
    pub expires_at: DateTime<Utc>,
}

/// Issues a link, by an administrator.
///
/// # Errors
/// `PERMISSION_DENIED` for others, for oneself and for other administrators; `NOT_FOUND`.
pub async fn issue_reset(front: &Front<'_>, account: Uuid) -> Result<Issued> {
    signed_in(front)?;
    let tx = front.begin_apart().await?;
    looked_after(&tx, account).await.at("account")?;
    issue(tx, account, false).await
}

/// Locks an account that the viewer looks after as an administrator.
///
/// # Errors
/// `PERMISSION_DENIED`, `NOT_FOUND`.
pub(super) async fn looked_after(tx: &Tx, account: Uuid) -> Result<account::Model> {
    // whoever is no administrator learns nothing of which accounts there are
    if !tx.actor().is_admin {
        return Err(Error::refused(Why::Denied));
    }
    let found = account::Entity::find_by_id(account).lock(LockType::NoKeyUpdate).one(tx.conn()).await?;
    let found = found.filter(|a| a.is_active && a.kind == AccountKind::Person);
    let found = found.ok_or_else(|| Error::not_found(Kind::Account))?;
    let admin = account_grant::Entity::find()
        .filter(account_grant::Column::AccountId.eq(account))
        .filter(account_grant::Column::Kind.eq(GrantKind::Admin))
        .one(tx.conn())
        .await?;
    let is_oneself = tx.actor().account_id == Some(account);
    if !rules::may_look_after(tx.actor().is_admin, is_oneself, admin.is_some()) {
        return Err(Error::refused(Why::Denied));
    }
    Ok(found)
}

/// Issues a link from the command line; `with_second_factor`: the second factor is lost, too.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn issue_reset_for(tx: Tx, email: &str, with_second_factor: bool) -> Result<Issued> {
    let account = owner::locked(&tx, email).await?;
    if !account.is_active || account.kind != AccountKind::Person {
        return Err(Error::not_found(Kind::Account));
    }
    issue(tx, account.id, with_second_factor).await
}

/// One link is alive at a time: the account is locked, earlier ones hold no more.
async fn issue(tx: Tx, account: Uuid, with_second_factor: bool) -> Result<Issued> {
    spend_links(&tx, account).await?;
    if with_second_factor {
        second_factor::forget(&tx, account).await?;
    }
    let (token, expires_at) = (token::random(), tx.now() + LINK_LIFE);
    tx.insert(password_reset::Model {
        id: id::new(),
        account_id: account,
        digest: token::digest(&token),
        created_by_id: tx.actor().account_id,
        created_at: tx.now(),
        expires_at,
        used_at: None,
    })
    .await?;
    let change = Change::new("passwordResetIssue", Kind::Account, account);
    tx.commit(change.detail(json!({ "secondFactorRemoved": with_second_factor }))).await?;
    Ok(Issued { token, expires_at })
}

/// Sets a new password by a link. Ends all sign-ins of the account and forgets its devices.
///
/// # Errors
/// `UNAUTHENTICATED`: the link does not hold (any more); `WEAK_PASSWORD`, and the link holds on;
/// `THROTTLED`.
pub async fn reset_password(front: &Front<'_>, given: &str, new: &str) -> Result<()> {
    let attempt = throttle::begin_unknown(front).await?;
    let db = front.reader().db().unscoped();
    let link = password_reset::Entity::find()
        .filter(password_reset::Column::Digest.eq(token::digest(given)))
        .filter(password_reset::Column::UsedAt.is_null())
        .filter(password_reset::Column::ExpiresAt.gt(front.now()));
    let link = link.one(db).await?.ok_or(Error::Unauthenticated)?;
    let account = account::Entity::find_by_id(link.account_id).one(db).await?;
    let account = account.filter(|a| a.is_active).ok_or(Error::Unauthenticated)?;
    password::check(new, &[&account.email, &account.display_name]).at("newPassword")?;
    let hash = password::hash(new).await?;
    let tx = front.begin_as(account.id).await?;
    still(&tx, &account).await?;
    // the WHERE decides: of two simultaneous uses one finds the link spent
    let spent = password_reset::Entity::update_many()
        .col_expr(password_reset::Column::UsedAt, Expr::value(tx.now()))
        .filter(password_reset::Column::Id.eq(link.id))
        .filter(password_reset::Column::UsedAt.is_null())
        .filter(password_reset::Column::ExpiresAt.gt(tx.now()))
        .exec(tx.conn())
        .await?;
    if spent.rows_affected == 0 {
        return Err(Error::Unauthenticated);
    }
    attempt.succeeded(&tx).await?;
    set_password(&tx, account.id, hash).await?;
    let revoked = revoke_all(&tx, account.id, None).await?;
    forget_devices(&tx, account.id).await?;
    let change = Change::new("passwordReset", Kind::Account, account.id);
    tx.commit(change.detail(json!({ "revoked": revoked }))).await?;
    Ok(())
}
