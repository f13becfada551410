//! Accounts as the command line looks after them: whoever holds the database may.

use entity::enums::GrantKind;
use entity::{account, account_grant};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::new_row;
use super::session::revoke_all;
use crate::auth::password;
use crate::db::{Change, Db, Tx};
use crate::error::{At, Error, Result, Why};
use crate::id::{self, Kind};
use crate::text::{self, fold};

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
    let password = new.password.expose_secret();
    password::check(password, &[&email, &display_name]).at("password")?;
    let taken =
        account::Entity::find().filter(account::Column::EmailFolded.eq(fold(&email))).one(tx.conn()).await?;
    if taken.is_some() {
        return Err(Error::refused(Why::Duplicate).at("email"));
    }
    if let Some(person) = new.person {
        let known = entity::person::Entity::find_by_id(person).one(tx.conn()).await?;
        known.ok_or_else(|| Error::not_found(Kind::Person)).at("person")?;
    }
    let password_hash = Some(password::hash(password).await?);
    let row = new_row(&tx, new.id, email, display_name);
    tx.insert(account::Model { person_id: new.person, password_hash, ..row }).await?;
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
            created_at: tx.now(),
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

/// The account of an address, locked.
pub(super) async fn locked(tx: &Tx, email: &str) -> Result<account::Model> {
    let found = account::Entity::find()
        .filter(account::Column::EmailFolded.eq(fold(email)))
        .lock(LockType::NoKeyUpdate)
        .one(tx.conn())
        .await?;
    found.ok_or_else(|| Error::not_found(Kind::Account))
}

/// Deactivates an account, which ends its sign-ins, or activates it again.
///
/// # Errors
/// `NOT_FOUND`; `STATE` if it is so already.
pub async fn set_active(tx: Tx, email: &str, active: bool) -> Result<Uuid> {
    let account = locked(&tx, email).await?;
    let (from, kind) =
        if account.is_active { ("ACTIVE", "accountDeactivate") } else { ("INACTIVE", "accountActivate") };
    if account.is_active == active {
        let allowed = vec![if active { "deactivate" } else { "activate" }];
        return Err(Error::refused(Why::State { from: from.to_owned(), allowed }));
    }
    account::Entity::update_many()
        .col_expr(account::Column::IsActive, Expr::value(active))
        .col_expr(account::Column::UpdatedAt, Expr::value(tx.now()))
        .col_expr(account::Column::Version, Expr::col(account::Column::Version).add(1))
        .filter(account::Column::Id.eq(account.id))
        .exec(tx.conn())
        .await?;
    if !active {
        revoke_all(&tx, account.id, None).await?;
    }
    tx.commit(Change::new(kind, Kind::Account, account.id)).await
}
