//! Payloads of mutations: what changed, and why not.

use std::future::Future;

use async_graphql::Context;
use uuid::Uuid;

use super::Id;
use super::context::Front;
use super::errors::UserError;
use super::prefetch;
use super::shown::Shown;
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
    // on the heap: the stacks of the runtime's threads are not made for a whole meeting
    let done = match Box::pin(work).await {
        Err(Error::Done(done)) => Ok(done.entity),
        other => other,
    };
    match done {
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

/// What came of it, or a user error and nothing changed.
///
/// # Errors
/// Those that are no business of the caller's input.
pub fn outcome<T>(ctx: &Context<'_>, result: Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(Error::Refused(refusal)) => Ok((None, vec![UserError::of(refusal, Front::of(ctx).language())])),
        Err(other) => Err(other),
    }
}

/// The same where a wrong password or token is an answer like any other.
///
/// # Errors
/// As [`outcome`].
pub fn admitted<T>(ctx: &Context<'_>, result: Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match result {
        Err(Error::Unauthenticated) => {
            Ok((None, vec![UserError::unauthenticated(Front::of(ctx).language())]))
        }
        other => outcome(ctx, other),
    }
}

/// Declares payloads: `payloads! { FollowUpComplete => follow_up: FollowUp; … }`.
///
/// Every payload has the same two fields; this only spares writing them seventy times.
macro_rules! payloads {
    ($($(#[doc = $doc:literal])* $name:ident => $field:ident ($shown:literal): $node:ty;)*) => {$(
        #[derive(Debug)]
        pub struct $name {
            $field: Option<$node>,
            user_errors: Vec<$crate::graphql::UserError>,
        }
        $(#[doc = $doc])*
        #[async_graphql::Object]
        impl $name {
            /// What changed, as you may see it now; null if nothing changed.
            async fn $field(&self) -> Option<&$node> {
                self.$field.as_ref()
            }
            /// Why nothing was changed; empty if it was.
            async fn user_errors(&self) -> &[$crate::graphql::UserError] {
                &self.user_errors
            }
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

/// A step of a life cycle that needs no more than which row, which version, and why.
#[derive(Debug)]
pub struct StepInput {
    /// The row.
    pub id: Id,
    /// The version that was read.
    pub expected_version: Option<i32>,
    /// Why.
    pub reason: Option<String>,
}

/// Declares inputs of such steps: `step_inputs! { GroupActivateInput; … }`. Every mutation has an input
/// of its own, so that each can grow.
macro_rules! step_inputs {
    ($($(#[doc = $doc:literal])* $name:ident;)*) => {$(
        $(#[doc = $doc])*
        #[derive(async_graphql::InputObject)]
        pub struct $name {
            /// Which one.
            pub id: $crate::graphql::Id,
            /// The version that you read; left out, the step is taken from whatever stands.
            pub expected_version: Option<i32>,
            /// Why, for the record.
            pub reason: Option<String>,
        }
        impl From<$name> for $crate::graphql::StepInput {
            fn from(input: $name) -> Self {
                Self { id: input.id, expected_version: input.expected_version, reason: input.reason }
            }
        }
    )*};
}
pub(crate) use step_inputs;

/// Declares inputs that have the fields of another one: `own_inputs! { MeetingCancelInput(MeetingReasonInput); }`.
/// Every mutation has an input of its own, so that each can grow.
macro_rules! own_inputs {
    ($($(#[doc = $doc:literal])* $name:ident($shared:ty);)*) => {$(
        $(#[doc = $doc])*
        #[derive(async_graphql::InputObject)]
        pub struct $name {
            /// What the step needs.
            #[graphql(flatten)]
            pub step: $shared,
        }
    )*};
}
pub(crate) use own_inputs;
