//! Access tokens that nobody gave out, and refresh tokens that are used again.

mod forged;
mod refreshed;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use tests::{Answer, Client, Value, World, json};

const PASSWORD: &str = "trois pirogues sur le Bani";

fn account(world: &World, email: &str) {
    world.kafo_ok(&["account", "create", "--email", email, "--name", "Awa Exemple", "--admin"], PASSWORD);
}

/// What the server says to exactly this `Authorization` header, or to several.
async fn with_headers(world: &World, headers: &[HeaderValue]) -> Answer {
    let client = world.client();
    let body = json!({ "query": "{ viewer { isAdmin } }" });
    let mut request = client.request(reqwest::Method::POST, "/graphql").json(&body);
    for header in headers {
        request = request.header(AUTHORIZATION, header.clone());
    }
    client.send(request).await
}

async fn with_token(world: &World, token: &str) -> Answer {
    let header = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).expect("a header");
    with_headers(world, &[header]).await
}

/// Account and sign-in of a client, from its token.
fn claims_of(client: &Client) -> Value {
    let token = client.access_token().expect("a token");
    let part = token.split('.').nth(1).expect("claims");
    serde_json::from_slice(&BASE64.decode(part).expect("base64")).expect("JSON")
}
