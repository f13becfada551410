//! Signing in through OpenID Connect: the issuers that the configuration trusts.
//!
//! Browsers go to the issuer and come back with a code (`flow`, with the crate `openidconnect` in `client`);
//! machines bring access tokens of an issuer (`bearer`). Both end in who somebody is there: issuer and
//! subject. Whose account that is, only a link says that its holder made; an address alone never does.

mod bearer;
mod client;
mod fetch;
pub mod flow;
mod issuer;
mod mutation;
mod query;
mod rules;
pub mod settings;
mod store;
mod types;

use std::sync::Arc;

pub use mutation::OpenidMutation;
pub use query::OpenidQuery;
pub use types::{OpenidIdentity, identities};

use self::issuer::Issuer;
use self::settings::Settings;

/// Where issuers send browsers back to.
pub const CALLBACK: &str = "/sign-in/openid/callback";
/// Where browsers start.
pub const START: &str = "/sign-in/openid";

/// The issuers, with what is known of them.
#[derive(Default)]
pub struct OpenId {
    issuers: Vec<Arc<Issuer>>,
    public_url: Option<String>,
}

/// The secret in the cookie of the browser that sent this request, if any: it binds a sign-in to the
/// browser in which it began.
#[derive(Clone, Debug)]
pub struct Browser(pub Option<String>);

impl OpenId {
    /// What these settings trust. Nothing is fetched yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let Settings { issuers, public_url } = settings;
        Self { issuers: issuers.into_iter().map(|s| Arc::new(Issuer::new(s))).collect(), public_url }
    }

    /// The issuer with this identifier.
    fn named(&self, url: &str) -> Option<&Arc<Issuer>> {
        self.issuers.iter().find(|i| i.settings.url == url)
    }

    /// Whether cookies can be kept to encrypted connections: not on a loopback address without TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url.as_deref().is_none_or(|url| url.starts_with("https:"))
    }

    /// The name of the browser's cookie. The prefix makes browsers refuse one that another host or an
    /// unencrypted connection sets.
    #[must_use]
    pub fn cookie(&self) -> &'static str {
        if self.is_secure() { "__Host-kafo-openid" } else { "kafo-openid" }
    }
}
