use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct AgendaMutation;

#[Object]
impl AgendaMutation {
    /// Stub.
    async fn stub_agenda_change(&self) -> bool {
        false
    }
}
