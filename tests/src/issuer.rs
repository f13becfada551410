//! A real issuer of OpenID Connect: its own keys, discovery, authorisation and token endpoints, which check
//! what they are sent. Tests tell it who is signed in there and what to do wrong.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Form, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::pkcs8::EncodePrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The id of Kafo as a client.
pub const CLIENT: &str = "kafo-of-tests";
/// The secret of Kafo as a client; with characters that must be encoded.
pub const SECRET: &str = "a secret: 100 % of the tests & more";
/// The audience of access tokens for Kafo.
pub const AUDIENCE: &str = "https://api.kafo.example";
/// Where browsers find Kafo, as the issuer and Kafo were told.
pub const PUBLIC_URL: &str = "http://127.0.0.1:9";

/// Making an RSA key takes a moment: one for all tests of a process.
static RSA: LazyLock<rsa::RsaPrivateKey> =
    LazyLock::new(|| rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("an RSA key"));

/// The issuer. It ends when dropped.
#[derive(Debug)]
pub struct Issuer {
    url: String,
    known: Known,
    server: tokio::task::JoinHandle<()>,
}

type Known = Arc<Mutex<World>>;

/// What the issuer knows, and how it behaves.
#[derive(Debug, Default)]
pub struct World {
    /// Who is signed in there: the claims of the next ID tokens. `null` leaves a claim out.
    pub person: Value,
    /// Whether it answers 503 to everything.
    pub is_down: bool,
    /// Whether it answers late, so that requests come together.
    pub is_slow: bool,
    /// Says in its metadata that it names itself in its answers (RFC 9207).
    pub names_itself: bool,
    /// How often its keys were fetched.
    pub keys_fetched: u32,
    /// How often a code was exchanged.
    pub exchanged: u32,
    url: String,
    keys: Vec<Key>,
    codes: HashMap<String, Code>,
}

#[derive(Clone)]
struct Key {
    kid: String,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.kid)
    }
}

#[derive(Debug)]
struct Code {
    redirect: String,
    challenge: String,
    nonce: String,
}

impl Issuer {
    /// Starts one, with an RSA key.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let der = RSA.to_pkcs1_der().expect("a key");
        let key = Key {
            kid: "first".to_owned(),
            algorithm: Algorithm::RS256,
            key: EncodingKey::from_rsa_der(der.as_bytes()),
        };
        let world = World { url: url.clone(), keys: vec![key], ..World::default() };
        let known = Arc::new(Mutex::new(world));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/authorise", get(authorise))
            .route("/token", post(token))
            .layer(middleware::from_fn_with_state(known.clone(), mood))
            .with_state(known.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("the issuer serves");
        });
        Self { url, known, server }
    }

    /// Its identifier.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it knows, to be looked at or changed.
    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.known)
    }

    /// The variables that make Kafo trust it.
    pub fn environment(&self) -> Vec<(&str, &str)> {
        vec![
            ("KAFO_PUBLIC_URL", PUBLIC_URL),
            ("KAFO_OPENID_ISSUER", &self.url),
            ("KAFO_OPENID_CLIENT_ID", CLIENT),
            ("KAFO_OPENID_CLIENT_SECRET", SECRET),
            ("KAFO_OPENID_AUDIENCE", AUDIENCE),
        ]
    }

    /// Has it sign with a new key (on an elliptic curve); the old ones are gone.
    pub fn rotate(&self) {
        let random = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
        let secret = p256::SecretKey::from_slice(&random).expect("a number below the order");
        let der = secret.to_pkcs8_der().expect("a key");
        let key = EncodingKey::from_ec_der(der.as_bytes());
        let kid = Uuid::new_v4().to_string();
        self.world().keys = vec![Key { kid, algorithm: Algorithm::ES256, key }];
    }

    /// An access token for Kafo about `subject`, signed with its newest key. `claims` replace the usual
    /// ones; `null` leaves one out.
    pub fn access_token(&self, subject: &str, claims: &Value) -> String {
        self.signed(json!({ "typ": "at+jwt" }), subject, claims)
    }

    /// The same with another header: `kid` and `typ` (`null`: none) are heeded.
    pub fn signed(&self, header: Value, subject: &str, claims: &Value) -> String {
        let world = self.world();
        let key = world.keys.last().expect("a key");
        let mut own = Header::new(key.algorithm);
        own.kid = Some(key.kid.clone());
        own.typ = header["typ"].as_str().map(str::to_owned);
        if let Some(kid) = header.get("kid") {
            own.kid = kid.as_str().map(str::to_owned);
        }
        encode(&own, &access_claims(&self.url, subject, claims), &key.key).expect("a token")
    }

    /// A token "signed" by `HS256` with what everybody knows: the public key.
    pub fn confused(&self, subject: &str) -> String {
        let pem = RSA.to_public_key().to_public_key_pem(LineEnding::LF).expect("a public key");
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("first".to_owned());
        let claims = access_claims(&self.url, subject, &json!({}));
        encode(&header, &claims, &EncodingKey::from_secret(pem.as_bytes())).expect("a token")
    }

    /// A token without a signature.
    pub fn unsigned(&self, subject: &str) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "none", "typ": "JWT", "kid": "first" });
        format!("{}.{}.", part(&header), part(&access_claims(&self.url, subject, &json!({}))))
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock(known: &Known) -> MutexGuard<'_, World> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the issuer has a clock of its own")]
pub fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn access_claims(url: &str, subject: &str, claims: &Value) -> Value {
    let now = seconds();
    let usual = json!({ "iss": url, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 300 });
    merged(usual, claims)
}

fn merged(mut usual: Value, own: &Value) -> Value {
    for (name, value) in own.as_object().into_iter().flatten() {
        if value.is_null() {
            usual.as_object_mut().expect("an object").remove(name);
        } else {
            usual[name] = value.clone();
        }
    }
    usual
}

async fn mood(State(known): State<Known>, request: Request, next: Next) -> Response {
    let (is_down, is_slow) = {
        let world = lock(&known);
        (world.is_down, world.is_slow)
    };
    if is_slow {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    if is_down { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { next.run(request).await }
}

async fn metadata(State(known): State<Known>) -> Json<Value> {
    let world = lock(&known);
    let url = &world.url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorise"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "authorization_response_iss_parameter_supported": world.names_itself,
    }))
}

async fn keys(State(known): State<Known>) -> impl IntoResponse {
    let mut world = lock(&known);
    world.keys_fetched += 1;
    let keys: Vec<Value> = world
        .keys
        .iter()
        .map(|k| {
            let mut jwk = Jwk::from_encoding_key(&k.key, k.algorithm).expect("a public key");
            jwk.common.key_id = Some(k.kid.clone());
            merged(serde_json::to_value(jwk).expect("JSON"), &json!({ "use": "sig" }))
        })
        .chain([json!({ "kty": "of tomorrow", "kid": "unreadable" })])
        .collect();
    ([(header::CACHE_CONTROL, "public, max-age=3600")], Json(json!({ "keys": keys })))
}

type Asked = Query<HashMap<String, String>>;

async fn authorise(State(known): State<Known>, Query(asked): Asked) -> Response {
    let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let mut world = lock(&known);
    let sound = of("response_type") == "code"
        && of("client_id") == CLIENT
        && of("redirect_uri") == format!("{PUBLIC_URL}/sign-in/openid/callback")
        && of("code_challenge_method") == "S256"
        && of("code_challenge").len() == 43
        && of("scope").split(' ').any(|s| s == "openid")
        && of("state").len() > 20
        && of("nonce").len() > 20;
    if !sound {
        return (StatusCode::BAD_REQUEST, format!("{asked:?}")).into_response();
    }
    let code = Uuid::new_v4().to_string();
    let location = format!("{}?code={code}&state={}&iss={}", of("redirect_uri"), of("state"), world.url);
    let kept = Code { redirect: of("redirect_uri"), challenge: of("code_challenge"), nonce: of("nonce") };
    world.codes.insert(code, kept);
    Redirect::to(&location).into_response()
}

async fn token(
    State(known): State<Known>,
    headers: HeaderMap,
    Form(asked): Form<HashMap<String, String>>,
) -> Response {
    let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let refuse = |what: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": what }))).into_response();
    let mut world = lock(&known);
    world.exchanged += 1;
    let basic = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let basic = STANDARD.decode(basic.trim_start_matches("Basic ")).unwrap_or_default();
    let encoded = |text: &str| -> String {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._*".contains(&b);
        let one = |b: u8| match b {
            b' ' => "+".to_owned(),
            b if plain(b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        };
        text.bytes().map(one).collect()
    };
    if basic != format!("{}:{}", encoded(CLIENT), encoded(SECRET)).into_bytes() {
        return refuse("invalid_client");
    }
    // a code is good once
    let Some(code) = world.codes.remove(&of("code")) else { return refuse("invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(of("code_verifier").as_bytes()));
    let sound = of("grant_type") == "authorization_code"
        && of("redirect_uri") == code.redirect
        && challenge == code.challenge;
    if !sound {
        return refuse("invalid_grant");
    }
    let now = seconds();
    let usual = json!({ "iss": world.url, "aud": CLIENT, "sub": "nobody", "iat": now, "exp": now + 300, "nonce": code.nonce });
    let claims = merged(usual, &world.person);
    let key = world.keys.last().expect("a key");
    let mut head = Header::new(key.algorithm);
    head.kid = Some(key.kid.clone());
    let id_token = encode(&head, &claims, &key.key).expect("a token");
    Json(json!({ "access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": id_token }))
        .into_response()
}
