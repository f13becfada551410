//! GraphQL over HTTP: one JSON object in, one out.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::request::{bearer, language, text};
use super::{openid, request};
use crate::app::{App, Incoming};
use crate::auth::password;
use crate::error::Error;
use crate::gate::{Refused, Source};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    query: String,
    #[serde(default)]
    variables: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default)]
    operation_name: Option<String>,
}

/// An answer that is no result: `{"errors": [{"message", "extensions": {"code"}}]}`.
pub fn failure(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({ "errors": [{ "message": message, "extensions": { "code": code } }] });
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

pub async fn method_not_allowed() -> Response {
    let mut response = failure(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Send GraphQL by POST.");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

pub async fn post(
    State(app): State<Arc<App>>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Response {
    // JSON only: form posts and text/plain are how other sites make a browser send requests
    let content_type =
        text(&headers, header::CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !content_type.eq_ignore_ascii_case("application/json") {
        return failure(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "Send application/json.",
        );
    }
    let Some(body) = whole(body).await else {
        return failure(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PAYLOAD_TOO_LARGE",
            "The body is too large: at most 4 MiB.",
        );
    };
    let Ok(body) = serde_json::from_slice::<Asked>(&body) else {
        return failure(
            StatusCode::BAD_REQUEST,
            "BAD_REQUEST",
            "The body must be one JSON object with a string `query`, and optionally `variables` and `operationName`.",
        );
    };
    let variables = body.variables.unwrap_or_default();
    let checked = match app.check(Source::Text(&body.query), body.operation_name.as_deref(), &variables) {
        Ok(checked) => checked,
        Err(refused) => return counted(&app, refusal(refused), 0),
    };
    let incoming = Incoming {
        checked,
        language: language(&headers),
        request_id: request::id(&headers),
        client: extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()),
        agent: text(&headers, header::USER_AGENT).map(str::to_owned),
        browser: openid::browser(&app, &headers),
    };
    let who = match bearer(&headers) {
        Ok(None) => None,
        Ok(Some(token)) => match app.credential(token).await {
            Ok(who) => Some(who),
            Err(_) => return counted(&app, unauthenticated(), 0),
        },
        Err(_) => return counted(&app, unauthenticated(), 0),
    };
    match app.answer_for(who.as_ref(), incoming).await {
        Ok((answer, statements)) => {
            let body = serde_json::to_vec(&answer).unwrap_or_default();
            let mut response =
                (StatusCode::OK, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body)
                    .into_response();
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            response
                .headers_mut()
                .insert(header::VARY, HeaderValue::from_static("authorization, accept-language"));
            counted(&app, response, statements)
        }
        Err(Error::Unauthenticated) => counted(&app, unauthenticated(), 1),
        Err(_) => {
            failure(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Something went wrong here.")
        }
    }
}

/// The answer to a request that the gate refuses: errors, and no data.
fn refusal(refused: Refused) -> Response {
    let body = serde_json::json!({ "errors": refused.errors() });
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string())
        .into_response()
}

/// With what it cost, for tests: statements, and passwords hashed since the start.
fn counted(app: &App, mut response: Response, statements: u64) -> Response {
    if app.shows_statements() {
        response.headers_mut().insert("x-kafo-statements", HeaderValue::from(statements));
        response.headers_mut().insert("x-kafo-hashes", HeaderValue::from(password::hashes()));
    }
    response
}

pub fn unauthenticated() -> Response {
    let mut response = failure(
        StatusCode::UNAUTHORIZED,
        "UNAUTHENTICATED",
        "The access token does not hold. Sign in again, or refresh the sign-in.",
    );
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// The largest body, in bytes.
const LARGEST_BODY: usize = 4 * 1024 * 1024;
/// How much of a larger one is read and thrown away, so that a client that is still sending gets to
/// read the answer.
const DISCARDED: usize = 4 * LARGEST_BODY;

/// The body, unless it is too large or breaks off.
async fn whole(mut body: Body) -> Option<Vec<u8>> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length += data.len();
        if length <= LARGEST_BODY {
            bytes.extend_from_slice(&data);
        } else if length > DISCARDED {
            break;
        }
    }
    (length <= LARGEST_BODY).then_some(bytes)
}
