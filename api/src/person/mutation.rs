use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct PersonMutation;

#[Object]
impl PersonMutation {
    /// Stub.
    async fn stub_person_change(&self) -> bool {
        false
    }
}
