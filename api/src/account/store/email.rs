//! Changing the address of an account.

use entity::account;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::password::{looked_after, prove};
use super::session::{revoke_all, signed_in};
use super::sign_in::still;
use crate::db::{Change, Tx};
use crate::error::{At, Error, Result, Why};
use crate::graphql::Front;
use crate::id::Kind;
use crate::text::{self, fold};

/// Changes the viewer's own address, and ends all their other sign-ins.
///
/// # Errors
/// `WRONG_PASSWORD`, `INVALID_EMAIL`, `DUPLICATE`, `THROTTLED`.
pub async fn change_email(front: &Front<'_>, email: &str, password: &str) -> Result<()> {
    let (_, session) = signed_in(front)?;
    let email = text::email(email).at("email")?;
    let (account, attempt) = prove(front, password, "password").await?;
    let tx = front.begin_apart().await?;
    still(&tx, &account).await?;
    attempt.succeeded(&tx).await?;
    // nobody has shown yet that the address is theirs: it opens no invitation that waits for it
    write(tx, account.id, email, false, Some(session)).await
}

/// Changes the address of somebody else's account, by an administrator, and ends all its sign-ins.
///
/// # Errors
/// `PERMISSION_DENIED` for others, for oneself and for other administrators; `NOT_FOUND`,
/// `INVALID_EMAIL`, `DUPLICATE`.
pub async fn change_email_of(front: &Front<'_>, account: Uuid, email: &str) -> Result<()> {
    signed_in(front)?;
    let tx = front.begin_apart().await?;
    looked_after(&tx, account).await.at("account")?;
    let email = text::email(email).at("email")?;
    write(tx, account, email, true, None).await
}

async fn write(tx: Tx, account: Uuid, email: String, is_proven: bool, but: Option<Uuid>) -> Result<()> {
    let folded = fold(&email);
    let taken = account::Entity::find()
        .filter(account::Column::EmailFolded.eq(folded.as_str()))
        .filter(account::Column::Id.ne(account))
        .one(tx.conn())
        .await?;
    if taken.is_some() {
        return Err(Error::refused(Why::Duplicate)).at("email");
    }
    account::Entity::update_many()
        .col_expr(account::Column::Email, Expr::value(email))
        .col_expr(account::Column::EmailFolded, Expr::value(folded))
        .col_expr(account::Column::EmailIsProven, Expr::value(is_proven))
        .col_expr(account::Column::UpdatedAt, Expr::value(tx.now()))
        .col_expr(account::Column::Version, Expr::col(account::Column::Version).add(1))
        .filter(account::Column::Id.eq(account))
        .exec(tx.conn())
        .await?;
    let revoked = revoke_all(&tx, account, but).await?;
    let change = Change::new("accountEmailChange", Kind::Account, account);
    tx.commit(change.detail(json!({ "revoked": revoked }))).await?;
    Ok(())
}
