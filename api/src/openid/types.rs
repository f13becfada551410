use std::sync::Arc;

use async_graphql::{Context, Description, Object, SimpleObject};
use entity::openid_identity::Model;

use super::store;
use crate::db::Where;
use crate::error::Result;
use crate::graphql::{DateTime, Direct, Id, Relation, Shown, Written, prefetch};
use crate::id::Kind;

/// An issuer of OpenID Connect through which one may sign in.
#[derive(SimpleObject, Clone, Debug)]
pub struct OpenidIssuer {
    /// Its identifier, a web address: the argument `issuer` of `openidLinkStart`.
    pub issuer: String,
    /// What people call it.
    pub name: String,
    /// The path on this server at which a browser starts to sign in. Add `&return_to=/path` for the page
    /// to which it comes back, with `#openid=` and a code for `openidFinish`; left out, it is `/`.
    pub sign_in_path: String,
}

/// Who you are at an issuer of OpenID Connect: by it you may sign in. Only you see it.
#[derive(Clone, Debug, Description)]
pub struct OpenidIdentityFields(Arc<Model>);

/// See [`OpenidIdentityFields`].
pub type OpenidIdentity = Written<OpenidIdentityFields>;

impl Direct for OpenidIdentityFields {}

impl Shown for OpenidIdentityFields {
    type Row = Model;

    fn of(row: Arc<Model>) -> Self {
        Self(row)
    }

    fn relations() -> Vec<Relation> {
        Vec::new()
    }
}

#[Object(name = "OpenidIdentity", use_type_description)]
impl OpenidIdentityFields {
    /// Its id.
    async fn id(&self) -> Id {
        Id(Kind::OpenidIdentity, self.0.id)
    }

    /// The identifier of the issuer, a web address.
    fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// By what name the issuer knows you: usually a code, not meant for people.
    fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Since when it is linked to your account, UTC.
    fn linked_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When you last signed in by it in a browser, UTC; null if never.
    fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }
}

/// The viewer's own identities, the oldest link first.
///
/// # Errors
/// `Internal`, logged.
pub async fn identities(ctx: &Context<'_>) -> Result<Vec<OpenidIdentity>> {
    prefetch::all(ctx, Where::everything(), store::order()).await
}
