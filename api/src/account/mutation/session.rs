use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::super::store;
use crate::error::{At, Result};
use crate::graphql::{Front, Id, UserError, outcome};
use crate::id::Kind;

/// Which sign-in ends.
#[derive(InputObject)]
pub struct SessionRevokeInput {
    /// One of `viewer.account.sessions`.
    pub id: Id,
}

/// Which sign-ins end.
#[derive(InputObject)]
pub struct SessionRevokeAllInput {
    /// Whether the one that asks stays.
    #[graphql(default = true)]
    pub keep_current: bool,
}

/// The end of one of your sign-ins.
#[derive(SimpleObject)]
pub struct SessionRevokePayload {
    /// Whether it was ended.
    is_revoked: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// The end of your sign-ins.
#[derive(SimpleObject)]
pub struct SessionRevokeAllPayload {
    /// How many were ended.
    revoked_count: Option<u64>,
    /// Why none was.
    user_errors: Vec<UserError>,
}

/// Looking after one's own sign-ins.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Ends one of your sign-ins, on a device that you lost for example. Its tokens hold no more, at once.
    /// `NOT_FOUND`: it is not yours, or has ended.
    async fn session_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: SessionRevokeInput,
    ) -> Result<SessionRevokePayload> {
        let front = Front::of(ctx);
        let revoked = match input.id.of(Kind::Session).at("id") {
            Ok(id) => store::revoke_session(&front, id).await,
            Err(error) => Err(error),
        };
        let (revoked, user_errors) = outcome(ctx, revoked)?;
        Ok(SessionRevokePayload { is_revoked: revoked.is_some(), user_errors })
    }

    /// Ends all your sign-ins, or all but the one that asks. Their tokens hold no more, at once.
    async fn session_revoke_all(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] input: SessionRevokeAllInput,
    ) -> Result<SessionRevokeAllPayload> {
        let revoked = store::revoke_all_sessions(&Front::of(ctx), input.keep_current).await;
        let (revoked_count, user_errors) = outcome(ctx, revoked)?;
        Ok(SessionRevokeAllPayload { revoked_count, user_errors })
    }
}
