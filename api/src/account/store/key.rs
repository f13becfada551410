//! The keys that sign access tokens: one signs; a former one verifies until its tokens have expired.

use chrono::{DateTime, Utc};
use entity::signing_key::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::auth::token;
use crate::db::{Db, Tx};
use crate::error::{Error, Result, Why};
use crate::id;

/// The signing keys that are alive, the newest first.
///
/// # Errors
/// `Internal`, logged.
pub async fn alive_keys(db: &Db, now: DateTime<Utc>) -> Result<Vec<token::Key>> {
    alive(db.unscoped(), now).await
}

async fn alive(connection: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<token::Key>> {
    let rows = Entity::find()
        .filter(Condition::any().add(Column::RetiredAt.is_null()).add(Column::RetiredAt.gt(now)))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .all(connection)
        .await?;
    let key = |r: Model| token::Key { id: r.id, secret: r.secret.into(), retired_at: r.retired_at };
    Ok(rows.into_iter().map(key).collect())
}

/// The same at the first start: makes a key if there is none that signs.
///
/// # Errors
/// `Internal`, logged.
pub async fn signing_keys(tx: Tx) -> Result<Vec<token::Key>> {
    let now = tx.now();
    let keys = alive(tx.conn(), now).await?;
    if keys.iter().any(|k| k.retired_at.is_none()) {
        return Ok(keys);
    }
    tx.insert(fresh(now)).await?;
    let keys = alive(tx.conn(), now).await?;
    tx.commit_unrecorded().await?;
    Ok(keys)
}

fn fresh(now: DateTime<Utc>) -> Model {
    Model { id: id::new(), secret: token::random() + &token::random(), created_at: now, retired_at: None }
}

/// Makes a new key that signs from now on. The former one verifies until its last token has expired,
/// or, `at_once`, no more.
///
/// # Errors
/// `STATE` while an earlier rotation is not over: two keys are alive at most.
pub async fn rotate_keys(tx: Tx, at_once: bool) -> Result<Uuid> {
    let now = tx.now();
    let keys = alive(tx.conn(), now).await?;
    if !at_once && keys.iter().any(|k| k.retired_at.is_some()) {
        return Err(Error::refused(Why::State { from: "ROTATING".to_owned(), allowed: Vec::new() }));
    }
    let end = if at_once { now } else { now + token::FORMER_KEY_LIFE };
    for key in &keys {
        // the WHERE decides a race: of two simultaneous rotations one finds the key retired already
        let retired = Entity::update_many()
            .col_expr(Column::RetiredAt, Expr::value(end))
            .filter(Column::Id.eq(key.id))
            .filter(Condition::any().add(Column::RetiredAt.is_null()).add(Expr::val(at_once).eq(true)))
            .exec(tx.conn())
            .await?;
        if retired.rows_affected == 0 {
            return Err(Error::refused(Why::State { from: "ROTATING".to_owned(), allowed: Vec::new() }));
        }
    }
    let row = fresh(now);
    let id = row.id;
    tx.insert(row).await?;
    tx.commit_unrecorded().await?;
    Ok(id)
}

/// A key as the command line lists it: never its secret.
pub struct ListedKey {
    /// Its id, the `kid` of its tokens.
    pub id: Uuid,
    /// Since when it signs, UTC.
    pub created_at: DateTime<Utc>,
    /// From when it verifies no more, UTC.
    pub retired_at: Option<DateTime<Utc>>,
}

/// Every key, the newest first.
///
/// # Errors
/// `Internal`, logged.
pub async fn list_keys(db: &Db) -> Result<Vec<ListedKey>> {
    let rows = Entity::find().order_by_desc(Column::CreatedAt).all(db.unscoped()).await?;
    let listed = |r: Model| ListedKey { id: r.id, created_at: r.created_at, retired_at: r.retired_at };
    Ok(rows.into_iter().map(listed).collect())
}
