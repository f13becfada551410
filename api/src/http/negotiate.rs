//! In which of the two media types of GraphQL over HTTP an answer goes out.

use axum::http::{HeaderMap, StatusCode, header};

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/json`: 200 for whatever GraphQL has to say, as clients have always had it.
    Json,
    /// `application/graphql-response+json`: the status says whether the request was refused.
    Response,
}

impl Media {
    /// What goes into `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Response => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// The status of a request that is well-formed and was refused before anything ran.
    pub const fn refused(self) -> StatusCode {
        match self {
            Self::Json => StatusCode::OK,
            Self::Response => StatusCode::BAD_REQUEST,
        }
    }
}

/// What the client likes best of the two; JSON if it does not say. None if it takes neither.
pub fn media(headers: &HeaderMap) -> Option<Media> {
    let mut accepted =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    if accepted.peek().is_none() {
        return Some(Media::Json);
    }
    let (mut json, mut response) = (Liking::default(), Liking::default());
    for range in accepted.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality =
            parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok());
        let Some(quality) = quality.filter(|quality| (0.0..=1.0).contains(quality)) else { continue };
        match name.as_str() {
            "application/json" => json.hear(2, quality),
            "application/graphql-response+json" => response.hear(2, quality),
            "application/*" => {
                json.hear(1, quality);
                response.hear(1, quality);
            }
            "*/*" => {
                json.hear(0, quality);
                response.hear(0, quality);
            }
            _ => {}
        }
    }
    // of two that are liked equally the one that was named; JSON if none was
    match (json.quality, response.quality) {
        (None | Some(0.0), None | Some(0.0)) => None,
        (of_json, of_response) if of_response > of_json => Some(Media::Response),
        (of_json, of_response) if of_json > of_response => Some(Media::Json),
        _ if response.precision == Some(2) => Some(Media::Response),
        _ => Some(Media::Json),
    }
}

/// How much a type is liked, and how precisely that was said: what is said most precisely holds.
#[derive(Clone, Copy, Default)]
struct Liking {
    precision: Option<u8>,
    quality: Option<f32>,
}

impl Liking {
    fn hear(&mut self, precision: u8, quality: f32) {
        if self.precision.is_none_or(|before| precision >= before) {
            *self = Self { precision: Some(precision), quality: Some(quality) };
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_client_chooses() {
        for (accept, expected) in [
            ("application/json", Some(Media::Json)),
            ("application/graphql-response+json", Some(Media::Response)),
            ("application/graphql-response+json, application/json;q=0.9", Some(Media::Response)),
            ("application/graphql-response+json;q=0.5, application/json", Some(Media::Json)),
            ("application/json, application/graphql-response+json", Some(Media::Response)),
            ("*/*", Some(Media::Json)),
            ("application/*;q=0.1", Some(Media::Json)),
            ("text/html, */*;q=0.1", Some(Media::Json)),
            ("application/graphql-response+json; charset=utf-8", Some(Media::Response)),
            ("APPLICATION/JSON", Some(Media::Json)),
            ("application/json;q=0, */*", Some(Media::Response)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json;q=high", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(media(&headers), expected, "{accept}");
        }
        assert_eq!(media(&HeaderMap::new()), Some(Media::Json));
    }
}
