use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct OrganisationMutation;

#[Object]
impl OrganisationMutation {
    /// Stub.
    async fn stub_organisation_change(&self) -> bool {
        false
    }
}
