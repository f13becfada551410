use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct MembershipMutation;

#[Object]
impl MembershipMutation {
    /// Stub.
    async fn stub_membership_change(&self) -> bool {
        false
    }
}
