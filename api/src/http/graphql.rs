//! GraphQL over HTTP: reads what is asked, has it checked and answered, and says it as the client accepts it.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use sha2::{Digest, Sha256};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::asked::{Asked, is_json};
use super::body::{self, Trouble};
use super::negotiate::{Media, media};
use super::quota::Payer;
use super::request::{bearer, language, text};
use super::turns::Turns;
use super::{Hall, LARGEST_BODY, Settings, client, openid, request};
use crate::account::store::Credential;
use crate::app::{Answered, App, Incoming, Key};
use crate::auth::password;
use crate::error::Error;
use crate::gate::{Checked, Cost, Refused};
use crate::graphql::errors::{OTHER_REQUEST, is_coded};
use crate::graphql::{Language, json};

/// The largest body of whoever has not signed in, in bytes.
const LARGEST_ANONYMOUS_BODY: usize = 256 * 1024;
/// How long a body may take to begin.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a request waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What the route needs.
#[derive(Clone)]
struct Desk {
    hall: Hall,
    turns: Turns,
}

/// `/graphql`.
pub fn routes<S: Clone + Send + Sync + 'static>(hall: Hall, settings: &Settings) -> Router<S> {
    let desk = Desk { hall, turns: Turns::new(settings.at_once, LONGEST_WAIT) };
    let route = Router::new().route("/graphql", any(serve));
    let route = if settings.origins.is_empty() { route } else { route.layer(cors(&settings.origins)) };
    route.with_state(desk)
}

/// Which other sites' scripts may ask. Without cookies a browser sends no rights along that the script does not have.
fn cors(origins: &[HeaderValue]) -> CorsLayer {
    let sent = [
        "authorization",
        "content-type",
        "accept",
        "accept-language",
        "if-none-match",
        "idempotency-key",
        "x-cost",
        "x-server-timing",
    ];
    let read = [
        "etag",
        "idempotency-replayed",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "server-timing",
        "x-request-id",
    ];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(sent.map(header::HeaderName::from_static))
        .expose_headers(read.map(header::HeaderName::from_static))
        .max_age(Duration::from_secs(3600))
}

/// The code of an answer to somebody who has asked for too much lately.
pub const RATE_LIMITED: &str = "RATE_LIMITED";
/// What it says.
pub const TOO_MUCH: &str = "You have asked for a lot within a minute. Wait as many seconds as `Retry-After` says, and ask for less at a time.";

/// An answer that is no result: `{"errors": [{"message", "extensions": {"code"}}]}`.
pub fn failure(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({ "errors": [{ "message": message, "extensions": { "code": code } }] });
    (status, [(header::CONTENT_TYPE, Media::Json.content_type())], body.to_string()).into_response()
}

/// What may go well a little later.
pub fn unavailable(code: &str, message: &str) -> Response {
    let mut response = failure(StatusCode::SERVICE_UNAVAILABLE, code, message);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

fn busy() -> Response {
    unavailable("UNAVAILABLE", "There is too much to do at the moment. Try again in a few seconds.")
}

fn bad_request(message: &str) -> Response {
    failure(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

fn method_not_allowed(allowed: &'static str) -> Response {
    let message = "Send queries by GET or POST, mutations by POST.";
    let mut response = failure(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

async fn serve(
    State(desk): State<Desk>,
    method: Method,
    RawQuery(query): RawQuery,
    extensions: Extensions,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !matches!(method, Method::GET | Method::HEAD | Method::POST) {
        return method_not_allowed("GET, POST");
    }
    let Some(media) = media(&headers) else {
        let message = "Accept application/graphql-response+json or application/json.";
        return failure(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message);
    };
    let asking = Asking { desk, media, extensions, headers, is_get: method != Method::POST };
    let mut response = match asking.answer(query.as_deref().unwrap_or_default(), body).await {
        Ok(response) | Err(response) => response,
    };
    let own = response.headers_mut();
    if own.contains_key(header::CONTENT_TYPE) {
        own.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    }
    own.insert(header::VARY, HeaderValue::from_static("accept, accept-language, authorization, x-cost"));
    own.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    response
}

/// One request that is being answered.
struct Asking {
    desk: Desk,
    media: Media,
    extensions: Extensions,
    headers: HeaderMap,
    is_get: bool,
}

impl Asking {
    async fn answer(self, query: &str, body: Body) -> Result<Response, Response> {
        let who = self.who().await?;
        let asked = self.asked(who.is_some(), query, body).await?;
        let once = asked.key(&self.headers).map_err(bad_request)?;
        let _turn = self.desk.turns.take().await.ok_or_else(busy)?;
        let start = Instant::now();
        let app = &self.desk.hall.app;
        let checked = app.check(asked.source(), asked.operation.as_deref(), &asked.variables);
        // reading what is refused is work, too
        let cost = checked.as_ref().map_or(1, |checked| checked.cost.requested);
        let payer = Payer::of(who.as_ref(), client::address_of(&self.extensions));
        let standing = self.desk.hall.quotas.charge(&payer, cost);
        let outcome = match checked {
            Err(refused) => Err(counted(app, refusal(refused, self.media), 0)),
            Ok(checked) if standing.is_some_and(|standing| standing.wait.is_some()) => {
                Err(counted(app, too_much(&checked.cost), 0))
            }
            Ok(checked) => self.run(who.as_ref(), checked, once, start).await,
        };
        let tell = |mut response: Response| {
            if let Some(standing) = standing {
                standing.tell(response.headers_mut());
            }
            response
        };
        outcome.map(tell).map_err(tell)
    }

    /// Runs what was checked, and says what came of it.
    async fn run(
        &self,
        who: Option<&Credential>,
        checked: Checked,
        once: Option<Key>,
        start: Instant,
    ) -> Result<Response, Response> {
        if self.is_get && !checked.is_query {
            return Err(method_not_allowed("POST"));
        }
        let app = &self.desk.hall.app;
        let checking = start.elapsed();
        let cost = self.headers.contains_key("x-cost").then(|| checked.cost.told());
        let language = language(&self.headers);
        let incoming = Incoming {
            checked,
            language,
            once,
            request_id: request::id(&self.headers),
            client: client::address_of(&self.extensions),
            agent: text(&self.headers, header::USER_AGENT).map(str::to_owned),
            browser: openid::browser(app, &self.headers),
        };
        let Answered { response: mut answer, statements, was_repeat } =
            app.answer_for(who, incoming).await.map_err(|error| match error {
                Error::Unauthenticated => counted(app, unauthenticated(), 1),
                _ => {
                    let status = StatusCode::INTERNAL_SERVER_ERROR;
                    failure(status, "INTERNAL_SERVER_ERROR", "Something went wrong here.")
                }
            })?;
        let is_other = answer.errors.iter().any(|error| is_coded(error, OTHER_REQUEST));
        answer.extensions.extend(cost.map(|cost| ("cost".to_owned(), cost)));
        let is_whole = answer.errors.is_empty();
        let body = json(answer);
        let mut response =
            if self.is_get && is_whole { self.tagged(who, language, body) } else { self.plain(body) };
        if is_other {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        if was_repeat {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if self.headers.contains_key("x-server-timing") {
            let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
            let running = milliseconds(start.elapsed().saturating_sub(checking));
            let timing = format!("check;dur={:.3}, run;dur={running:.3}", milliseconds(checking));
            response.headers_mut().extend(timing.parse().map(|value| (SERVER_TIMING, value)));
        }
        Ok(counted(app, response, statements))
    }

    async fn who(&self) -> Result<Option<Credential>, Response> {
        let app = &self.desk.hall.app;
        let refused = |_| counted(app, unauthenticated(), 0);
        match bearer(&self.headers).map_err(refused)? {
            Some(token) => app.credential(token).await.map(Some).map_err(refused),
            None => Ok(None),
        }
    }

    async fn asked(&self, is_known: bool, query: &str, body: Body) -> Result<Asked, Response> {
        if self.is_get {
            return Asked::from_url(query).map_err(bad_request);
        }
        if !is_json(&self.headers) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(failure(status, "UNSUPPORTED_MEDIA_TYPE", "Send application/json in UTF-8."));
        }
        let most = if is_known { LARGEST_BODY } else { LARGEST_ANONYMOUS_BODY };
        match body::whole(body, most, PATIENCE).await {
            Ok(body) => Asked::from_body(&body).map_err(bad_request),
            Err(Trouble::TooLarge) => {
                let message = "The body is too large: at most 4 MiB, 256 KiB without signing in.";
                Err(failure(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message))
            }
            Err(Trouble::TooSlow) => {
                Err(failure(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", "The body did not come in time."))
            }
            Err(Trouble::Broken) => Err(bad_request("The body broke off.")),
        }
    }

    fn plain(&self, body: Vec<u8>) -> Response {
        ([(header::CONTENT_TYPE, self.media.content_type())], body).into_response()
    }

    /// With a tag, by which a client that asks again learns that nothing has changed.
    ///
    /// The tag is that of the answer: it saves the way, not yet the work. Once rights and changes are counted where
    /// they are read, it can be made from these counts before anything runs.
    fn tagged(&self, who: Option<&Credential>, language: Language, body: Vec<u8>) -> Response {
        let seen = format!("{who:?} {language:?} {:?} ", self.media);
        let digest = Sha256::new().chain_update(seen).chain_update(&body).finalize();
        // weak: compression may change the bytes
        let tag = format!("W/\"{}\"", hex::encode(&digest[..16]));
        let given = text(&self.headers, header::IF_NONE_MATCH).unwrap_or_default();
        let is_known = given.split(',').any(|one| one.trim().trim_start_matches("W/") == &tag[2..]);
        let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { self.plain(body) };
        let own = response.headers_mut();
        own.extend(tag.parse().map(|value| (header::ETAG, value)));
        own.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        response
    }
}

/// Says that an answer tells what an earlier request did.
const REPLAYED: header::HeaderName = header::HeaderName::from_static("idempotency-replayed");
const SERVER_TIMING: header::HeaderName = header::HeaderName::from_static("server-timing");

/// Refused before anything ran: errors, and no data.
fn refusal(refused: Refused, media: Media) -> Response {
    let cost = refused.cost.as_ref().map(Cost::told);
    let mut body = serde_json::json!({ "errors": refused.errors() });
    if let Some(cost) = cost {
        body["extensions"] = serde_json::json!({ "cost": cost });
    }
    (media.refused(), [(header::CONTENT_TYPE, media.content_type())], body.to_string()).into_response()
}

/// Refused because whoever asks has asked for too much lately.
fn too_much(cost: &Cost) -> Response {
    let error = serde_json::json!({ "message": TOO_MUCH, "extensions": { "code": RATE_LIMITED } });
    let body = serde_json::json!({ "errors": [error], "extensions": { "cost": cost.told() } });
    let kind = [(header::CONTENT_TYPE, Media::Json.content_type())];
    (StatusCode::TOO_MANY_REQUESTS, kind, body.to_string()).into_response()
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
