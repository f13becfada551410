mod account;
mod token;

use async_graphql::MergedObject;

/// Changes to services and API tokens.
#[derive(MergedObject, Default)]
pub struct ServiceMutation(account::ServiceAccountMutation, token::ApiTokenMutation);
