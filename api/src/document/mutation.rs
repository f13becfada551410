use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct DocumentMutation;

#[Object]
impl DocumentMutation {
    /// Stub.
    async fn stub_document_change(&self) -> bool {
        false
    }
}
