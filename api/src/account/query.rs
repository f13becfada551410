use async_graphql::{Context, Object};

use super::store;
use super::types::{Own, Session, Viewer};
use crate::error::Result;
use crate::graphql::{Front, prefetch};

/// Queries about yourself.
#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// Whoever asks, with what they may.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        let front = Front::of(ctx);
        let account = ctx.look_ahead().field("account");
        let mut own = Own::default();
        if account.field("sessions").exists() {
            own.sessions = prefetch::all::<Session>(ctx, store::alive(front.now()), store::order()).await?;
        }
        if account.field("hasSecondFactor").exists() || account.field("recoveryCodesLeft").exists() {
            (own.has_second_factor, own.recovery_codes_left) = store::second_factor_state(&front).await?;
        }
        Ok(Viewer::new(own))
    }
}
