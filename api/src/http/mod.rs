//! HTTP: bytes, headers, sockets. Knows nothing of meetings.

mod asked;
mod body;
mod client;
mod explorer;
mod export;
mod graphql;
mod health;
mod listener;
mod negotiate;
mod openid;
mod patient;
mod quota;
mod request;
mod turns;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRef, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::ServiceBuilderExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestId, RequestId};
use tower_http::trace::TraceLayer;

use crate::app::App;
use crate::openid::{CALLBACK, START};

use self::quota::Quotas;

pub use client::Proxies;
pub use listener::{bind, serve};
pub use quota::Allowed;

/// The largest body, in bytes.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// What can be set about HTTP.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Other sites whose scripts may ask: `https://dashboard.example.org`.
    pub origins: Vec<HeaderValue>,
    /// How many GraphQL requests are answered at a time.
    pub at_once: usize,
    /// How many connections are open at a time.
    pub connections: usize,
    /// The longest that an answer may take.
    pub longest_answer: Duration,
    /// Whose word is taken for whom they speak.
    pub proxies: Proxies,
    /// How much each may cost in a minute.
    pub allowed: Allowed,
}

/// What routes share.
#[derive(Clone)]
struct Hall {
    app: Arc<App>,
    quotas: Arc<Quotas>,
}

impl FromRef<Hall> for Arc<App> {
    fn from_ref(hall: &Hall) -> Self {
        hall.app.clone()
    }
}

impl FromRef<Hall> for Arc<Quotas> {
    fn from_ref(hall: &Hall) -> Self {
        hall.quotas.clone()
    }
}

#[derive(Clone, Copy, Default)]
struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let id = uuid::Uuid::now_v7().simple().to_string();
        HeaderValue::from_str(&id).ok().map(RequestId::new)
    }
}

/// Everything that is served.
pub fn router(app: Arc<App>, settings: &Settings) -> Router {
    let proxies = settings.proxies.clone();
    let longest = settings.longest_answer;
    let hall = Hall { app, quotas: Arc::new(Quotas::new(settings.allowed)) };
    let layers = tower::ServiceBuilder::new()
        .map_request(move |mut request: Request| {
            // a request id that a client sends is not trusted: it could be anything
            request.headers_mut().remove(request::ID);
            proxies.note(&mut request);
            request
        })
        .set_request_id(request::ID, NewRequestId)
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .propagate_request_id(request::ID)
        // pages say more about themselves
        .insert_response_header_if_not_present(header::X_CONTENT_TYPE_OPTIONS, value("nosniff"))
        .insert_response_header_if_not_present(header::REFERRER_POLICY, value("no-referrer"))
        .insert_response_header_if_not_present(header::X_FRAME_OPTIONS, value("DENY"))
        .insert_response_header_if_not_present(
            header::CONTENT_SECURITY_POLICY,
            value("default-src 'none'; frame-ancestors 'none'"),
        )
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(move |asked: Request, next: Next| in_time(longest, next.run(asked))));
    Router::new()
        .route("/schema.graphql", get(schema))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/export/person/{file}", get(export::person))
        .route("/export/group/{group}/contacts.csv", get(export::contacts))
        .route("/export/group/{group}/organisations.csv", get(export::organisations))
        .route(START, get(openid::start))
        .route(CALLBACK, get(openid::callback))
        .merge(explorer::routes())
        .merge(graphql::routes(hall.clone(), settings))
        .layer(layers)
        .with_state(hall)
}

const fn value(text: &'static str) -> HeaderValue {
    HeaderValue::from_static(text)
}

/// Method and path only: query strings and headers may hold what is nobody's business.
fn span(asked: &Request) -> tracing::Span {
    let id = request::text(asked.headers(), request::ID).unwrap_or_default();
    tracing::info_span!("request", id, method = %asked.method(), path = asked.uri().path())
}

/// An answer, unless it takes too long: what is under way then is given up.
async fn in_time(longest: Duration, answer: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(longest, answer).await.unwrap_or_else(|_| {
        tracing::warn!("a request took too long");
        graphql::unavailable("TIMEOUT", "This took too long. Ask for less, or try again later.")
    })
}

// The payload of a panic may hold what somebody typed; the log gets that there was one.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a request panicked");
    graphql::failure(
        axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        "INTERNAL_SERVER_ERROR",
        "Something went wrong here.",
    )
}

async fn schema() -> impl IntoResponse {
    // exporting builds the whole schema: once is enough
    static SDL: LazyLock<String> = LazyLock::new(crate::graphql::sdl);
    ([("content-type", "application/graphql; charset=utf-8")], SDL.as_str())
}
