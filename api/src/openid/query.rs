use std::sync::Arc;

use async_graphql::{Context, Object};

use super::OpenId;
use super::types::OpenidIssuer;

/// Queries about OpenID Connect.
#[derive(Default)]
pub struct OpenidQuery;

#[Object]
impl OpenidQuery {
    /// The issuers of OpenID Connect through which one may sign in; for everybody.
    async fn openid_issuers(&self, ctx: &Context<'_>) -> Vec<OpenidIssuer> {
        ctx.data_unchecked::<Arc<OpenId>>().shown()
    }
}
