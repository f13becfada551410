//! The only SQL for accounts, grants, sign-ins and signing keys.

pub mod entry;
mod principal;

use chrono::{DateTime, Utc};
use entity::enums::{AccountKind, GrantKind, SessionMethod};
use entity::{account, account_grant, refresh_token, session, signing_key};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use secrecy::ExposeSecret;
use uuid::Uuid;

pub use self::principal::{Credential, principal};
use crate::auth::{password, token};
use crate::db::{Change, Db, Tx};
use crate::error::{At, Error, Result, Why};
use crate::graphql::Front;
use crate::id::{self, Kind};
use crate::text::{self, fold};

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

/// The signing keys that are alive; the first one signs. Makes one if there is none.
///
/// # Errors
/// `Internal`, logged.
pub async fn signing_keys(db: &Db, tx: Tx) -> Result<Vec<token::Key>> {
    let read = || {
        signing_key::Entity::find()
            .filter(signing_key::Column::RetiredAt.is_null())
            .order_by_desc(signing_key::Column::CreatedAt)
            .all(db.unscoped())
    };
    let mut rows = read().await?;
    if rows.is_empty() {
        let row = signing_key::Model {
            id: id::new(),
            secret: token::random() + &token::random(),
            created_at: tx.now(),
            retired_at: None,
        };
        tx.insert(row).await?;
        tx.commit_unrecorded().await?;
        rows = read().await?;
    }
    Ok(rows.into_iter().map(|r| token::Key { id: r.id, secret: r.secret.into() }).collect())
}

/// Signs in.
///
/// # Errors
/// `UNAUTHENTICATED`: the same for an unknown address and a wrong password.
pub async fn sign_in(front: &Front<'_>, email: &str, given: &str) -> Result<Tokens> {
    let found = account::Entity::find()
        .filter(account::Column::EmailFolded.eq(fold(email)))
        .filter(account::Column::IsActive.eq(true))
        .one(front.reader().db().unscoped())
        .await?;
    let hash = found.as_ref().and_then(|a| a.password_hash.clone());
    let fits = password::verify(given, hash).await?;
    let Some(account) = found.filter(|_| fits) else { return Err(Error::Unauthenticated) };
    let tx = front.begin().await?;
    let row = new_session(account.id, SessionMethod::Password, tx.now());
    let session = row.id;
    tx.insert(row).await?;
    let tokens = next_pair(front, &tx, account.id, session).await?;
    tx.commit_unrecorded().await?;
    crate::invitation::redeem(front.reader().db(), account.id, front.now()).await;
    Ok(tokens)
}

fn new_session(account: Uuid, method: SessionMethod, now: DateTime<Utc>) -> session::Model {
    session::Model {
        id: id::new(),
        account_id: account,
        created_at: now,
        expires_at: now + token::SESSION_LIFE,
        revoked_at: None,
        method,
        second_factor: false,
        client: None,
        last_used_at: None,
    }
}

async fn next_pair(front: &Front<'_>, tx: &Tx, account: Uuid, session: Uuid) -> Result<Tokens> {
    let refresh = token::random();
    tx.insert(refresh_token::Model {
        id: id::new(),
        session_id: session,
        digest: token::digest(&refresh),
        created_at: tx.now(),
        used_at: None,
        parent_id: None,
        discarded_at: None,
    })
    .await?;
    let (access, expires) = token::issue(front.signing_key()?, account, session, tx.now())?;
    Ok(Tokens { access, expires, refresh })
}

/// Exchanges a refresh token for the next pair. A spent one ends the whole sign-in (RFC 9700).
///
/// # Errors
/// `UNAUTHENTICATED`.
pub async fn refresh(front: &Front<'_>, given: &str) -> Result<Tokens> {
    let tx = front.begin().await?;
    let spent = refresh_token::Entity::find()
        .filter(refresh_token::Column::Digest.eq(token::digest(given)))
        .one(tx.conn())
        .await?
        .ok_or(Error::Unauthenticated)?;
    let session = session::Entity::find_by_id(spent.session_id).one(tx.conn()).await?;
    let session = session
        .filter(|s| s.revoked_at.is_none() && s.expires_at > tx.now())
        .ok_or(Error::Unauthenticated)?;
    let active = account::Entity::find_by_id(session.account_id).one(tx.conn()).await?;
    if !active.is_some_and(|a| a.is_active) {
        return Err(Error::Unauthenticated);
    }
    // the WHERE decides a race: one of two simultaneous uses finds the token spent
    let taken = refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(tx.now()))
        .filter(refresh_token::Column::Id.eq(spent.id))
        .filter(refresh_token::Column::UsedAt.is_null())
        .exec(tx.conn())
        .await?;
    if taken.rows_affected == 0 {
        revoke(&tx, session.id).await?;
        tx.commit_unrecorded().await?;
        return Err(Error::Unauthenticated);
    }
    let tokens = next_pair(front, &tx, session.account_id, session.id).await?;
    tx.commit_unrecorded().await?;
    Ok(tokens)
}

/// Ends the viewer's sign-in.
///
/// # Errors
/// `Internal`, logged.
pub async fn sign_out(front: &Front<'_>) -> Result<()> {
    let Some(session) = front.actor().session_id else { return Ok(()) };
    let tx = front.begin().await?;
    revoke(&tx, session).await?;
    tx.commit_unrecorded().await
}

async fn revoke(tx: &Tx, session: Uuid) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(tx.now()))
        .filter(session::Column::Id.eq(session))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// What `kafo account create` makes.
pub struct New {
    /// The id; usually a new one.
    pub id: Uuid,
    /// The address to sign in with.
    pub email: String,
    /// The name shown.
    pub display_name: String,
    /// The password.
    pub password: secrecy::SecretString,
    /// The person, who must exist.
    pub person: Option<Uuid>,
    /// The grants.
    pub grants: Vec<Grant>,
}

/// A right that no membership gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The platform.
    Admin,
    /// An operation.
    OperationManager(Uuid),
}

/// Makes an account. For the command line: whoever holds the database may.
///
/// # Errors
/// `INVALID_EMAIL`, `BLANK`, `WEAK_PASSWORD`, `DUPLICATE`, `NOT_FOUND` of the person.
pub async fn create(tx: Tx, new: New) -> Result<Uuid> {
    let email = text::email(&new.email).at("email")?;
    let display_name = text::required(&new.display_name, text::LONGEST_NAME).at("displayName")?;
    password::check(new.password.expose_secret()).at("password")?;
    let taken =
        account::Entity::find().filter(account::Column::EmailFolded.eq(fold(&email))).one(tx.conn()).await?;
    if taken.is_some() {
        return Err(Error::refused(Why::Duplicate).at("email"));
    }
    if let Some(person) = new.person {
        let known = entity::person::Entity::find_by_id(person).one(tx.conn()).await?;
        known.ok_or_else(|| Error::not_found(Kind::Person)).at("person")?;
    }
    let now = tx.now();
    tx.insert(account::Model {
        id: new.id,
        person_id: new.person,
        email_folded: fold(&email),
        email,
        display_name,
        password_hash: Some(password::hash(new.password.expose_secret()).await?),
        language: None,
        is_active: true,
        kind: AccountKind::Person,
        created_at: now,
        updated_at: now,
        version: 1,
    })
    .await?;
    for grant in &new.grants {
        let (kind, operation_id) = match grant {
            Grant::Admin => (GrantKind::Admin, None),
            Grant::OperationManager(operation) => (GrantKind::OperationManager, Some(*operation)),
        };
        tx.insert(account_grant::Model {
            id: id::new(),
            account_id: new.id,
            kind,
            operation_id,
            created_at: now,
        })
        .await?;
    }
    tx.commit(Change::new("accountCreate", Kind::Account, new.id)).await
}

/// An account as the command line lists it.
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// Its address.
    pub email: String,
    /// Its name.
    pub display_name: String,
    /// Its grants, in words.
    pub grants: Vec<String>,
}

/// Every account, by address. For the command line.
///
/// # Errors
/// `Internal`, logged.
pub async fn list(db: &Db) -> Result<Vec<Listed>> {
    let grants = account_grant::Entity::find().all(db.unscoped()).await?;
    let accounts =
        account::Entity::find().order_by_asc(account::Column::EmailFolded).all(db.unscoped()).await?;
    let of = |account: Uuid| {
        let own = grants.iter().filter(move |g| g.account_id == account);
        own.map(|g| {
            g.operation_id.map_or(g.kind.word(), |o| format!("{} {}", g.kind.word(), Kind::Operation.id(o)))
        })
    };
    Ok(accounts
        .into_iter()
        .map(|a| Listed {
            id: a.id,
            grants: of(a.id).collect(),
            email: a.email,
            display_name: a.display_name,
        })
        .collect())
}

/// The account of an address. For the command line.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn by_email(db: &Db, email: &str) -> Result<Uuid> {
    let found = account::Entity::find()
        .filter(account::Column::EmailFolded.eq(fold(email)))
        .one(db.unscoped())
        .await?;
    found.map(|a| a.id).ok_or_else(|| Error::not_found(Kind::Account))
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

/// Ends a sign-in.
///
/// # Errors
/// `Internal`, logged.
pub async fn close_session(tx: Tx, session: Uuid) -> Result<()> {
    revoke(&tx, session).await?;
    tx.commit_unrecorded().await
}
