use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::super::store;
use crate::error::{At, Error, Result, Why};
use crate::graphql::{Front, Id, UserError, outcome};
use crate::id::Kind;

/// The next address.
#[derive(InputObject)]
pub struct AccountEmailChangeInput {
    /// Whose; left out, your own. Administrators only.
    pub account: Option<Id>,
    /// The next address.
    pub email: String,
    /// Your password; needed for your own account.
    #[graphql(secret)]
    pub password: Option<String>,
}

/// A new address.
#[derive(SimpleObject)]
pub struct AccountEmailChangePayload {
    /// Whether it holds.
    is_changed: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changing addresses.
#[derive(Default)]
pub struct EmailMutation;

#[Object]
impl EmailMutation {
    /// Changes the address that an account signs in with. One's own, with the password: all other sign-ins end.
    /// Administrators somebody else's (not another administrator's): all its sign-ins end. `WRONG_PASSWORD` or
    /// `REQUIRED` at `password`, `INVALID_EMAIL`, `DUPLICATE` at `email`: another account has it. An
    /// address that you gave yourself opens no invitation that waits for it: that takes the invitation's link. `THROTTLED`, `NOT_FOUND`, `PERMISSION_DENIED`.
    async fn account_email_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The next address.")] input: AccountEmailChangeInput,
    ) -> Result<AccountEmailChangePayload> {
        let (changed, user_errors) = outcome(ctx, change(&Front::of(ctx), &input).await)?;
        Ok(AccountEmailChangePayload { is_changed: changed.is_some(), user_errors })
    }
}

async fn change(front: &Front<'_>, input: &AccountEmailChangeInput) -> Result<()> {
    let Some(account) = input.account else {
        let password = input.password.as_deref().ok_or_else(|| Error::refused(Why::Required));
        return store::change_email(front, &input.email, password.at("password")?).await;
    };
    store::change_email_of(front, account.of(Kind::Account).at("account")?, &input.email).await
}
