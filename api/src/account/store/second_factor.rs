//! The second factor: its secret, the step that was accepted last, and recovery codes.

use entity::{account, recovery_code, totp};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::password::prove;
use super::session::signed_in;
use super::sign_in::still;
use crate::account::rules::second_factor as rules;
use crate::auth::token;
use crate::db::{Change, Tx};
use crate::error::{At, Error, Result, Rule, Why};
use crate::graphql::Front;
use crate::id::{self, Kind};

/// A secret that waits for its first code. Shown once.
pub struct Started {
    /// In base32, for typing.
    pub secret: String,
    /// For a QR code.
    pub uri: String,
}

/// Whether the viewer has a second factor, and how many recovery codes are left.
///
/// # Errors
/// `Internal`, logged.
pub async fn second_factor_state(front: &Front<'_>) -> Result<(bool, u64)> {
    let Some(account) = front.actor().account_id else { return Ok((false, 0)) };
    let db = front.reader().db().unscoped();
    let confirmed = totp::Entity::find_by_id(account).filter(totp::Column::ConfirmedAt.is_not_null());
    let left = recovery_code::Entity::find()
        .filter(recovery_code::Column::AccountId.eq(account))
        .filter(recovery_code::Column::UsedAt.is_null());
    Ok((confirmed.one(db).await?.is_some(), left.count(db).await?))
}

/// The second factor of an account, if it is in use.
pub(super) async fn active(tx: &Tx, account: Uuid) -> Result<Option<totp::Model>> {
    let confirmed = totp::Entity::find_by_id(account).filter(totp::Column::ConfirmedAt.is_not_null());
    Ok(confirmed.one(tx.conn()).await?)
}

/// Whether this is the code of now, or a recovery code; either holds once: the WHERE decides.
pub(super) async fn accept(tx: &Tx, factor: &totp::Model, code: &str) -> Result<bool> {
    let code = rules::typed(code);
    if !rules::is_digits(&code) {
        let used = recovery_code::Entity::update_many()
            .col_expr(recovery_code::Column::UsedAt, Expr::value(tx.now()))
            .filter(recovery_code::Column::AccountId.eq(factor.id))
            .filter(recovery_code::Column::Digest.eq(token::digest(&code)))
            .filter(recovery_code::Column::UsedAt.is_null())
            .exec(tx.conn())
            .await?;
        return Ok(used.rows_affected == 1);
    }
    let now = tx.now().timestamp();
    let Some(step) = rules::matching_step(&factor.secret, &code, now, factor.last_step) else {
        return Ok(false);
    };
    let earlier = Condition::any().add(totp::Column::LastStep.is_null()).add(totp::Column::LastStep.lt(step));
    let taken = totp::Entity::update_many()
        .col_expr(totp::Column::LastStep, Expr::value(step))
        .filter(totp::Column::Id.eq(factor.id))
        .filter(earlier)
        .exec(tx.conn())
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Begins: a new secret, which is not asked for until its first code has come.
///
/// # Errors
/// `WRONG_PASSWORD`, `THROTTLED`, `STATE`: one is in use.
pub async fn start_second_factor(front: &Front<'_>, password: &str) -> Result<Started> {
    let (account, attempt) = prove(front, password, "password").await?;
    let tx = front.begin_apart().await?;
    still(&tx, &account).await?;
    attempt.succeeded(&tx).await?;
    if active(&tx, account.id).await?.is_some() {
        let allowed = vec!["secondFactorRemove", "recoveryCodesRenew"];
        return Err(Error::refused(Why::State { from: "ACTIVE".to_owned(), allowed }));
    }
    tx.clear::<totp::Entity>(totp::Column::Id, account.id).await?;
    let secret = rules::secret(token::random_bytes());
    tx.insert(totp::Model {
        id: account.id,
        secret: secret.clone(),
        created_at: tx.now(),
        confirmed_at: None,
        last_step: None,
    })
    .await?;
    tx.commit(Change::new("secondFactorStart", Kind::Account, account.id)).await?;
    let uri = rules::uri(&account.email, &secret);
    Ok(Started { secret, uri })
}

/// Puts the second factor into use with its first code. Answers the recovery codes.
///
/// # Errors
/// `WRONG_CODE`; `STATE`: none was begun, or it is in use already.
pub async fn confirm_second_factor(front: &Front<'_>, code: &str) -> Result<Vec<String>> {
    let (account, _) = signed_in(front)?;
    let tx = front.begin_apart().await?;
    let begun = totp::Entity::find_by_id(account).one(tx.conn()).await?;
    let begun = match begun {
        Some(row) if row.confirmed_at.is_none() => row,
        Some(_) => {
            let allowed = vec!["secondFactorRemove", "recoveryCodesRenew"];
            return Err(Error::refused(Why::State { from: "ACTIVE".to_owned(), allowed }));
        }
        None => {
            let allowed = vec!["secondFactorStart"];
            return Err(Error::refused(Why::State { from: "NONE".to_owned(), allowed }));
        }
    };
    let step = rules::matching_step(&begun.secret, &rules::typed(code), tx.now().timestamp(), None);
    let step = step.ok_or_else(|| Error::rule(Rule::WrongCode)).at("code")?;
    let taken = totp::Entity::update_many()
        .col_expr(totp::Column::ConfirmedAt, Expr::value(tx.now()))
        .col_expr(totp::Column::LastStep, Expr::value(step))
        .filter(totp::Column::Id.eq(account))
        .filter(totp::Column::Secret.eq(begun.secret.as_str()))
        .filter(totp::Column::ConfirmedAt.is_null())
        .exec(tx.conn())
        .await?;
    if taken.rows_affected == 0 {
        return Err(Error::rule(Rule::WrongCode)).at("code");
    }
    let codes = new_recovery_codes(&tx, account).await?;
    tx.commit(Change::new("secondFactorConfirm", Kind::Account, account)).await?;
    Ok(codes)
}

/// Takes the second factor out of use.
///
/// # Errors
/// `WRONG_PASSWORD`, `WRONG_CODE`, `THROTTLED`, `STATE`: there is none.
pub async fn remove_second_factor(front: &Front<'_>, password: &str, code: &str) -> Result<()> {
    let (tx, account) = prove_both(front, password, code).await?;
    forget(&tx, account.id).await?;
    tx.commit(Change::new("secondFactorRemove", Kind::Account, account.id)).await?;
    Ok(())
}

/// Makes new recovery codes; the old ones hold no more.
///
/// # Errors
/// As [`remove_second_factor`].
pub async fn renew_recovery_codes(front: &Front<'_>, password: &str, code: &str) -> Result<Vec<String>> {
    let (tx, account) = prove_both(front, password, code).await?;
    let codes = new_recovery_codes(&tx, account.id).await?;
    let change = Change::new("recoveryCodesRenew", Kind::Account, account.id);
    tx.commit(change.detail(json!({ "codes": codes.len() }))).await?;
    Ok(codes)
}

/// Password and code of the viewer; a wrong one of either counts as a failure.
async fn prove_both(front: &Front<'_>, password: &str, code: &str) -> Result<(Tx, account::Model)> {
    let (account, attempt) = prove(front, password, "password").await?;
    let tx = front.begin_apart().await?;
    still(&tx, &account).await?;
    let Some(factor) = active(&tx, account.id).await? else {
        let allowed = vec!["secondFactorStart"];
        return Err(Error::refused(Why::State { from: "NONE".to_owned(), allowed }));
    };
    if !accept(&tx, &factor, code).await? {
        return Err(Error::rule(Rule::WrongCode)).at("code");
    }
    attempt.succeeded(&tx).await?;
    Ok((tx, account))
}

async fn new_recovery_codes(tx: &Tx, account: Uuid) -> Result<Vec<String>> {
    tx.clear::<recovery_code::Entity>(recovery_code::Column::AccountId, account).await?;
    let codes: Vec<String> =
        (0..rules::RECOVERY_CODES).map(|_| rules::recovery_code(token::random_bytes())).collect();
    let row = |code: &String| recovery_code::Model {
        id: id::new(),
        account_id: account,
        digest: token::digest(&rules::typed(code)),
        created_at: tx.now(),
        used_at: None,
    };
    tx.insert_all(codes.iter().map(row).collect()).await?;
    Ok(codes)
}

/// Removes the second factor and its recovery codes.
pub(super) async fn forget(tx: &Tx, account: Uuid) -> Result<()> {
    tx.clear::<recovery_code::Entity>(recovery_code::Column::AccountId, account).await?;
    tx.clear::<totp::Entity>(totp::Column::Id, account).await
}
