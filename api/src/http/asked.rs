//! What a request over HTTP asks: a document or the digest of one, variables, an operation.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::request::text;
use crate::app::Key;
use crate::gate::{Digest, Source, digest, is_id};

/// The parameters of a request.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked {
    query: Option<String>,
    digest: Option<Digest>,
    /// The id of a document in the server's manifest.
    id: Option<String>,
    /// The values of variables.
    pub variables: Map<String, Value>,
    /// Which operation.
    pub operation: Option<String>,
    /// `extensions.idempotencyKey`.
    key: Option<String>,
}

/// What is wrong with a request before GraphQL comes into it, in a sentence.
pub type Malformed = &'static str;

/// The longest idempotency key, in characters.
const LONGEST_KEY: usize = 255;
const WRONG_KEY: Malformed = "An idempotency key is 1 to 255 visible ASCII characters, a UUID for instance.";
const TWO_KEYS: Malformed =
    "Give one idempotency key: as the header `Idempotency-Key` or as `extensions.idempotencyKey`.";

fn is_key(key: &str) -> bool {
    (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

const WRONG_ID: Malformed =
    "`documentId` must be `sha256:` and 64 hexadecimal digits, or an id of the server's manifest, alone.";
const NO_DOCUMENT: Malformed =
    "Send a document as the string `query`, or the digest of one that was sent before as `documentId`.";

/// Whether a body is JSON in UTF-8, as its headers say. Form posts and `text/plain` are how other sites make a
/// browser send requests.
pub fn is_json(headers: &HeaderMap) -> bool {
    let content_type = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|part| match part.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    let plain = text(headers, header::CONTENT_ENCODING).is_none_or(|e| e.eq_ignore_ascii_case("identity"));
    json && utf8 && plain && headers.get_all(header::CONTENT_TYPE).iter().count() == 1
}

impl Asked {
    /// From the body of a POST.
    pub fn from_body(body: &[u8]) -> Result<Self, Malformed> {
        let body = serde_json::from_slice(body).map_err(|_| "The body is no JSON.")?;
        match body {
            Value::Object(fields) => Self::from_fields(fields),
            Value::Array(_) => Err("One request at a time: a list of them is not taken."),
            _ => Err("The body must be a JSON object."),
        }
    }

    /// From the query string of a GET.
    pub fn from_url(query: &str) -> Result<Self, Malformed> {
        let mut fields = Map::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = match name.as_ref() {
                "variables" | "extensions" if !value.is_empty() => {
                    serde_json::from_str(&value).map_err(|_| "`variables` and `extensions` must be JSON.")?
                }
                _ => Value::String(value.into_owned()),
            };
            if fields.insert(name.into_owned(), value).is_some() {
                return Err("A parameter is given twice.");
            }
        }
        fields.retain(|name, value| name == "query" || value != "");
        Self::from_fields(fields)
    }

    fn from_fields(mut fields: Map<String, Value>) -> Result<Self, Malformed> {
        let query = string(fields.remove("query")).ok_or("`query` must be a string.")?;
        let operation = string(fields.remove("operationName")).ok_or("`operationName` must be a string.")?;
        let variables = object(fields.remove("variables")).ok_or("`variables` must be an object.")?;
        let mut extensions = object(fields.remove("extensions")).ok_or("`extensions` must be an object.")?;
        let key = string(extensions.remove("idempotencyKey"))
            .ok_or("`extensions.idempotencyKey` must be a string.")?;
        let document_id = string(fields.remove("documentId")).ok_or("`documentId` must be a string.")?;
        // ids without a prefix are those of a manifest
        let (id, document_id) = match document_id {
            Some(id) if !id.contains(':') => (Some(id), None),
            prefixed => (None, prefixed),
        };
        if let Some(id) = &id {
            let alone = query.is_none() && !extensions.contains_key("persistedQuery");
            if !alone || !is_id(id) {
                return Err(WRONG_ID);
            }
        }
        let known = match (extensions.get("persistedQuery"), document_id) {
            (Some(_), Some(_)) => return Err("Give one of `documentId` and `extensions.persistedQuery`."),
            (Some(persisted), None) => {
                let hash = persisted["sha256Hash"].as_str().filter(|_| persisted["version"] == 1);
                Some(
                    hash.ok_or("`extensions.persistedQuery` must be of version 1 and have a `sha256Hash`.")?
                        .to_owned(),
                )
            }
            (None, Some(id)) => Some(id.strip_prefix("sha256:").ok_or(WRONG_ID)?.to_owned()),
            (None, None) => None,
        };
        let known = known.map(|hash| read_digest(&hash)).transpose()?;
        match (&query, known) {
            (None, None) if id.is_none() => return Err(NO_DOCUMENT),
            (Some(query), Some(known)) if query.len() <= super::LARGEST_BODY && digest(query) != known => {
                return Err("The digest is not that of the document.");
            }
            _ => {}
        }
        Ok(Self { query, digest: known, id, variables, operation, key })
    }

    /// The idempotency key, from the header or from the body.
    pub fn key(&self, headers: &HeaderMap) -> Result<Option<Key>, Malformed> {
        let mut given = headers.get_all("idempotency-key").iter();
        let header = given.next().map(|value| value.to_str().map_err(|_| WRONG_KEY)).transpose()?;
        let key = match (header, self.key.as_deref()) {
            (Some(one), Some(other)) if one != other => return Err(TWO_KEYS),
            (header, body) => header.or(body),
        };
        if given.next().is_some() {
            return Err(TWO_KEYS);
        }
        if key.is_some_and(|key| !is_key(key)) {
            return Err(WRONG_KEY);
        }
        Ok(key.map(|key| Key { key: key.to_owned(), request: self.identity() }))
    }

    /// Everything that makes two requests the same.
    fn identity(&self) -> Vec<u8> {
        let text = self.id.as_deref().or(self.query.as_deref()).unwrap_or_default();
        let document = self.digest.unwrap_or_else(|| digest(text));
        let operation = serde_json::json!([self.operation, self.variables]);
        [document.as_slice(), operation.to_string().as_bytes()].concat()
    }

    /// The document.
    pub fn source(&self) -> Source<'_> {
        if let Some(id) = &self.id {
            return Source::Listed(id);
        }
        match (&self.query, self.digest) {
            (None, Some(known)) => Source::Known(known),
            (Some(query), Some(_)) => Source::Registered(query),
            (query, _) => Source::Text(query.as_deref().unwrap_or_default()),
        }
    }
}

fn read_digest(hash: &str) -> Result<Digest, Malformed> {
    let mut known = Digest::default();
    hex::decode_to_slice(hash, &mut known).map_err(|_| "A digest is 64 hexadecimal digits.")?;
    Ok(known)
}

fn string(value: Option<Value>) -> Option<Option<String>> {
    match value {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(Some(text)),
        Some(_) => None,
    }
}

fn object(value: Option<Value>) -> Option<Map<String, Value>> {
    match value {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(fields)) => Some(fields),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn body(value: &Value) -> Result<Asked, Malformed> {
        Asked::from_body(value.to_string().as_bytes())
    }

    #[test]
    fn a_body_is_one_object_of_the_right_kinds() {
        let asked =
            body(&json!({"query":"{a}","variables":{"b":1},"operationName":null,"extensions":{},"more":1}));
        let asked = asked.expect("it is well-formed");
        assert_eq!(asked.variables["b"], 1);
        for wrong in [
            json!([{"query":"{a}"}]),
            json!({}),
            json!(null),
            json!({"query":1}),
            json!({"query":["{a}"]}),
            json!({"query":"{a}","variables":[]}),
            json!({"query":"{a}","variables":"{}"}),
            json!({"query":"{a}","operationName":0}),
            json!({"query":"{a}","extensions":"x"}),
            json!({"query":"{a}","documentId":1}),
            json!({"documentId":"md5:00"}),
            json!({"documentId":"deux mots"}),
            json!({"documentId":"a1","query":"{a}"}),
            json!({"query":"{a}","extensions":{"persistedQuery":{}}}),
            json!({"query":"{a}","extensions":{"persistedQuery":{"version":2,"sha256Hash":"00"}}}),
            json!({"query":"{a}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"00".repeat(32)}}}),
        ] {
            assert!(body(&wrong).is_err(), "{wrong}");
        }
        assert!(Asked::from_body(b"{").is_err() && Asked::from_body(&[0xff]).is_err());
    }

    #[test]
    fn a_digest_stands_for_a_document() {
        let hash = hex::encode(digest("{a}"));
        let persisted = json!({"persistedQuery":{"version":1,"sha256Hash":hash}});
        for known in [json!({"extensions":persisted}), json!({"documentId":format!("sha256:{hash}")})] {
            assert_eq!(body(&known).expect("well-formed").source(), Source::Known(digest("{a}")));
        }
        assert_eq!(body(&json!({"documentId":"a1"})).expect("well-formed").source(), Source::Listed("a1"));
        let both = body(&json!({"query":"{a}","extensions":persisted})).expect("well-formed");
        assert_eq!(both.source(), Source::Registered("{a}"));
    }

    #[test]
    fn a_key_comes_by_header_or_by_extension() {
        let asked = |extensions: Value| body(&json!({"query":"{a}","extensions":extensions}));
        let headers = |keys: &[&'static str]| -> HeaderMap {
            let name = || header::HeaderName::from_static("idempotency-key");
            keys.iter().map(|key| (name(), HeaderValue::from_static(key))).collect()
        };
        let none = asked(json!({})).expect("well-formed");
        let some = asked(json!({"idempotencyKey":"k-1"})).expect("well-formed");
        assert_eq!(none.key(&headers(&[])).map(|key| key.is_some()), Ok(false));
        for (asked, given) in [(&none, headers(&["k-1"])), (&some, headers(&[])), (&some, headers(&["k-1"]))]
        {
            assert_eq!(asked.key(&given).map(|key| key.map(|key| key.key)), Ok(Some("k-1".to_owned())));
        }
        for (asked, given) in [
            (&some, headers(&["k-2"])),
            (&none, headers(&["k-1", "k-1"])),
            (&none, headers(&[""])),
            (&none, headers(&["k 1"])),
        ] {
            assert!(asked.key(&given).is_err(), "{given:?}");
        }
        assert!(asked(json!({"idempotencyKey":1})).is_err());
        let long = asked(json!({"idempotencyKey":"k".repeat(256)})).expect("well-formed");
        assert!(long.key(&headers(&[])).is_err());
    }

    #[test]
    fn a_request_is_the_same_however_its_document_is_named() {
        let hash = hex::encode(digest("{a}"));
        let identity = |value: Value| body(&value).expect("well-formed").identity();
        let one = identity(json!({"query":"{a}","variables":{"b":1}}));
        assert_eq!(one, identity(json!({"documentId":format!("sha256:{hash}"),"variables":{"b":1}})));
        for other in [
            json!({"query":"{b}","variables":{"b":1}}),
            json!({"query":"{a}","variables":{"b":2}}),
            json!({"query":"{a}","variables":{"b":1},"operationName":"c"}),
        ] {
            assert_ne!(one, identity(other));
        }
    }

    #[test]
    fn a_url_says_the_same() {
        let asked = Asked::from_url("query=%7Ba%7D&variables=%7B%22b%22%3A1%7D&operationName=&extensions=");
        let asked = asked.expect("well-formed");
        assert_eq!(
            (asked.source(), &asked.variables["b"], asked.operation.as_deref()),
            (Source::Text("{a}"), &json!(1), None)
        );
        for wrong in
            ["", "query=a&query=b", "query=a&variables=b", "query=a&variables=[]", "query=a&extensions=1"]
        {
            assert!(Asked::from_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_body_is_json_in_utf_8() {
        for (content_type, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=\"UTF-8\"", true),
            ("application/json; charset=utf-16", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(is_json(&headers), expected, "{content_type}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
