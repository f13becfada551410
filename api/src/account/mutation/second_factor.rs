use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::super::store;
use crate::error::Result;
use crate::graphql::{Front, UserError, outcome};

/// Your password.
#[derive(InputObject)]
pub struct SecondFactorStartInput {
    /// Your password, so that nobody does this on a screen that you left open.
    #[graphql(secret)]
    pub password: String,
}

/// The first code.
#[derive(InputObject)]
pub struct SecondFactorConfirmInput {
    /// The six digits that your authenticator shows.
    #[graphql(secret)]
    pub code: String,
}

/// Password and code.
#[derive(InputObject)]
pub struct SecondFactorRemoveInput {
    /// Your password.
    #[graphql(secret)]
    pub password: String,
    /// The six digits that your authenticator shows, or one of your recovery codes.
    #[graphql(secret)]
    pub code: String,
}

/// Password and code.
#[derive(InputObject)]
pub struct RecoveryCodesRenewInput {
    /// Your password.
    #[graphql(secret)]
    pub password: String,
    /// The six digits that your authenticator shows, or one of your recovery codes.
    #[graphql(secret)]
    pub code: String,
}

/// A secret for your authenticator.
#[derive(SimpleObject)]
pub struct SecondFactorStartPayload {
    /// Shown once, in base32: type it into your authenticator (SHA-1, six digits, 30 seconds).
    secret: Option<String>,
    /// The same as an `otpauth:` address, for a QR code. Shown once.
    uri: Option<String>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// The second factor is in use.
#[derive(SimpleObject)]
pub struct SecondFactorConfirmPayload {
    /// Ten codes for when you lose your authenticator; each holds once. Shown once: write them down.
    recovery_codes: Option<Vec<String>>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// The second factor is no more in use.
#[derive(SimpleObject)]
pub struct SecondFactorRemovePayload {
    /// Whether it was removed.
    is_removed: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// New recovery codes.
#[derive(SimpleObject)]
pub struct RecoveryCodesRenewPayload {
    /// Ten codes; the old ones hold no more. Shown once: write them down.
    recovery_codes: Option<Vec<String>>,
    /// Why there are none.
    user_errors: Vec<UserError>,
}

/// The second factor: six digits that an authenticator shows (RFC 6238).
#[derive(Default)]
pub struct SecondFactorMutation;

#[Object]
impl SecondFactorMutation {
    /// Begins to set up a second factor: gives a secret for your authenticator. It is asked for once you have sent its
    /// first code (`secondFactorConfirm`). `WRONG_PASSWORD`, `THROTTLED`; `STATE`: one is in use.
    async fn second_factor_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Your password.")] input: SecondFactorStartInput,
    ) -> Result<SecondFactorStartPayload> {
        let started = store::start_second_factor(&Front::of(ctx), &input.password).await;
        let (started, user_errors) = outcome(ctx, started)?;
        let (secret, uri) = started.map_or((None, None), |s| (Some(s.secret), Some(s.uri)));
        Ok(SecondFactorStartPayload { secret, uri, user_errors })
    }

    /// Puts the second factor into use: from now on a sign-in needs its code. `WRONG_CODE`; `STATE`: none was begun, or
    /// it is in use.
    async fn second_factor_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first code.")] input: SecondFactorConfirmInput,
    ) -> Result<SecondFactorConfirmPayload> {
        let codes = store::confirm_second_factor(&Front::of(ctx), &input.code).await;
        let (recovery_codes, user_errors) = outcome(ctx, codes)?;
        Ok(SecondFactorConfirmPayload { recovery_codes, user_errors })
    }

    /// Takes the second factor out of use; its recovery codes hold no more. `WRONG_PASSWORD`, `WRONG_CODE`,
    /// `THROTTLED`; `STATE`: there is none. Who lost authenticator and codes turns to whoever runs the server
    /// (`kafo account reset --second-factor`).
    async fn second_factor_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Password and code.")] input: SecondFactorRemoveInput,
    ) -> Result<SecondFactorRemovePayload> {
        let removed = store::remove_second_factor(&Front::of(ctx), &input.password, &input.code).await;
        let (removed, user_errors) = outcome(ctx, removed)?;
        Ok(SecondFactorRemovePayload { is_removed: removed.is_some(), user_errors })
    }

    /// Makes new recovery codes. `WRONG_PASSWORD`, `WRONG_CODE`, `THROTTLED`; `STATE`: there is no second factor.
    async fn recovery_codes_renew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Password and code.")] input: RecoveryCodesRenewInput,
    ) -> Result<RecoveryCodesRenewPayload> {
        let codes = store::renew_recovery_codes(&Front::of(ctx), &input.password, &input.code).await;
        let (recovery_codes, user_errors) = outcome(ctx, codes)?;
        Ok(RecoveryCodesRenewPayload { recovery_codes, user_errors })
    }
}
