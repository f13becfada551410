use async_graphql::Object;

use super::types::Viewer;

/// Queries about yourself.
#[derive(Default)]
pub struct AccountQuery;

#[Object]
impl AccountQuery {
    /// Whoever asks, with what they may.
    async fn viewer(&self) -> Viewer {
        Viewer
    }
}
