use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::super::store::{self, Tokens};
use crate::error::Result;
use crate::graphql::{DateTime, Front, UserError, admitted};

/// E-mail address and password.
#[derive(InputObject)]
pub struct SignInInput {
    /// The address of the account; case does not matter.
    pub email: String,
    /// The password.
    #[graphql(secret)]
    pub password: String,
    /// With a second factor: the six digits that your authenticator shows, or one of your recovery codes.
    #[graphql(secret)]
    pub code: Option<String>,
    /// What an earlier sign-in gave to this device, so that wrong passwords of strangers do not make you wait.
    #[graphql(secret)]
    pub device_token: Option<String>,
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
    /// Keep it on this device and send it with the next sign-in. The device is remembered only if you ask for this
    /// field; an account has at most 20, the longest unused one is forgotten. It gives no right to anything.
    device_token: Option<String>,
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
pub struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Signs in with e-mail address and password. The same answer, after the same work, for an unknown address and a
    /// wrong password (`UNAUTHENTICATED`).
    ///
    /// `SECOND_FACTOR_REQUIRED` at `code`: the password is right, repeat with a code. `WRONG_CODE`: it does not hold or
    /// was used before. `THROTTLED`: after five failures of an account from one device or network the waits grow from
    /// one second to 15 minutes; nobody is locked out, and a device that sends its `deviceToken` does not wait for the
    /// failures of strangers. Also when too many sign in at the same moment. A success is recorded as `signIn`, a
    /// failure as `signInFailed`, without what was typed; who was throttled leaves no record.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Address and password.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let asked = store::Asked {
            email: &input.email,
            password: &input.password,
            code: input.code.as_deref(),
            device_token: input.device_token.as_deref(),
            remember: ctx.look_ahead().field("deviceToken").exists(),
        };
        let (signed_in, user_errors) = admitted(ctx, store::sign_in(&Front::of(ctx), &asked).await)?;
        let (tokens, device_token) = signed_in.map_or((None, None), |s| (Some(s.tokens), s.device_token));
        let (access_token, expires_at, refresh_token) = parts(tokens);
        Ok(SignInPayload { access_token, expires_at, refresh_token, device_token, user_errors })
    }

    /// Gives the next pair of tokens. A sign-in ends 14 days after its last refresh, and 90 days after it began.
    ///
    /// If the answer gets lost, send the same token again within 60 seconds: you get another pair, and the one that
    /// got lost holds no more. Any other second use of a refresh token ends the sign-in at once: one of the two
    /// was stolen. That is recorded (`sessionReuse`); a refresh is not, there are too many.
    async fn session_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: SessionRefreshInput,
    ) -> Result<SessionRefreshPayload> {
        let (tokens, user_errors) =
            admitted(ctx, store::refresh(&Front::of(ctx), &input.refresh_token).await)?;
        let (access_token, expires_at, refresh_token) = parts(tokens);
        Ok(SessionRefreshPayload { access_token, expires_at, refresh_token, user_errors })
    }

    /// Ends the sign-in of the access token that you send. It holds no more, at once.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<SignOutPayload> {
        let front = Front::of(ctx);
        store::sign_out(&front).await?;
        Ok(SignOutPayload { is_signed_out: front.actor().session_id.is_some(), user_errors: Vec::new() })
    }
}

fn parts(tokens: Option<Tokens>) -> (Option<String>, Option<DateTime>, Option<String>) {
    tokens.map_or((None, None, None), |t| (Some(t.access), Some(DateTime(t.expires)), Some(t.refresh)))
}
