use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::store::{self, Tokens};
use crate::error::{Error, Result};
use crate::graphql::{DateTime, Front, UserError};

/// E-mail address and password.
#[derive(InputObject)]
pub struct SignInInput {
    /// The address of the account; case does not matter.
    pub email: String,
    /// The password.
    #[graphql(secret)]
    pub password: String,
}

/// A refresh token.
#[derive(InputObject)]
pub struct SessionRefreshInput {
    /// The token that the last sign-in or refresh gave. It holds once.
    #[graphql(secret)]
    pub refresh_token: String,
}

/// The tokens of a sign-in.
#[derive(SimpleObject)]
pub struct SignInPayload {
    /// Send it as `Authorization: Bearer …`; it holds ten minutes.
    access_token: Option<String>,
    /// Until when the access token holds, UTC.
    expires_at: Option<DateTime>,
    /// Gives the next pair by `sessionRefresh`; holds once.
    refresh_token: Option<String>,
    /// Why there are none.
    user_errors: Vec<UserError>,
}

/// The next pair of tokens.
#[derive(SimpleObject)]
pub struct SessionRefreshPayload {
    /// Send it as `Authorization: Bearer …`; it holds ten minutes.
    access_token: Option<String>,
    /// Until when the access token holds, UTC.
    expires_at: Option<DateTime>,
    /// Gives the next pair; holds once. The one that you sent is spent.
    refresh_token: Option<String>,
    /// Why there are none.
    user_errors: Vec<UserError>,
}

/// The end of a sign-in.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// Whether a sign-in was ended.
    is_signed_out: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Signing in and out.
#[derive(Default)]
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Signs in with e-mail address and password. The same answer for an unknown address and a wrong password.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Address and password.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let (tokens, user_errors) =
            outcome(ctx, store::sign_in(&Front::of(ctx), &input.email, &input.password).await)?;
        let (access_token, expires_at, refresh_token) = parts(tokens);
        Ok(SignInPayload { access_token, expires_at, refresh_token, user_errors })
    }

    /// Gives the next pair of tokens. A refresh token that is used twice ends the sign-in: one of the two was stolen.
    async fn session_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: SessionRefreshInput,
    ) -> Result<SessionRefreshPayload> {
        let (tokens, user_errors) =
            outcome(ctx, store::refresh(&Front::of(ctx), &input.refresh_token).await)?;
        let (access_token, expires_at, refresh_token) = parts(tokens);
        Ok(SessionRefreshPayload { access_token, expires_at, refresh_token, user_errors })
    }

    /// Ends the sign-in of the access token that you send. It holds no more, at once.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<SignOutPayload> {
        let front = Front::of(ctx);
        store::sign_out(&front).await?;
        Ok(SignOutPayload { is_signed_out: front.actor().is_signed_in(), user_errors: Vec::new() })
    }
}

fn outcome(ctx: &Context<'_>, result: Result<Tokens>) -> Result<(Option<Tokens>, Vec<UserError>)> {
    match result {
        Ok(tokens) => Ok((Some(tokens), Vec::new())),
        Err(Error::Unauthenticated) => {
            Ok((None, vec![UserError::unauthenticated(Front::of(ctx).language())]))
        }
        Err(other) => Err(other),
    }
}

fn parts(tokens: Option<Tokens>) -> (Option<String>, Option<DateTime>, Option<String>) {
    tokens.map_or((None, None, None), |t| (Some(t.access), Some(DateTime(t.expires)), Some(t.refresh)))
}
