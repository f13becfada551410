//! Signing in with address and password.

use entity::enums::SessionMethod;
use entity::{account, device, session};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::session::{Tokens, named, new_session, next_pair};
use super::{second_factor, throttle};
use crate::auth::{password, token};
use crate::db::{Change, Tx};
use crate::error::{At, Error, Result, Rule};
use crate::graphql::Front;
use crate::id::{self, Kind};
use crate::text::fold;

/// So many devices of an account are remembered; the longest unused one is forgotten.
const MOST_DEVICES: u64 = 20;

/// What somebody gives who wants to sign in.
pub struct Asked<'a> {
    /// The address.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// The code of the second factor, or a recovery code.
    pub code: Option<&'a str>,
    /// What an earlier sign-in gave to be remembered by.
    pub device_token: Option<&'a str>,
    /// Whether the client wants to be remembered.
    pub remember: bool,
}

/// What somebody gets who signed in.
pub struct SignedIn {
    /// The pair of tokens.
    pub tokens: Tokens,
    /// What the client is remembered by, if it asked.
    pub device_token: Option<String>,
}

/// Signs in.
///
/// # Errors
/// `UNAUTHENTICATED`: the same for an unknown address and a wrong password, with the same work.
/// `THROTTLED`, before the password is looked at. `SECOND_FACTOR_REQUIRED` and `WRONG_CODE` after the
/// right password.
pub async fn sign_in(front: &Front<'_>, asked: &Asked<'_>) -> Result<SignedIn> {
    let db = front.reader().db();
    let found = account::Entity::find()
        .filter(account::Column::EmailFolded.eq(fold(asked.email)))
        .filter(account::Column::IsActive.eq(true))
        .one(db.unscoped())
        .await?;
    let device = known_device(front, found.as_ref().map(|a| a.id), asked.device_token).await?;
    let turn = password::queue()?;
    let attempt = throttle::begin(front, &fold(asked.email), device.as_ref().map(|d| d.id)).await?;
    let hash = found.as_ref().and_then(|a| a.password_hash.clone());
    let fits = password::verify(turn, asked.password, hash).await?;
    let about = found.as_ref().map_or(Uuid::nil(), |a| a.id);
    let Some(account) = found.filter(|_| fits) else {
        record_failure(front, about).await?;
        return Err(Error::Unauthenticated);
    };
    let tx = front.begin_as(account.id).await?;
    still(&tx, &account).await?;
    let factor = second_factor::active(&tx, account.id).await?;
    match (&factor, asked.code) {
        (Some(_), None) => {
            attempt.take_back(&tx).await?;
            tx.commit_unrecorded().await?;
            return Err(Error::rule(Rule::SecondFactorRequired)).at("code");
        }
        (Some(factor), Some(code)) if !second_factor::accept(&tx, factor, code).await? => {
            drop(tx);
            record_failure(front, account.id).await?;
            return Err(Error::rule(Rule::WrongCode)).at("code");
        }
        _ => {}
    }
    attempt.succeeded(&tx).await?;
    let row = new_session(account.id, SessionMethod::Password, tx.now());
    let row = session::Model { second_factor: factor.is_some(), ..named(front, row) };
    let session = row.id;
    let detail = json!({ "session": Kind::Session.id(session), "secondFactor": row.second_factor });
    tx.insert(row).await?;
    let tokens = next_pair(front, &tx, account.id, session).await?;
    let device_token = remember(&tx, account.id, device, asked).await?;
    tx.commit(Change::new("signIn", Kind::Account, account.id).detail(detail)).await?;
    crate::invitation::redeem(db, account.id, front.now()).await;
    Ok(SignedIn { tokens, device_token })
}

/// One record of a failure. It names the account if there is one, never what was typed.
async fn record_failure(front: &Front<'_>, account: Uuid) -> Result<()> {
    front.begin_apart().await?.commit(Change::new("signInFailed", Kind::Account, account)).await?;
    Ok(())
}

/// Locks the account and sees that it still is what the password was compared with: nobody changed
/// the password or deactivated the account while it was hashed.
pub(super) async fn still(tx: &Tx, seen: &account::Model) -> Result<()> {
    let now = account::Entity::find_by_id(seen.id).lock(LockType::NoKeyUpdate).one(tx.conn()).await?;
    let same = now.is_some_and(|a| {
        a.is_active && a.password_hash == seen.password_hash && a.email_folded == seen.email_folded
    });
    if same { Ok(()) } else { Err(Error::Unauthenticated) }
}

/// The account's device with this token.
async fn known_device(
    front: &Front<'_>,
    account: Option<Uuid>,
    given: Option<&str>,
) -> Result<Option<device::Model>> {
    let Some(given) = given else { return Ok(None) };
    let found = device::Entity::find().filter(device::Column::Digest.eq(token::digest(given)));
    let found = found.one(front.reader().db().unscoped()).await?;
    Ok(found.filter(|d| Some(d.account_id) == account))
}

/// Remembers the device: the one that is known, or, if the client asks for it, a new one.
async fn remember(
    tx: &Tx,
    account: Uuid,
    known: Option<device::Model>,
    asked: &Asked<'_>,
) -> Result<Option<String>> {
    if let Some(device) = known {
        device::Entity::update_many()
            .col_expr(device::Column::LastUsedAt, Expr::value(tx.now()))
            .filter(device::Column::Id.eq(device.id))
            .exec(tx.conn())
            .await?;
        return Ok(asked.device_token.map(str::to_owned));
    }
    if !asked.remember {
        return Ok(None);
    }
    let given = token::random();
    tx.insert(device::Model {
        id: id::new(),
        account_id: account,
        digest: token::digest(&given),
        created_at: tx.now(),
        last_used_at: tx.now(),
    })
    .await?;
    let own = device::Entity::find().filter(device::Column::AccountId.eq(account));
    let newest = own.order_by_desc(device::Column::LastUsedAt).order_by_desc(device::Column::Id);
    let kept: Vec<Uuid> =
        newest.limit(MOST_DEVICES).all(tx.conn()).await?.into_iter().map(|d| d.id).collect();
    device::Entity::delete_many()
        .filter(device::Column::AccountId.eq(account))
        .filter(device::Column::Id.is_not_in(kept))
        .exec(tx.conn())
        .await?;
    Ok(Some(given))
}

/// Forgets the devices of an account.
pub(super) async fn forget_devices(tx: &Tx, account: Uuid) -> Result<()> {
    tx.clear::<device::Entity>(device::Column::AccountId, account).await
}
