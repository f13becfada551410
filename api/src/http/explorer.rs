//! The explorer page: GraphiQL and what it needs, served from the binary itself.
//!
//! Nothing is fetched from another host, so the page works on a closed network and its
//! Content-Security-Policy can name no origin but its own.

use std::sync::LazyLock;

use axum::{
    Router,
    body::Bytes,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// What the page may load.
///
/// GraphiQL's dialogs and menus write a `<style>` element while they are open (it stops the
/// page behind from scrolling), hence `style-src 'unsafe-inline'`; its fonts and its cursor
/// images are `data:` URLs in its style sheet. It needs no inline script, `eval` nor worker.
/// `form-action 'none'` holds because the sign-in form is sent by script alone.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; \
    script-src 'self'; \
    style-src 'self' 'unsafe-inline'; \
    font-src 'self' data:; \
    img-src 'self' data:; \
    connect-src 'self'; \
    base-uri 'none'; \
    form-action 'none'; \
    frame-ancestors 'none'";

const PAGE: &[u8] = include_bytes!("../../assets/explorer/index.html");

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";
const SVG: &str = "image/svg+xml";
const TEXT: &str = "text/plain; charset=utf-8";

/// Every file under `/assets/` but the examples: its name, its content type, its bytes.
const ASSETS: &[(&str, &str, &[u8])] = &[
    ("explorer.css", CSS, include_bytes!("../../assets/explorer/explorer.css")),
    ("explorer.js", JAVASCRIPT, include_bytes!("../../assets/explorer/explorer.js")),
    ("graphiql.min.css", CSS, include_bytes!("../../assets/explorer/graphiql.min.css")),
    ("graphiql.min.js", JAVASCRIPT, include_bytes!("../../assets/explorer/graphiql.min.js")),
    ("icon.svg", SVG, include_bytes!("../../assets/explorer/icon.svg")),
    (
        // The binary holds a copy of this code, so it holds the licences too.
        "LICENCES.txt",
        TEXT,
        include_bytes!("../../assets/explorer/LICENCES.txt"),
    ),
    (
        "react-dom.production.min.js",
        JAVASCRIPT,
        include_bytes!("../../assets/explorer/react-dom.production.min.js"),
    ),
    ("react.production.min.js", JAVASCRIPT, include_bytes!("../../assets/explorer/react.production.min.js")),
];

/// The queries the page opens with, one tab each: a title and the document.
const EXAMPLES: &[(&str, &str)] = &[
    ("Open actions", include_str!("../../assets/explorer/examples/1-open-actions.graphql")),
    ("Meeting outcomes", include_str!("../../assets/explorer/examples/2-meeting-outcomes.graphql")),
    ("Memberships", include_str!("../../assets/explorer/examples/3-memberships.graphql")),
];

static EXAMPLES_JSON: LazyLock<Bytes> = LazyLock::new(|| {
    let examples: serde_json::Value =
        EXAMPLES.iter().map(|(title, query)| serde_json::json!({ "title": title, "query": query })).collect();
    Bytes::from(examples.to_string())
});

/// The routes of the explorer: the page at `/` and its files at `/assets/{file}`.
///
/// The page sends its requests to `/graphql` on the same host, which is not routed here.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/", get(page)).route("/assets/{file}", get(asset))
}

async fn page() -> Response {
    respond("text/html; charset=utf-8", "no-cache", Bytes::from_static(PAGE))
}

async fn asset(Path(file): Path<String>) -> Response {
    match find(&file) {
        Some((content_type, body)) => respond(content_type, "public, max-age=86400", body),
        None => (StatusCode::NOT_FOUND, [(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)])
            .into_response(),
    }
}

fn find(file: &str) -> Option<(&'static str, Bytes)> {
    if file == "examples.json" {
        return Some((JSON, EXAMPLES_JSON.clone()));
    }
    ASSETS
        .iter()
        .find(|(name, _, _)| *name == file)
        .map(|(_, content_type, body)| (*content_type, Bytes::from_static(body)))
}

fn respond(content_type: &'static str, cache_control: &'static str, body: Bytes) -> Response {
    (
        [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, cache_control)],
        [(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)],
        body,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_the_page_names_is_served() {
        let page = std::str::from_utf8(PAGE).expect("the page is UTF-8");
        let named: Vec<&str> =
            page.split("\"/assets/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(named.contains(&"explorer.js"));
        for file in named {
            assert!(find(file).is_some(), "{file} is named but not served");
        }
    }

    #[test]
    fn the_page_holds_no_inline_script_or_style() {
        let page = std::str::from_utf8(PAGE).expect("the page is UTF-8");
        assert!(!page.contains("<style") && !page.contains(" style="));
        assert_eq!(page.matches("<script").count(), page.matches("<script src=").count());
    }

    #[test]
    fn the_examples_are_a_json_array_of_titled_queries() {
        let (content_type, body) = find("examples.json").expect("examples are served");
        assert_eq!(content_type, JSON);
        let examples: Vec<serde_json::Value> = serde_json::from_slice(&body).expect("examples are JSON");
        assert_eq!(examples.len(), EXAMPLES.len());
        for example in examples {
            assert!(example["title"].is_string());
            assert!(example["query"].as_str().is_some_and(|query| query.starts_with('#')));
        }
    }
}
