//! One issuer: its metadata and its keys, fetched when needed, by one request at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::Jwk;
use openidconnect::core::CoreJsonWebKeySet;
use serde::Deserialize;
use serde_json::Value;

use super::fetch::Fetcher;
use super::rules::{self, Keys, Step};
use super::settings::{self, IssuerSettings};

/// What an issuer publishes of itself: the part that is used.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    issuer: String,
    jwks_uri: String,
    /// Where browsers go.
    pub authorization_endpoint: Option<String>,
    /// Where codes are exchanged.
    pub token_endpoint: Option<String>,
    /// How clients say who they are there.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Whether it says in its answers to browsers who it is (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Metadata and keys as they were fetched.
pub struct Known {
    /// What the issuer says of itself.
    pub metadata: Metadata,
    /// Its keys, for access tokens.
    pub keys: Vec<Jwk>,
    /// The same keys, for ID tokens.
    pub key_set: CoreJsonWebKeySet,
    fetched: DateTime<Utc>,
    fresh_for: TimeDelta,
}

#[derive(Default)]
struct State {
    known: Option<Arc<Known>>,
    /// When keys were fetched for the sake of one that was not there.
    unknown: Option<DateTime<Utc>>,
    /// When the issuer did not answer.
    failed: Option<DateTime<Utc>>,
}

/// One issuer.
pub struct Issuer {
    /// What the configuration says.
    pub settings: IssuerSettings,
    /// Asks it.
    pub fetcher: Fetcher,
    state: Mutex<State>,
    /// Held by whoever is asking.
    turn: tokio::sync::Mutex<()>,
    /// Freshness ends after this, in tests.
    hurry: Option<TimeDelta>,
}

impl Known {
    fn has(&self, kid: &str) -> bool {
        self.keys.iter().any(|k| k.common.key_id.as_deref() == Some(kid))
    }
}

impl Issuer {
    /// Nothing is fetched yet.
    pub fn new(settings: IssuerSettings) -> Self {
        let is_loopback = settings::web(&settings.url).is_ok_and(|url| settings::is_loopback(&url));
        let hurry = std::env::var("KAFO_TEST_OPENID_SECONDS").ok().and_then(|s| s.parse().ok());
        Self {
            settings,
            fetcher: Fetcher::new(is_loopback),
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            hurry: hurry.map(TimeDelta::seconds),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the rules say about the keys that are there.
    fn keys(&self, kid: Option<&str>, now: DateTime<Utc>) -> Keys {
        let state = self.state();
        // a clock that is set back must not make keys younger
        let since = |then: DateTime<Utc>| (now - then).abs();
        let known = state.known.as_deref();
        let fresh_for = known.map(|k| k.fresh_for).unwrap_or_default();
        Keys {
            age: known.map(|k| since(k.fetched)),
            fresh_for: self.hurry.map_or(fresh_for, |hurry| hurry.min(fresh_for)),
            has_key: known.is_some_and(|k| kid.is_none_or(|kid| k.has(kid))),
            since_unknown: state.unknown.map(since),
            since_failure: state.failed.map(since),
        }
    }

    /// What is known of the issuer, with this key among its keys (or any); fetched if need be. `None` if
    /// there is no such key, or the issuer has not answered for too long.
    pub async fn known(self: &Arc<Self>, kid: Option<&str>, now: DateTime<Utc>) -> Option<Arc<Known>> {
        let keys = self.keys(kid, now);
        // while somebody is asking, nobody waits whose key still holds
        let is_asked = || keys.hold() && self.turn.try_lock().is_err();
        if keys.step() == Step::Fetch && !is_asked() {
            let (issuer, kid) = (self.clone(), kid.map(str::to_owned));
            // on its own: it goes on if whoever wanted it hangs up
            let fetching = tokio::spawn(async move { issuer.fetch_in_turn(kid.as_deref(), now).await });
            let _ = fetching.await;
        }
        self.keys(kid, now).hold().then(|| self.state().known.clone()).flatten()
    }

    async fn fetch_in_turn(&self, kid: Option<&str>, now: DateTime<Utc>) {
        let _turn = self.turn.lock().await;
        // somebody may have asked while we waited
        let keys = self.keys(kid, now);
        if keys.step() != Step::Fetch {
            return;
        }
        let is_fresh = keys.age.is_some_and(|age| age <= keys.fresh_for);
        let known = self.state().known.clone();
        let metadata = known.filter(|_| is_fresh).map(|k| k.metadata.clone());
        let fetched = self.fetch(metadata, now).await;
        let mut state = self.state();
        match fetched {
            Ok(known) => {
                if is_fresh || kid.is_some_and(|kid| !known.has(kid)) {
                    state.unknown = Some(now);
                }
                state.failed = None;
                state.known = Some(Arc::new(known));
            }
            Err(why) => {
                state.failed = Some(now);
                drop(state);
                tracing::warn!(issuer = self.settings.url, why, "an issuer of OpenID Connect gave no keys");
            }
        }
    }

    /// Metadata, unless they are fresh, and keys.
    async fn fetch(&self, metadata: Option<Metadata>, now: DateTime<Utc>) -> Result<Known, &'static str> {
        let metadata = match metadata {
            Some(metadata) => metadata,
            None => self.discover().await?,
        };
        let answer = self.fetcher.get(&metadata.jwks_uri).await.map_err(|_| "the keys cannot be fetched")?;
        let listed: Value = serde_json::from_slice(&answer.body).map_err(|_| "the keys are no JSON")?;
        let listed_keys = listed.get("keys").and_then(Value::as_array).ok_or("there is no list of keys")?;
        // one that we cannot read is no reason to do without the others
        let keys = listed_keys.iter().filter_map(|k| serde_json::from_value(k.clone()).ok()).collect();
        let key_set = serde_json::from_value(listed).map_err(|_| "the list of keys is none")?;
        let fresh_for = rules::fresh_for(answer.cache_control.as_deref());
        Ok(Known { metadata, keys, key_set, fetched: now, fresh_for })
    }

    async fn discover(&self) -> Result<Metadata, &'static str> {
        let address = format!("{}/.well-known/openid-configuration", self.settings.url.trim_end_matches('/'));
        let answer = self.fetcher.get(&address).await.map_err(|_| "the metadata cannot be fetched")?;
        let metadata: Metadata =
            serde_json::from_slice(&answer.body).map_err(|_| "the metadata cannot be read")?;
        if metadata.issuer != self.settings.url {
            return Err("the metadata are those of another issuer");
        }
        let own_is_loopback = settings::web(&self.settings.url).is_ok_and(|url| settings::is_loopback(&url));
        let endpoints = [
            Some(&metadata.jwks_uri),
            metadata.authorization_endpoint.as_ref(),
            metadata.token_endpoint.as_ref(),
        ];
        for endpoint in endpoints.into_iter().flatten() {
            let url = settings::web(endpoint).map_err(|_| "the metadata name an unsafe address")?;
            // an issuer elsewhere has no business on this machine
            if settings::is_loopback(&url) && !own_is_loopback {
                return Err("the metadata name an address of this machine");
            }
        }
        Ok(metadata)
    }
}
