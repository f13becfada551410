use async_graphql::Object;

/// Changes.
#[derive(Default)]
pub struct ReferralMutation;

#[Object]
impl ReferralMutation {
    /// Stub.
    async fn stub_referral_change(&self) -> bool {
        false
    }
}
