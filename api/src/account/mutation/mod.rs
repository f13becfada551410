mod email;
mod password;
mod second_factor;
mod session;
mod sign_in;

use async_graphql::MergedObject;

/// Signing in and out, and looking after one's own account.
#[derive(MergedObject, Default)]
pub struct AccountMutation(
    sign_in::SignInMutation,
    session::SessionMutation,
    password::PasswordMutation,
    second_factor::SecondFactorMutation,
    email::EmailMutation,
);
