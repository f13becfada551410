//! Kafo as a client of an issuer: to the issuer with a challenge, back with a code, and what the ID token says.

use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreIdToken, CoreJwsSigningAlgorithm,
    CoreTokenResponse,
};
use openidconnect::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, StandardErrorResponse, TokenResponse, TokenUrl,
};
use secrecy::ExposeSecret;

use super::issuer::{Issuer, Known};
use crate::auth::token;

/// Clocks may differ by this much.
const LEEWAY: TimeDelta = TimeDelta::seconds(5);

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;

type Failed = RequestTokenError<std::io::Error, StandardErrorResponse<CoreErrorResponseType>>;

/// What signs ID tokens that are taken: asymmetric only.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A browser on its way to the issuer.
pub struct Departure {
    /// Where it goes.
    pub location: String,
    /// What it brings back.
    pub state: String,
    /// What stands in the ID token.
    pub nonce: String,
    /// What proves at the exchange that it was us who sent it (PKCE).
    pub verifier: String,
}

/// Who came back.
#[derive(Debug)]
pub struct Arrival {
    /// Who they are at the issuer.
    pub subject: String,
    /// Their address, if the issuer has verified it.
    pub verified_email: Option<String>,
}

/// What a browser brought back.
pub struct Returned<'a> {
    /// The code.
    pub code: &'a str,
    /// The flow's verifier.
    pub verifier: &'a str,
    /// The flow's nonce.
    pub nonce: &'a str,
}

fn client(issuer: &Issuer, known: &Known, redirect: &str) -> Option<Client> {
    let settings = issuer.settings.client.as_ref()?;
    let metadata = &known.metadata;
    let client = CoreClient::new(
        ClientId::new(settings.id.clone()),
        IssuerUrl::new(issuer.settings.url.clone()).ok()?,
        known.key_set.clone(),
    )
    .set_auth_uri(AuthUrl::new(metadata.authorization_endpoint.clone()?).ok()?)
    .set_token_uri(TokenUrl::new(metadata.token_endpoint.clone()?).ok()?)
    .set_redirect_uri(RedirectUrl::new(redirect.to_owned()).ok()?);
    let Some(secret) = &settings.secret else { return Some(client) };
    let methods = &metadata.token_endpoint_auth_methods_supported;
    let takes = |name: &str| methods.iter().any(|m| m == name);
    let in_body = takes("client_secret_post") && !takes("client_secret_basic");
    let auth_type = if in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
    let secret = ClientSecret::new(secret.expose_secret().to_owned());
    Some(client.set_client_secret(secret).set_auth_type(auth_type))
}

/// Sends a browser to the issuer; `None` if the issuer's metadata do not say where to.
pub fn depart(issuer: &Issuer, known: &Known, redirect: &str) -> Option<Departure> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let client = client(issuer, known, redirect)?;
    let (location, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(token::random()),
            || Nonce::new(token::random()),
        )
        .add_scope(Scope::new("email".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    Some(Departure {
        location: location.into(),
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
    })
}

/// Exchanges the code and verifies the ID token.
///
/// # Errors
/// What went wrong, for the log.
pub async fn arrive(
    issuer: &Arc<Issuer>,
    known: &Known,
    redirect: &str,
    returned: Returned<'_>,
    now: DateTime<Utc>,
) -> Result<Arrival, &'static str> {
    let sender = client(issuer, known, redirect).ok_or("the metadata name no endpoints")?;
    let sending = issuer.clone();
    let send = move |request: HttpRequest| {
        let sending = sending.clone();
        async move { sending.fetcher.send(request).await }
    };
    let request = sender
        .exchange_code(AuthorizationCode::new(returned.code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(returned.verifier.to_owned()));
    // boxed: the compiler does not see through the lifetimes otherwise
    let exchange: Pin<Box<dyn Future<Output = Result<_, _>> + Send + '_>> =
        Box::pin(request.request_async(&send));
    let tokens: CoreTokenResponse = exchange.await.map_err(|_: Failed| "the code was not exchanged")?;
    let id_token = tokens.id_token().ok_or("there is no ID token")?;
    // the key may be newer than those that we know
    let kid = jsonwebtoken::decode_header(id_token.to_string()).ok().and_then(|h| h.kid);
    let known = issuer.known(kid.as_deref(), now).await.ok_or("the key of the ID token is not there")?;
    let verifier = client(issuer, &known, redirect).ok_or("the metadata name no endpoints")?;
    read(&verifier, id_token, &Nonce::new(returned.nonce.to_owned()), now)
}

fn read(
    client: &Client,
    id_token: &CoreIdToken,
    nonce: &Nonce,
    now: DateTime<Utc>,
) -> Result<Arrival, &'static str> {
    let in_order = move |issued: DateTime<Utc>| {
        if issued <= now + LEEWAY { Ok(()) } else { Err("issued in the future".to_owned()) }
    };
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || now - LEEWAY)
        .set_issue_time_verifier_fn(in_order);
    let claims = id_token.claims(&verifier, nonce).map_err(|_| "the ID token does not hold")?;
    let other_party = claims.authorized_party().is_some_and(|party| party != client.client_id());
    if other_party || claims.subject().is_empty() || claims.subject().len() > 255 {
        return Err("the ID token is for another client, or names nobody");
    }
    let verified = claims.email_verified() == Some(true);
    let email = claims.email().filter(|_| verified).map(|email| email.to_string());
    Ok(Arrival { subject: claims.subject().to_string(), verified_email: email })
}
