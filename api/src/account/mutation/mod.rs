mod email;
mod password;
mod second_factor;
mod session;
mod sign_in;

use async_graphql::{Context, MergedObject};

use crate::error::{Error, Result};
use crate::graphql::{Front, UserError};

/// Signing in and out, and looking after one's own account.
#[derive(MergedObject, Default)]
pub struct AccountMutation(
    sign_in::SignInMutation,
    session::SessionMutation,
    password::PasswordMutation,
    second_factor::SecondFactorMutation,
    email::EmailMutation,
);

/// What came of it, or a user error and nothing changed.
fn outcome<T>(ctx: &Context<'_>, result: Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(Error::Refused(refusal)) => Ok((None, vec![UserError::of(refusal, Front::of(ctx).language())])),
        Err(other) => Err(other),
    }
}

/// The same where a wrong password or token is an answer like any other.
fn admitted<T>(ctx: &Context<'_>, result: Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match result {
        Err(Error::Unauthenticated) => {
            Ok((None, vec![UserError::unauthenticated(Front::of(ctx).language())]))
        }
        other => outcome(ctx, other),
    }
}
