//! What the headers of a request say, read in one way for every route.

use axum::http::{HeaderMap, HeaderName, header};

use crate::error::Error;
use crate::graphql::Language;

/// The header with the id that a request is given.
pub const ID: HeaderName = HeaderName::from_static("x-request-id");

/// A header as text; none if it is missing or no text.
pub fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The language that the client asks for.
pub fn language(headers: &HeaderMap) -> Language {
    Language::accepted(text(headers, header::ACCEPT_LANGUAGE))
}

/// The id that the request was given on its way in.
pub fn id(headers: &HeaderMap) -> Option<String> {
    text(headers, ID).map(str::to_owned)
}

/// The token of the one `Authorization` header; none if there is no such header. A header that cannot
/// be read is not taken for none. Cookies never sign a request: no other site can make a browser send one.
///
/// # Errors
/// `UNAUTHENTICATED` if there are several such headers, or one that is no bearer token.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Error> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (all.next(), all.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().map_err(|_| Error::Unauthenticated)?,
        (Some(_), Some(_)) => return Err(Error::Unauthenticated),
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Ok(Some(token.trim_start_matches(' ')))
        }
        _ => Err(Error::Unauthenticated),
    }
}
