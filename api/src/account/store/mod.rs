//! The only SQL for accounts, grants, sign-ins and signing keys.

mod email;
pub mod entry;
mod key;
mod owner;
mod password;
mod principal;
mod remembered;
mod second_factor;
mod session;
mod sign_in;
mod throttle;

use entity::account;
use entity::enums::AccountKind;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::Result;
use crate::text::fold;

pub use self::email::{change_email, change_email_of};
pub use self::key::{alive_keys, list_keys, rotate_keys, signing_keys};
pub use self::owner::{Grant, New, by_email, create, list, set_active};
pub use self::password::{change_password, issue_reset, issue_reset_for, reset_password};
pub use self::principal::{Credential, principal};
pub use self::remembered::Remembered;
pub use self::second_factor::{
    confirm_second_factor, remove_second_factor, renew_recovery_codes, second_factor_state,
    start_second_factor,
};
pub use self::session::{
    Tokens, alive, close_session, open_by_openid, open_session, order, refresh, revoke_all_sessions,
    revoke_session, sign_out,
};
pub use self::sign_in::{Asked, sign_in};

/// A new account of a person who has proven this address; it has no password yet.
#[must_use]
pub(crate) fn new_row(tx: &Tx, id: Uuid, email: String, display_name: String) -> account::Model {
    account::Model {
        id,
        person_id: None,
        email_folded: fold(&email),
        email,
        display_name,
        password_hash: None,
        language: None,
        is_active: true,
        kind: AccountKind::Person,
        email_is_proven: true,
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 1,
    }
}

/// Forgets what no sign-in needs any more: failures, and sign-ins that expired, of long ago.
///
/// # Errors
/// `Internal`, logged.
pub async fn tidy_up(tx: Tx) -> Result<()> {
    throttle::forget_failures(&tx).await?;
    session::forget_sessions(&tx).await?;
    tx.commit_unrecorded().await
}
