//! Asking an issuer: within bounds of time and size, and without following it elsewhere.

use std::time::Duration;

use openidconnect::http::HeaderValue;
use openidconnect::{HttpRequest, HttpResponse};

/// The longest that an issuer may take.
const LONGEST: Duration = Duration::from_secs(5);
/// The largest answer, in bytes.
const LARGEST: usize = 512 * 1024;

/// Asks issuers.
pub struct Fetcher(Option<reqwest::Client>);

/// The body of an answer, and what its header `Cache-Control` says.
pub struct Fetched {
    /// The body.
    pub body: Vec<u8>,
    /// The header.
    pub cache_control: Option<String>,
}

impl Fetcher {
    /// For an issuer elsewhere, or on this very machine (past every proxy).
    pub fn new(is_loopback: bool) -> Self {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(LONGEST)
            .timeout(LONGEST)
            .https_only(!is_loopback)
            .user_agent("kafo");
        let builder = if is_loopback { builder.no_proxy() } else { builder };
        Self(builder.build().ok())
    }

    /// A document.
    pub async fn get(&self, url: &str) -> std::io::Result<Fetched> {
        let request = HttpRequest::new(Vec::new());
        let (mut parts, body) = request.into_parts();
        parts.headers.insert("accept", HeaderValue::from_static("application/json"));
        parts.uri = url.parse().map_err(|_| std::io::Error::other("no address"))?;
        let response = self.send(HttpRequest::from_parts(parts, body)).await?;
        if !response.status().is_success() {
            return Err(std::io::Error::other("an answer that is no success"));
        }
        let header = response.headers().get("cache-control").and_then(|v| v.to_str().ok());
        let cache_control = header.map(str::to_owned);
        Ok(Fetched { cache_control, body: response.into_body() })
    }

    /// Any request: the HTTP client of `openidconnect`.
    pub async fn send(&self, request: HttpRequest) -> std::io::Result<HttpResponse> {
        let client = self.0.as_ref().ok_or_else(|| std::io::Error::other("no HTTP client"))?;
        let request = request.try_into().map_err(|_| std::io::Error::other("no request"))?;
        let unreachable = |_| std::io::Error::other("no answer");
        let mut response = client.execute(request).await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(std::io::Error::other("too large an answer"));
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        Ok(answer)
    }
}
