use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::super::store;
use crate::error::{At, Result};
use crate::graphql::{DateTime, Front, Id, UserError, admitted, outcome};
use crate::id::Kind;

/// The password of now and the next one.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The one of now.
    #[graphql(secret)]
    pub current_password: String,
    /// The next one: 15 characters to 1024 bytes, whatever characters you like. Common passwords, keyboard rows,
    /// repetitions, and your own name or address are refused.
    #[graphql(secret)]
    pub new_password: String,
}

/// Who forgot the password.
#[derive(InputObject)]
pub struct PasswordResetIssueInput {
    /// The account.
    pub account: Id,
}

/// A one-time token and the next password.
#[derive(InputObject)]
pub struct PasswordResetInput {
    /// What an administrator gave you.
    #[graphql(secret)]
    pub token: String,
    /// The next password: 15 characters to 1024 bytes, whatever characters you like. Common passwords, keyboard
    /// rows, repetitions, and your own name or address are refused.
    #[graphql(secret)]
    pub new_password: String,
}

/// A new password.
#[derive(SimpleObject)]
pub struct PasswordChangePayload {
    /// Whether it holds.
    is_changed: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// A one-time token for somebody who forgot the password.
#[derive(SimpleObject)]
pub struct PasswordResetIssuePayload {
    /// Shown once. Give it to the owner of the account and to nobody else, by a way that you trust.
    token: Option<String>,
    /// Until when it holds, UTC: 60 minutes.
    expires_at: Option<DateTime>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// A new password by a one-time token.
#[derive(SimpleObject)]
pub struct PasswordResetPayload {
    /// Whether it holds.
    is_reset: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changing passwords, and setting forgotten ones anew.
#[derive(Default)]
pub struct PasswordMutation;

#[Object]
impl PasswordMutation {
    /// Changes your password and ends all your other sign-ins. `WRONG_PASSWORD` at `currentPassword`, `WEAK_PASSWORD`
    /// at `newPassword`, `THROTTLED`.
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Both passwords.")] input: PasswordChangeInput,
    ) -> Result<PasswordChangePayload> {
        let changed =
            store::change_password(&Front::of(ctx), &input.current_password, &input.new_password).await;
        let (changed, user_errors) = outcome(ctx, changed)?;
        Ok(PasswordChangePayload { is_changed: changed.is_some(), user_errors })
    }

    /// Issues a one-time token for somebody who forgot the password; earlier ones hold no more. Administrators, not
    /// for themselves and not for other administrators, who turn to the command line (`kafo account reset`).
    /// The second factor, if there is one, is still asked for.
    async fn password_reset_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom.")] input: PasswordResetIssueInput,
    ) -> Result<PasswordResetIssuePayload> {
        let front = Front::of(ctx);
        let issued = match input.account.of(Kind::Account).at("account") {
            Ok(account) => store::issue_reset(&front, account).await,
            Err(error) => Err(error),
        };
        let (issued, user_errors) = outcome(ctx, issued)?;
        let (token, expires_at) =
            issued.map_or((None, None), |i| (Some(i.token), Some(DateTime(i.expires_at))));
        Ok(PasswordResetIssuePayload { token, expires_at, user_errors })
    }

    /// Sets a new password by a one-time token, ends all sign-ins of the account and forgets its devices. Nobody needs
    /// to be signed in. `UNAUTHENTICATED`: the token does not hold, was used or has expired. `WEAK_PASSWORD`: it holds
    /// on, try another password. `THROTTLED`.
    async fn password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Token and password.")] input: PasswordResetInput,
    ) -> Result<PasswordResetPayload> {
        let reset = store::reset_password(&Front::of(ctx), &input.token, &input.new_password).await;
        let (reset, user_errors) = admitted(ctx, reset)?;
        Ok(PasswordResetPayload { is_reset: reset.is_some(), user_errors })
    }
}
