//! Payloads of mutations: what changed, and why not.

use std::future::Future;

use async_graphql::Context;
use uuid::Uuid;

use super::context::Front;
use super::errors::UserError;
use super::prefetch::{self, Shown};
use crate::error::{Error, Result};

/// A payload with one object and the user errors.
pub trait Payload: Sized {
    /// What changed.
    type Node: Shown;
    /// The field that shows it.
    const FIELD: &'static str;
    /// The payload.
    fn new(node: Option<Self::Node>, user_errors: Vec<UserError>) -> Self;
}

/// Does `work` and answers with what changed, read anew through the viewer's scope with what is
/// selected of it; or with a user error and nothing changed.
///
/// # Errors
/// Those that are no business of the caller's input.
pub async fn answer<P: Payload>(
    ctx: &Context<'_>,
    work: impl Future<Output = Result<Uuid>> + Send,
) -> Result<P> {
    let front = Front::of(ctx);
    match work.await {
        Ok(id) => {
            let field = ctx.field();
            let selections: Vec<_> = field.selection_set().filter(|f| f.name() == P::FIELD).collect();
            if selections.is_empty() {
                return Ok(P::new(None, Vec::new()));
            }
            Ok(P::new(prefetch::by_id(&front, id, &selections).await?, Vec::new()))
        }
        Err(Error::Refused(refusal)) => Ok(P::new(None, vec![UserError::of(refusal, front.language())])),
        Err(other) => Err(other),
    }
}

/// Declares payloads: `payloads! { FollowUpComplete => follow_up: FollowUp; … }`.
///
/// Every payload has the same two fields; this only spares writing them seventy times.
macro_rules! payloads {
    ($($(#[doc = $doc:literal])* $name:ident => $field:ident ($shown:literal): $node:ty;)*) => {$(
        $(#[doc = $doc])*
        #[derive(async_graphql::SimpleObject, Debug)]
        pub struct $name {
            /// What changed, as you may see it now; null if nothing changed.
            pub $field: Option<$node>,
            /// Why nothing was changed; empty if it was.
            pub user_errors: Vec<$crate::graphql::UserError>,
        }
        impl $crate::graphql::Payload for $name {
            type Node = $node;
            const FIELD: &'static str = $shown;
            fn new(node: Option<$node>, user_errors: Vec<$crate::graphql::UserError>) -> Self {
                Self { $field: node, user_errors }
            }
        }
    )*};
}
pub(crate) use payloads;
